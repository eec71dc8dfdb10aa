"""A local look-alike of the Gemini API that draws sample pictures with Pillow.

It speaks HTTP as Google's generativelanguage API does, so that google-genai and the bot's own provider
run against it unchanged: `generateContent`, `models.list`, `models.get`, errors in Google's shape, thought
signatures that are checked when they come back, and prompts that make it misbehave
(:mod:`bot.sandbox.gemini.behaviours`).
"""

from bot.sandbox.gemini.behaviours import BEHAVIOURS
from bot.sandbox.gemini.server import LookAlike

__all__ = ["BEHAVIOURS", "LookAlike"]

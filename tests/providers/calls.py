"""Calls that tests make."""

from __future__ import annotations

from bot.domain.answers import Answer
from bot.domain.calls import Call, UserContent
from bot.providers.gemini import Gemini

KEY = "AIzaSyTheKeyThatNobodyMaySee0123456789"
MODEL = "gemini-nano-banana-2.1"
PROMPT = "a red lighthouse at dusk"
SIMPLE = Call(model=MODEL, contents=(UserContent(texts=(PROMPT,)),))


class Arrivals:
    """Counts how often the answer was said to arrive."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


async def ask(
    gemini: Gemini, call: Call = SIMPLE, *, within: float = 20.0, arriving: Arrivals | None = None
) -> Answer:
    """Make a call; `within` is its timeout in seconds."""
    return await gemini.generate(call, timeout=within, arriving=arriving or Arrivals())

"""The sandbox: a simulated Discord server in the browser and a local look-alike of the Gemini API.

Nothing in here leaves the machine. The real bot runs inside it unchanged: it speaks to SimCord's
in-memory Discord and, over real HTTP, to :mod:`bot.sandbox.gemini`.
"""

from __future__ import annotations

import logging

# SimCord makes a client without intents when it is imported, to see whether discord.py is as it expects.
# What discord.py then warns of says nothing about the bot.
_ABOUT_THAT_CLIENT = ("Guilds intent seems to be disabled", "voice will NOT be supported")


def _about_the_bot(record: logging.LogRecord) -> bool:
    return not any(phrase in record.getMessage() for phrase in _ABOUT_THAT_CLIENT)


for _name in ("discord.state", "discord.client"):
    logging.getLogger(_name).addFilter(_about_the_bot)

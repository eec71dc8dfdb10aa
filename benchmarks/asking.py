"""Commands as people give them, and how long their answers take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.bots import Bot
from tests.fakes.discord import Message, Pending

PATIENCE = 300.0  # seconds; who waits longer has a broken bot, and its log is shown
STAMP = 32  # bytes at most that make each of the scripted Gemini's pictures another file


@dataclass(frozen=True, slots=True)
class Answered:
    """One command: seconds from its dispatch to the acknowledgement and to the message with the picture."""

    acknowledged: float
    posted: float


async def ask(bot: Bot, size: int, *, at_once: int = 1) -> list[Answered]:
    """Let `at_once` members use /imagine at once, and wait until each has its picture of `size` bytes.

    Raises:
        AssertionError: what was posted is another file than the provider sent.
    """
    pending = [
        await bot.discord.slash(member, bot.channel, "imagine", prompt=f"a red lighthouse, number {number}")
        for number, member in enumerate(bot.members[:at_once])
    ]
    return list(await asyncio.gather(*(_answered(each, size) for each in pending)))


async def _answered(pending: Pending, size: int) -> Answered:
    await pending.until(lambda message: message.attachments, within=PATIENCE)
    posted = _first_with_picture(pending.history)
    ack = await pending.ack()
    assert 0 <= posted.attachments[0].size - size <= STAMP, f"not {size} bytes: {posted.attachments[0]}"
    return Answered(ack.seconds, pending.seconds(posted))


def _first_with_picture(history: Sequence[Message]) -> Message:
    return next(message for message in history if message.attachments)

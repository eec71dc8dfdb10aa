"""Commands as people give them, and how long their answers take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.bots import Bot
from tests.fakes.discord import Message, Pending

PATIENCE = 300.0  # seconds; who waits longer has a broken bot, and its log is shown
STAMP = 32  # bytes at most that make each of the scripted Gemini's pictures another file


@dataclass(frozen=True, slots=True)
class Answered:
    """One command: seconds from its dispatch to the acknowledgement and to the message with the picture.

    `sent` is how long after the first command of its burst it was dispatched.
    """

    acknowledged: float
    posted: float
    sent: float


async def ask(bot: Bot, size: int, *, at_once: int = 1, over: float = 0.0) -> list[Answered]:
    """Let `at_once` members use /imagine, evenly over so many seconds, and wait until each has its picture.

    Raises:
        AssertionError: what was posted is another file than the provider sent, which has `size` bytes.
    """
    began = time.monotonic()
    pending = []
    for number, member in enumerate(bot.members[:at_once]):
        if (early := began + over * number / at_once - time.monotonic()) > 0:
            await asyncio.sleep(early)
        prompt = f"a red lighthouse, number {number}"
        pending.append(await bot.discord.slash(member, bot.channel, "imagine", prompt=prompt))
    first = pending[0].sent_at
    return list(await asyncio.gather(*(_answered(each, size, first) for each in pending)))


async def _answered(pending: Pending, size: int, first: float) -> Answered:
    await pending.until(lambda message: message.attachments, within=PATIENCE)
    posted = _first_with_picture(pending.history)
    ack = await pending.ack()
    assert 0 <= posted.attachments[0].size - size <= STAMP, f"not {size} bytes: {posted.attachments[0]}"
    return Answered(ack.seconds, pending.seconds(posted), pending.sent_at - first)


def _first_with_picture(history: Sequence[Message]) -> Message:
    return next(message for message in history if message.attachments)

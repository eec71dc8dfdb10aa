"""What the tests of messages that people delete share: words, and where they may still stand."""

from __future__ import annotations

from typing import Any

import discord

from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, start
from tests.fakes.gemini import make_jpeg
from tests.storage.samples import OPEN_WORDS

WORDS = "make it periwinkle"
GONE = "The message with the words was deleted."
NO_WORDS = "The message that asked for this picture was deleted"


async def kept_openly(stage: Stage) -> str:
    async with stage.app.store.engine.reading() as connection:
        rows: list[Any] = [row for sql in OPEN_WORDS for row in await connection.fetch_all(sql)]
    return str([tuple(row) for row in rows])


def shown(stage: Stage, talk: Talk) -> str:
    """Everything that stands in the thread, alternative texts too, but what people wrote themselves."""
    seen = [each for each in stage.messages(talk.thread) if each.own or not each.text.startswith("make it")]
    return "\n".join([*(each.text for each in seen), *(str(m.description) for s in seen for m in s.media)])


async def two_turns(stage: Stage) -> tuple[Talk, discord.Message, Seen]:
    talk = await start(stage)
    asked = await talk.say(WORDS, attachments=[("a.jpg", make_jpeg(64, 64))])
    return talk, asked, await talk.answer(asked)


async def forgotten(stage: Stage, seen: Seen) -> None:
    """Wait until a card does not quote the words any more."""
    await stage.until(lambda: GONE in seen.text, "the card without the words")


async def last(stage: Stage, talk: Talk) -> Seen:
    """The last picture of the thread."""
    return await stage.until(
        lambda: next(
            (seen for seen in reversed(stage.messages(talk.thread)) if seen.media and seen.own), None
        ),
        "a picture",
    )

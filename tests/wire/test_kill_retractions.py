"""`kill -9` around the deletion of a message: after the restart what it said is gone, wherever it stood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.discord import FakeDiscord, Message, media, text
from tests.fakes.gemini import ScriptedGemini
from tests.storage.samples import OPEN_WORDS

from .conversing import Strict, Talker
from .plantain import Plantain, until

WORDS = "a zanzibarian secret"


@pytest.fixture
def strict(gemini: ScriptedGemini) -> Strict:
    gemini.default = Strict()
    return gemini.default


@pytest.fixture
def talker(plantain: Plantain, strict: Strict, discord: FakeDiscord) -> Talker:
    return Talker(plantain, strict, discord.add_member("anna"))


def count(plantain: Plantain, what: str) -> int:
    return int(plantain.records.rows(f"SELECT COUNT(*) AS n FROM {what}")[0]["n"])


def openly(plantain: Plantain) -> str:
    return "\n".join(str(tuple(row)) for sql in OPEN_WORDS for row in plantain.records.rows(sql))


async def picture_in_thread(talker: Talker) -> Message:
    """Wait for the first picture after the one that began the conversation, which stands in the channel."""
    return await talker.discord.until(
        lambda: next((each for each in talker.discord.messages(talker.thread) if media(each)), None)
    )


@asynccontextmanager
async def killed_at_work(plantain: Plantain, talker: Talker) -> AsyncIterator[Message]:
    """The message with the words, while its picture is made. After the block the bot is killed at that."""
    await plantain.start()
    await talker.start("a cottage")
    hold = plantain.gemini.hold()
    asked = await talker.discord.send_message(talker.member, talker.thread, WORDS)
    await hold.arrived()
    yield asked
    await plantain.processes[-1].kill()
    hold.drop()


async def without_words(plantain: Plantain, message: Message) -> None:
    discord = plantain.discord
    await until(
        lambda: "The message with the words was deleted." in text(discord.world.messages[message.id]),
        within=60,
        describe=discord.describe,
    )
    shown = discord.world.messages[message.id]
    assert WORDS not in f"{text(shown)}{shown}"
    assert WORDS not in openly(plantain)


async def test_a_card_is_written_anew_by_the_next_start(
    plantain: Plantain, discord: FakeDiscord, talker: Talker, strict: Strict
) -> None:
    await plantain.start()
    await talker.start("a cottage")
    asked = await discord.send_message(talker.member, talker.thread, WORDS)
    answer = await talker.answer_to(asked)
    await plantain.quiet()
    changing = discord.hold("PATCH", f"/channels/{talker.thread.id}/messages/{answer.id}")
    await discord.delete_message(asked)
    await changing.arrived()
    await plantain.processes[-1].kill()
    changing.drop()
    assert WORDS in text(discord.world.messages[answer.id])
    await plantain.start()
    await without_words(plantain, answer)
    await talker.say("at night", check=False)
    assert WORDS not in str(plantain.gemini.history[-1].body) and strict.refused == []


async def test_what_was_being_made_is_made_without_a_trace_of_the_words(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker, strict: Strict
) -> None:
    async with killed_at_work(plantain, talker) as asked:
        await discord.delete_message(asked)
        await until(lambda: count(plantain, "retractions") == 1, within=20, describe=discord.describe)
    await plantain.start()
    await without_words(plantain, await picture_in_thread(talker))
    assert [got.text for got in gemini.history] == ["a cottage", WORDS, WORDS]  # as any job that was killed
    assert strict.refused == []


async def test_a_message_that_was_deleted_while_the_bot_was_down(
    plantain: Plantain, discord: FakeDiscord, talker: Talker
) -> None:
    async with killed_at_work(plantain, talker) as asked:
        await discord.until(lambda: discord.world.reactions.get(asked.id))
    await discord.delete_message(asked)
    await plantain.start()
    await without_words(plantain, await picture_in_thread(talker))

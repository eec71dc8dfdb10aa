"""`kill -9` around the deletion of a message: after the restart what it said is gone, wherever it stood."""

from __future__ import annotations

import pytest

from tests.fakes.discord import FakeDiscord, Message, media, text
from tests.fakes.gemini import ScriptedGemini

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
    """What anybody but moderators is shown is made of these."""
    tables = (
        "SELECT request, words FROM jobs",
        "SELECT said FROM turns",
        "SELECT text, content FROM answers",
    )
    return "\n".join(str(tuple(row)) for sql in tables for row in plantain.records.rows(sql))


async def last_picture(talker: Talker, before: int) -> Message:
    """The picture that comes after so many."""
    return await talker.discord.until(
        lambda: next(
            iter([each for each in talker.discord.messages(talker.thread) if media(each)][before:]), None
        )
    )


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
    await plantain.start()
    await talker.start("a cottage")
    hold = gemini.hold()
    asked = await discord.send_message(talker.member, talker.thread, WORDS)
    await hold.arrived()
    await discord.delete_message(asked)
    await until(lambda: count(plantain, "retractions") == 1, within=20, describe=discord.describe)
    await plantain.processes[-1].kill()
    hold.drop()
    await plantain.start()
    await without_words(plantain, await last_picture(talker, 0))
    assert [got.text for got in gemini.history] == ["a cottage", WORDS, WORDS]  # as any job that was killed
    assert strict.refused == []


async def test_a_message_that_was_deleted_while_the_bot_was_down(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker
) -> None:
    await plantain.start()
    await talker.start("a cottage")
    hold = gemini.hold()
    asked = await discord.send_message(talker.member, talker.thread, WORDS)
    await hold.arrived()
    await discord.until(lambda: discord.world.reactions.get(asked.id))
    await plantain.processes[-1].kill()
    await discord.delete_message(asked)
    hold.drop()
    await plantain.start()
    await without_words(plantain, await last_picture(talker, 0))

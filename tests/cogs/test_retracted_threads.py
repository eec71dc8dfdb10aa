"""Threads that were named after words whose messages people delete."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.retracting import WORDS, forgotten, kept_openly, two_turns
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, start
from tests.fakes.gemini import make_jpeg


async def named(stage: Stage, words: str) -> simcord.ChannelHandle:
    """Wait for the thread that is named after some words."""
    return await stage.until(
        lambda: next((each for each in stage.channel.threads if each.name == words), None), "the thread"
    )


def name_of(stage: Stage, thread: simcord.ChannelHandle) -> str:
    return next(str(each.name) for each in stage.channel.threads if each.id == thread.id)


async def test_a_thread_is_not_named_after_words_that_were_taken_back(stage: Stage) -> None:
    """One that was opened from within another begins with our message, which quotes them."""
    talk = await start(stage)
    await talk.use("thread", prompt=WORDS)
    beside = await named(stage, WORDS)
    await stage.done(2)
    opening = next(each for each in beside.history() if WORDS in each.content)
    stage.env.backend.delete_message(beside.id, opening.id)
    await stage.until(lambda: name_of(stage, beside) == "Conversation", "the new name")
    assert name_of(stage, talk.thread) == "a lighthouse"
    assert WORDS not in await kept_openly(stage)
    await stage.until(lambda: all(WORDS not in seen.text for seen in stage.messages(beside)), "no words")


@pytest.mark.parametrize("what", ["words", "a later turn"])
async def test_a_thread_that_a_picture_began_loses_the_name_with_its_words_alone(
    stage: Stage, what: str
) -> None:
    talk, asked, card = await two_turns(stage)
    await stage.ben.click(card.message, label="Thread")
    other = await named(stage, WORDS)
    if what == "words":
        await stage.alice.delete(asked)
        await stage.until(lambda: name_of(stage, other) == "Conversation", "the new name")
    else:
        later = Talk(stage, other)
        sent = await later.say("brighter", stage.ben, attachments=[("a.jpg", make_jpeg(64, 64))])
        await later.answer(sent)
        await stage.ben.delete(sent)
        await stage.env.settle()
        assert name_of(stage, other) == WORDS
    assert name_of(stage, talk.thread) == "a lighthouse"


async def test_the_words_go_where_a_thread_cannot_be_renamed(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    await stage.ben.click(card.message, label="Thread")
    other = await named(stage, WORDS)
    stage.env.backend.delete_channel(other.id)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    assert WORDS not in await kept_openly(stage)

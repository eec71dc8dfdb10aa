"""A database that is locked by somebody else: Discord does not wait longer than three seconds."""

from __future__ import annotations

import asyncio

import pytest
import simcord

from tests.cogs.locking import locked, thinking
from tests.cogs.stage import Stage


@pytest.mark.parametrize("private", [False, True])
async def test_a_lock_that_is_let_go_of_in_time_is_waited_for(stage: Stage, private: bool) -> None:
    async with locked(stage):
        asked = asyncio.create_task(stage.imagine(private=private))
        await thinking(stage)
    result = await asked
    assert result.ephemeral is private
    seen = await stage.finished(result)
    assert seen.media
    assert len(stage.messages(viewer=stage.alice)) == 1


@pytest.mark.parametrize("stage", [{"daily_images": 1}], indirect=True)
async def test_a_refusal_that_comes_late_is_private_all_the_same(stage: Stage) -> None:
    """What stood in the channel meanwhile is taken back."""
    card = await stage.picture()
    async with locked(stage):
        asked = asyncio.create_task(stage.imagine())
        await thinking(stage)
    assert "The daily limit is 1 image" in stage.said(await asked)
    assert [message.id for message in stage.messages()] == [card.id]


async def test_a_lock_that_stays_is_said_privately(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.may_break = True
    async with locked(stage):
        result: simcord.InteractionResult = await stage.imagine()
    assert "The bot cannot reach its data right now. Nothing was started or charged." in stage.said(result)
    assert stage.messages() == [], "the bot does not go on thinking"
    assert await stage.jobs() == []
    assert (await stage.picture()).media


async def test_a_thread_is_opened_on_a_card_that_can_be_seen(stage: Stage) -> None:
    working = stage.gemini.hold()
    async with locked(stage):
        asked = asyncio.create_task(stage.alice.slash(stage.channel, "thread", prompt="a lighthouse"))
        await thinking(stage)
    await stage.meanwhile(lambda: stage.channel.threads, "the thread")
    assert not any(one.loading for one in stage.env.backend.interactions.values())
    working.release()
    assert (await stage.finished(await asked)).media


async def test_deleting_under_a_lock(stage: Stage) -> None:
    card = await stage.picture()
    asked = await stage.alice.click(card.message, label="Delete")
    question = stage.answer(asked)
    assert question is not None
    async with locked(stage):
        pressed = asyncio.create_task(stage.alice.click(question.message, label="Yes, delete it"))
        interactions = stage.env.backend.interactions
        await stage.meanwhile(lambda: any(one.deferred for one in interactions.values()), "acknowledged")
    await pressed
    await stage.until(lambda: card.gone, "the message is gone")
    assert question.text.endswith("is deleted.")

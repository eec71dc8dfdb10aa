"""The button Cancel under a card on its way, and what a card says about waiting."""

from __future__ import annotations

from typing import Any

import pytest

from bot.catalogue import load_catalogue
from bot.domain.breaker import Breaker
from bot.domain.jobs import FailureCode, Job, JobState
from bot.domain.lanes import Lane, Trouble, TroubleKind
from bot.domain.outlook import Outlook
from bot.domain.server_limits import LimitsState, ServerLimits
from bot.domain.server_settings import ServerSettings, ServerState
from bot.domain.tiers import Tier
from cogs.queue_words import waiting as waiting_lines
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage
from tests.fakes.gemini import overloaded

STANDARD, DRAFT = "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image"
PRO = "gemini-3-pro-image"
one_at_once = pytest.mark.parametrize("stage", [{"max_concurrent": 1}], indirect=True)


async def press(stage: Stage, who: Person, card: Seen) -> Any:
    return await forged.press(stage, who, card, card.buttons["Cancel"])


async def waiting(stage: Stage, first_of: Person | None = None) -> tuple[Any, Seen, Seen]:
    """A request at work and one of Alice's that waits, with their cards."""
    hold = stage.gemini.hold()
    first = stage.answer(await stage.imagine(first_of or stage.ben, prompt="first"))
    await hold.arrived()
    await stage.env.advance_time(1)
    second = stage.answer(await stage.imagine(prompt="second"))
    assert first is not None
    assert second is not None
    return hold, first, second


def code_of(job: Job) -> FailureCode | None:
    return job.failure.code if job.failure else None


@one_at_once
async def test_the_owner_cancels_what_waits_and_pays_nothing(stage: Stage) -> None:
    hold, _, card = await waiting(stage)
    await press(stage, stage.alice, card)
    await stage.until(lambda: card.final, "the end")
    assert card.text.startswith("**No picture this time.**\nThis was cancelled. Nothing was charged.")
    assert "Cancel" not in card.buttons
    hold.release()
    jobs = await stage.done(2)
    assert [(job.state, code_of(job)) for job in jobs] == [
        (JobState.SUCCEEDED, None),
        (JobState.FAILED, FailureCode.CANCELLED),
    ]
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.ben.id: 1}}


@one_at_once
async def test_a_moderator_may_and_another_member_may_not(stage: Stage) -> None:
    hold, _, card = await waiting(stage)
    refused = await press(stage, stage.ben, card)
    assert stage.said(refused) == "Only the person who asked for this picture, or a moderator, can cancel it."
    await press(stage, stage.mona, card)
    await stage.until(lambda: card.final, "the end")
    hold.release()
    assert code_of((await stage.done(2))[1]) is FailureCode.CANCELLED


async def test_what_is_being_made_costs_the_same_and_is_finished(stage: Stage) -> None:
    hold = stage.gemini.hold()
    card = stage.answer(await stage.imagine())
    assert card is not None
    await hold.arrived()
    said = stage.said(await press(stage, stage.alice, card))
    assert "stopping it now would cost the same" in said
    hold.release()
    assert [job.state for job in await stage.done(1)] == [JobState.SUCCEEDED]


@one_at_once
async def test_the_button_works_after_a_restart(stage: Stage) -> None:
    hold, _, card = await waiting(stage, stage.alice)
    custom_id = card.buttons["Cancel"]
    again = stage.gemini.hold()
    await stage.restart()
    await again.arrived()
    await forged.press(stage, stage.alice, card, custom_id)
    hold.release()
    again.release()
    jobs = await stage.done(2)
    assert code_of(jobs[1]) is FailureCode.CANCELLED


async def test_the_result_says_nothing_of_cancelling(stage: Stage) -> None:
    card = await stage.picture()
    assert "Cancel" not in card.buttons
    job_id = card.buttons["Vary"].rpartition(":")[2]
    said = stage.said(await forged.press(stage, stage.alice, card, f"plantain:cancel:{job_id}"))
    assert "delete it" in said


async def test_a_model_that_is_out_of_reach_is_said_on_the_card(stage: Stage) -> None:
    stage.may_break = True
    now = stage._world.now()
    lanes = stage.app.studio.lanes
    lanes._lanes[STANDARD] = Lane(STANDARD, Breaker(9, ("a", "b", "c"), now, now + 3_600_000, 1000))
    async with stage.app.store.transaction() as tx:
        await tx.lanes.save(lanes.lane(STANDARD))
    card = stage.answer(await stage.imagine())
    assert card is not None
    assert "has been out of reach since" in card.text
    assert "stays in the queue" in card.text
    assert [job.state for job in await stage.jobs()] == [JobState.CREATED]


async def test_the_card_says_which_model_made_it(stage: Stage) -> None:
    async with stage.app.store.transaction() as tx:
        settings = ServerSettings(fallback_model=DRAFT)
        await tx.settings.save_server(ServerState(stage.guild.id, settings, 1, 1, 1))
    stage.gemini.enqueue(overloaded())
    card = await stage.picture()
    models = stage.app.studio.catalogue
    names = [models.resolve(name).model.label for name in (DRAFT, STANDARD)]
    assert f"Made by {names[0]}, because {names[1]} was out of reach." in card.text


async def test_the_stand_in_of_a_members_tier_makes_it(stage: Stage) -> None:
    """Not the server's, which is for members whose tiers name none."""
    artists = stage.guild.create_role("Artists")
    painter = stage.guild.add_member(stage.env.create_user("paula"), roles=[artists])
    tier = Tier("artists", roles=(artists.id,), fallback=PRO)
    async with stage.app.store.transaction() as tx:
        settings = ServerSettings(fallback_model=DRAFT)
        await tx.settings.save_server(ServerState(stage.guild.id, settings, 1, 1, 1))
        await tx.limits.save_server(LimitsState(stage.guild.id, ServerLimits(tiers=(tier,)), 1, 1, 1))
    models = stage.app.studio.catalogue
    for who, stand_in in ((painter, PRO), (stage.alice, DRAFT)):
        stage.gemini.enqueue(overloaded())
        card = await stage.picture(who)
        names = [models.resolve(name).model.label for name in (stand_in, STANDARD)]
        assert f"Made by {names[0]}, because {names[1]} was out of reach." in card.text


def test_what_a_card_says_of_a_stand_in_and_of_a_used_up_day() -> None:
    models = load_catalogue(None)
    failing = Trouble(TroubleKind.FAILING, 1_000, 60_000, STANDARD)
    assert waiting_lines(Outlook(trouble=failing, instead=DRAFT), models) == [
        "-# Nano Banana 2.1 is out of reach, so Nano Banana 2 Lite makes it."
    ]
    used_up = Trouble(TroubleKind.DAY_USED_UP, 1_000, 60_000, STANDARD)
    assert waiting_lines(Outlook(trouble=used_up), models) == [
        "-# The day's quota for Nano Banana 2.1 is used up; it starts again <t:60:R>. Your request stays in "
        "the queue."
    ]

"""The way to a model: paused when it fails again and again, slowed down when it refuses, or replaced."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.breaker import BreakerPolicy
from bot.domain.catalogue import Retired
from bot.domain.jobs import FailureCode, JobState
from bot.domain.lanes import TroubleKind
from bot.domain.operator_limits import OperatorLimits
from bot.domain.pricing import estimate, total_cost
from bot.domain.requests import Options
from bot.domain.retry import RetryPolicy
from bot.domain.server_settings import ServerSettings, ServerState
from bot.domain.standing import Place, Standing
from bot.domain.tiers import EVERYONE, Tier
from bot.errors import Busy, CapReached, ModelGone, Throttled
from bot.studio.bounds import Bounds
from tests.fakes.provider import Reply
from tests.studio.world import DRAFT, GUILD, STANDARD, Process, World, make_origin, make_request

PRO = "gemini-3-pro-image"
NEVER_AGAIN = RetryPolicy(budget=0)
# Three failures of three jobs, however close together.
STRICT = BreakerPolicy(failures=3, jobs=3, span=0)


async def ask(process: Process, prompt: str = "a lighthouse", member: int = 1, **options: object) -> str:
    ticket = await process.submissions.submit(make_request(prompt, **options), make_origin(member_id=member))
    return ticket.job.id


async def let_time_pass(world: World, state: JobState, *job_ids: str) -> None:
    """Move the clock until these jobs are in a state."""
    async with asyncio.timeout(20):
        while set(await states(world, *job_ids)) != {state}:
            world.clock.advance(1)
            await asyncio.sleep(0.02)  # real work goes on meanwhile


async def states(world: World, *job_ids: str) -> list[JobState]:
    return [(await world.job(job_id)).state for job_id in job_ids]


async def broken(world: World, process: Process) -> None:
    """Let the standard model fail until nothing is asked of it."""
    world.provider.enqueue(*(Busy("503") for _ in range(3)))
    failed = [await ask(process, member=number) for number in range(3)]
    for job_id in failed:
        await world.until_state(job_id, JobState.FAILED)
    assert process.lanes.is_broken(STANDARD)


async def test_while_a_model_fails_nothing_is_asked_and_those_who_wait_stay(world: World) -> None:
    async with world.running(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
        calls = len(world.provider.history)
        waiting = [await ask(process, member=10 + number) for number in range(3)]
        process.workers.wake()
        await world.clock.until_asleep("queue")
        world.clock.advance(5)
        await world.clock.until_asleep("queue", 2)
        told = [item for item in world.notifier.progressed if item.job_id == waiting[0]][-1]
        assert told.outlook.trouble is not None
        assert told.outlook.trouble.kind is TroubleKind.FAILING
        assert told.outlook.trouble.until > world.clock.now()
        assert (await states(world, *waiting), len(world.provider.history)) == ([JobState.CREATED] * 3, calls)
        world.clock.advance(10)  # the pause is over
        for job_id in waiting:
            await world.until_state(job_id, JobState.SUCCEEDED)
        assert not process.lanes.is_broken(STANDARD)


async def test_a_new_request_is_told_at_once(world: World) -> None:
    async with world.running(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
        ticket = await process.submissions.submit(make_request(), make_origin())
        assert ticket.outlook.trouble is not None
        assert ticket.outlook.trouble.model == STANDARD
        world.clock.advance(10)


async def test_one_probe_at_a_time_and_a_failed_one_stays_in_the_queue(world: World) -> None:
    async with world.running(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
        world.provider.enqueue(Busy("503"))
        waiting = [await ask(process, member=10 + number) for number in range(5)]
        calls = len(world.provider.history)
        world.provider.hold()
        world.clock.advance(10)
        await world.provider.until_inside(1)
        process.workers.wake()
        await world.clock.until_asleep("queue", 2)
        assert len(world.provider.history) == calls + 1
        world.provider.release()
        for job_id in waiting:
            await world.until_state(job_id, JobState.SUCCEEDED)
    assert len(world.provider.history) == calls + 6


async def test_what_was_learnt_survives_a_restart(world: World) -> None:
    async with world.lost(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
    async with world.running(breaker=STRICT) as process:
        assert process.lanes.is_broken(STANDARD)
        job_id = await ask(process)
        process.workers.wake()
        await world.clock.until_asleep("queue", 2)
        assert await states(world, job_id) == [JobState.CREATED]
        world.clock.advance(10)


async def test_another_model_is_not_concerned(world: World) -> None:
    async with world.running(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
        job_id = await ask(process, model=DRAFT)
        await world.until_state(job_id, JobState.SUCCEEDED)


async def test_whoever_was_tried_has_final_words_within_the_budget(world: World) -> None:
    """Whatever the breaker thinks."""
    world.provider.hold()
    world.provider.enqueue(*(Busy("503") for _ in range(500)))
    waiting = world.process()
    jobs = [await ask(waiting, member=number) for number in range(8)]
    world.clock.held.add("retry")
    async with world.running(breaker=STRICT) as process:
        await world.provider.until_inside(8)
        world.provider.release()
        await world.clock.until_asleep("retry", 8)  # each was tried once
        assert process.lanes.is_broken(STANDARD)
        world.clock.advance(31)  # no more time passes than was promised
        for job_id in jobs:
            await world.until_state(job_id, JobState.FAILED)
        world.clock.release("retry")
    failures = [(await world.job(job_id)).failure for job_id in jobs]
    assert {failure and failure.code for failure in failures} == {FailureCode.BUSY}
    assert len(world.provider.history) <= 9  # and one probe


# --- pace -------------------------------------------------------------------------------------------------


async def test_a_burst_that_the_key_does_not_take_at_once_is_made_all_the_same(world: World) -> None:
    """Ten go through, the others are refused: they are queued, and come when their minute has come."""
    world.clock.held.add("lane")
    world.provider.hold()
    refused = [Throttled("429", retry_after=50.0) for _ in range(20)]
    world.provider.enqueue(*(Reply() for _ in range(10)), *refused)
    waiting = world.process()
    jobs = [await ask(waiting, member=number) for number in range(30)]
    async with world.running() as process:
        await world.provider.until_inside(30)
        world.provider.release()

        async def ten_are_made() -> bool:
            return (await states(world, *jobs)).count(JobState.SUCCEEDED) == 10

        await world.observed.until_so(ten_are_made)
        assert (await states(world, *jobs)).count(JobState.RUNNING) == 20
        await let_time_pass(world, JobState.SUCCEEDED, *jobs)
        assert process.lanes.lane(STANDARD).pace.per_minute is not None
    assert len(world.provider.history) == 50


async def test_a_key_that_takes_nothing_is_no_burst(world: World) -> None:
    world.clock.held.add("lane")
    world.provider.hold()
    world.provider.enqueue(*(Throttled("429", retry_after=53.0) for _ in range(100)))
    waiting = world.process()
    jobs = [await ask(waiting, member=number) for number in range(12)]
    async with world.running():
        await world.provider.until_inside(12)
        world.provider.release()
        began = world.clock.monotonic()
        await let_time_pass(world, JobState.FAILED, *jobs)
        assert world.clock.monotonic() - began <= 40
    assert len(world.provider.history) == 12


async def test_one_that_is_refused_without_a_burst_is_told_so(world: World) -> None:
    world.provider.enqueue(Throttled("429", retry_after=53.0))
    async with world.running() as process:
        job_id = await ask(process)
        await world.until_state(job_id, JobState.FAILED)
    failure = (await world.job(job_id)).failure
    assert failure is not None
    assert failure.code is FailureCode.BUSY


async def test_after_one_refusal_the_next_request_does_not_wait_for_a_minute(world: World) -> None:
    world.provider.enqueue(Throttled("429", retry_after=53.0))
    async with world.running() as process:
        await world.until_state(await ask(process), JobState.FAILED)
        began = world.clock.monotonic()
        await let_time_pass(world, JobState.SUCCEEDED, await ask(process))
        assert world.clock.monotonic() - began <= 40  # and not for the minute that was asked for


async def test_who_waits_too_long_is_given_up(world: World) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=1, longest_wait=600)) as process:
        running = await ask(process)
        await world.provider.until_inside()
        job_id = await ask(process, member=2)
        world.clock.advance(700)
        await world.until_state(job_id, JobState.FAILED)
        failure = (await world.job(job_id)).failure
        assert failure is not None
        assert failure.code is FailureCode.EXPIRED
        assert await states(world, running) == [JobState.RUNNING]
        world.provider.release()
    assert await world.used(2) == 0


# --- another model in its place ---------------------------------------------------------------------------


async def with_fallback(world: World) -> None:
    async with world.store.transaction() as tx:
        settings = ServerSettings(fallback_model=DRAFT)
        await tx.settings.save_server(ServerState(GUILD, settings, 1, 1, 1))


async def test_another_model_takes_its_place_where_the_server_wants_that(world: World) -> None:
    await with_fallback(world)
    world.provider.enqueue(Busy("503"), Reply())
    async with world.running(policy=NEVER_AGAIN) as process:
        job_id = await ask(process, size="4K")
        await world.until_state(job_id, JobState.SUCCEEDED)
    job = await world.job(job_id)
    assert [made.call.model for made in world.provider.history] == [STANDARD, DRAFT]
    assert (job.stand_in, job.model, job.request.options.model) == (DRAFT, DRAFT, STANDARD)
    answers = await world.answers(job_id)
    draft = world.catalogue.resolve(DRAFT).model
    assert job.cost_micros == total_cost({DRAFT: draft}, None, answers.values())
    reserved = await world.rows("SELECT reserved_micros FROM ledger WHERE kind = 'reserve'")
    standard = world.catalogue.resolve(STANDARD).model
    assert reserved[0][0] >= standard.size_named("4K").tokens * 30


async def test_while_it_is_out_of_reach_the_other_one_is_asked_at_once(world: World) -> None:
    async with world.running(policy=NEVER_AGAIN, breaker=STRICT) as process:
        await broken(world, process)
        await with_fallback(world)
        ticket = await process.submissions.submit(make_request(), make_origin(member_id=9))
        assert ticket.outlook.instead == DRAFT
        await world.until_state(ticket.job.id, JobState.SUCCEEDED)
        assert world.provider.history[-1].call.model == DRAFT


async def test_a_model_that_cannot_make_the_same_takes_nobodys_place(world: World) -> None:
    await with_fallback(world)
    draft = world.catalogue.resolve(DRAFT).model
    standard = world.catalogue.resolve(STANDARD).model
    odd = next((ratio for ratio in standard.ratios if ratio not in draft.ratios), None)
    assert world.catalogue.stand_in(Options(STANDARD), DRAFT, draft.max_inputs + 1) is None
    assert world.catalogue.stand_in(Options(DRAFT), DRAFT) is None
    assert world.catalogue.stand_in(Options(STANDARD), "nobody-knows-it") is None
    if odd is not None:
        world.provider.enqueue(Busy("503"))
        async with world.running(policy=NEVER_AGAIN) as process:
            job_id = await ask(process, ratio=odd)
            await world.until_state(job_id, JobState.FAILED)
        assert len(world.provider.history) == 1


async def test_what_a_member_may_not_use_takes_no_models_place(world: World) -> None:
    await with_fallback(world)
    world.provider.enqueue(Busy("503"))
    operator = OperatorLimits(tiers=(Tier(EVERYONE, models=(STANDARD,)),))
    async with world.running(policy=NEVER_AGAIN, operator=operator) as process:
        job_id = await ask(process)
        await world.until_state(job_id, JobState.FAILED)
    assert (await world.job(job_id)).request.fallback is None
    assert [made.call.model for made in world.provider.history] == [STANDARD]


# --- a stand-in of a tier ---------------------------------------------------------------------------------


def tiers(*names: str | None, **changes: Any) -> OperatorLimits:
    """Tiers that everybody has, each with another stand-in."""
    return OperatorLimits(
        tiers=tuple(Tier(f"t{place}", fallback=name, members=(1,)) for place, name in enumerate(names)),
        **changes,
    )


def price_of(world: World, model: str, size: str | None = None) -> int:
    found = world.catalogue.resolve(model).model
    return estimate(found, Options(model, size=size), "a lighthouse")


async def accepted(world: World, operator: OperatorLimits, **options: Any) -> tuple[str | None, int]:
    """The stand-in of a request, and what was reserved for it."""
    process = world.process(operator=operator)
    job_id = await ask(process, **options)
    reserved = await world.rows(
        "SELECT reserved_micros FROM ledger WHERE job_id = :job_id AND kind = 'reserve'", job_id=job_id
    )
    return (await world.job(job_id)).request.fallback, reserved[0][0]


async def test_of_several_tiers_the_best_stand_in_counts_and_its_price_is_reserved(world: World) -> None:
    assert await accepted(world, tiers(DRAFT, PRO, None)) == (PRO, price_of(world, PRO))


async def test_a_tiers_stand_in_goes_before_the_servers(world: World) -> None:
    await with_fallback(world)
    assert (await accepted(world, tiers(PRO)))[0] == PRO
    assert (await accepted(world, tiers(None)))[0] == DRAFT


async def test_a_stand_in_that_a_cap_of_dollars_leaves_no_room_for_is_none(world: World) -> None:
    """The next best is taken, or none; what was asked for is not refused because of it."""
    room = price_of(world, STANDARD) * 2
    operator = tiers(DRAFT, PRO, bot_daily_micros=room)
    assert await accepted(world, operator) == (DRAFT, price_of(world, STANDARD))
    only_pro = tiers(PRO, bot_daily_micros=room)
    assert await accepted(world, only_pro) == (None, price_of(world, STANDARD))
    with pytest.raises(CapReached):
        await accepted(world, only_pro)


async def test_a_stand_in_makes_what_it_takes_or_nothing(world: World) -> None:
    assert (await accepted(world, tiers(DRAFT), ratio="8:1"))[0] is None
    assert (await accepted(world, tiers(DRAFT, "gone-long-ago")))[0] == DRAFT
    assert (await accepted(world, tiers("gemini-2.5-flash-image"), model=DRAFT))[0] == STANDARD  # replaced
    small = Tier(EVERYONE, largest_size="1K")
    limits = OperatorLimits(tiers=(small, *tiers(PRO).tiers))
    assert (await accepted(world, limits))[0] == PRO


async def test_a_tiers_stand_in_serves_in_direct_messages_too(world: World) -> None:
    process = world.process(operator=tiers(DRAFT))
    ticket = await process.submissions.submit(
        make_request(), make_origin(member_id=1, guild_id=None), Standing(place=Place.DIRECT)
    )
    assert ticket.job.request.fallback == DRAFT


# --- a model that is gone ---------------------------------------------------------------------------------


def shut_down(world: World, model: str, replaced_by: str) -> None:
    """Take a model off the catalogue, as an operator does between two starts."""
    models = tuple(item for item in world.catalogue.models if item.id != model)
    retired = Retired(model, "2026-11-21", replaced_by)
    world.catalogue = replace(world.catalogue, models=models, retired=(*world.catalogue.retired, retired))


async def test_who_waited_for_a_model_that_was_retired_has_the_one_that_takes_its_place(world: World) -> None:
    job_id, odd = await ask(world.process(), size="4K"), await ask(world.process(), ratio="8:1")
    shut_down(world, STANDARD, DRAFT)
    async with world.running():
        await world.until_state(job_id, JobState.SUCCEEDED)
        await world.until_state(odd, JobState.FAILED)  # the other one does not make that
    job = await world.job(job_id)
    assert (job.stand_in, [made.call.model for made in world.provider.history]) == (DRAFT, [DRAFT])
    failure = (await world.job(odd)).failure
    assert failure is not None
    assert failure.code is FailureCode.RETIRED
    assert await world.open_reservations() == []
    assert await world.used(1) == 1


async def test_a_model_that_is_gone_is_no_trouble_of_the_service(world: World) -> None:
    world.provider.enqueue(*(ModelGone("404") for _ in range(5)))
    async with world.running(breaker=STRICT) as process:
        jobs = [await ask(process, member=number) for number in range(5)]
        for job_id in jobs:
            await world.until_state(job_id, JobState.FAILED)
        assert process.lanes.trouble(STANDARD) is None
    assert {failure and failure.code for failure in [(await world.job(name)).failure for name in jobs]} == {
        FailureCode.RETIRED
    }
    assert len(world.provider.history) == 5
    assert await world.open_reservations() == []

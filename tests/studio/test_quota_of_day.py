"""The provider's quota of the day: learnt, said before anything is accepted, waited for, and found again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.day_quota import FIRST_PAUSE
from bot.domain.jobs import FailureCode, JobState
from bot.domain.lanes import TroubleKind
from bot.domain.operator_limits import OperatorLimits
from bot.domain.tiers import EVERYONE, Tier
from bot.errors import QuotaUsedUp, Throttled
from bot.studio.bounds import Bounds
from tests.fakes.provider import Reply
from tests.studio.test_lanes import ask, states, with_fallback
from tests.studio.world import DRAFT, STANDARD, Process, World

# The clock stands at 5 in the morning in California, where the provider's days begin.
MIDNIGHT = int(datetime(2026, 6, 2, 7, tzinfo=UTC).timestamp() * 1000)
PAUSE = FIRST_PAUSE / 1000


def used_up(limit: int | None = None) -> Throttled:
    return Throttled("429", retry_after=30_000.0, daily=True, limit=limit)


async def refused(process: Process, member: int = 9, **options: Any) -> QuotaUsedUp:
    with pytest.raises(QuotaUsedUp) as caught:
        await ask(process, member=member, **options)
    return caught.value


async def use_up(world: World, process: Process, limit: int | None = None) -> str:
    """Let a call be refused for the day; return its job."""
    world.provider.enqueue(used_up(limit))
    job_id = await ask(process)
    await world.until_state(job_id, JobState.FAILED)
    return job_id


async def code_of(world: World, job_id: str) -> FailureCode | None:
    failure = (await world.job(job_id)).failure
    return None if failure is None else failure.code


async def made(world: World, *job_ids: str) -> None:
    for job_id in job_ids:
        await world.until_state(job_id, JobState.SUCCEEDED)


# --- when it is used up -----------------------------------------------------------------------------------


async def test_a_used_up_day_is_said_before_anything_is_accepted(world: World) -> None:
    async with world.running() as process:
        job_id = await use_up(world, process)
        before = await world.everything()
        said = await refused(process)
        assert (said.model, said.resets_at) == ("Nano Banana 2.1", MIDNIGHT)
        assert said.others == ("Nano Banana 2 Lite", "Nano Banana Pro")
        assert await world.everything() == before
        await made(world, await ask(process, model=DRAFT))
    assert await code_of(world, job_id) is FailureCode.QUOTA
    assert await world.open_reservations() == []
    assert [call.call.model for call in world.provider.history] == [STANDARD, DRAFT]


async def test_a_single_refusal_is_told_and_the_next_call_decides(world: World) -> None:
    """It may be another quota that is named wrongly, or one that begins anew in this moment."""
    once = Throttled("429", retry_after=30.0, daily=True, limit=250)
    world.provider.enqueue(once, Reply(), once, once)
    async with world.running() as process:
        first = await ask(process)
        await world.until_state(first, JobState.FAILED)
        assert await code_of(world, first) is FailureCode.QUOTA
        await made(world, await ask(process))
        assert process.lanes.lane(STANDARD).at_once is None
        for _ in range(2):
            await world.until_state(await ask(process), JobState.FAILED)
        assert (await refused(process)).resets_at == MIDNIGHT
    assert len(world.provider.history) == 4


async def test_a_number_that_fits_leaves_no_doubt(world: World) -> None:
    world.provider.enqueue(Reply(), Reply(), Throttled("429", retry_after=30.0, daily=True, limit=2))
    async with world.running() as process:
        await made(world, await ask(process), await ask(process))
        await world.until_state(await ask(process), JobState.FAILED)
        await refused(process)


async def test_what_may_be_used_instead_is_what_somebody_may_use(world: World) -> None:
    operator = OperatorLimits(tiers=(Tier(EVERYONE, models=(STANDARD, DRAFT)),))
    async with world.running(operator=operator) as process:
        await use_up(world, process)
        assert (await refused(process)).others == ("Nano Banana 2 Lite",)


async def test_it_is_known_after_a_restart_and_over_with_the_day(world: World) -> None:
    async with world.lost() as process:
        await use_up(world, process, limit=250)
    async with world.running() as process:
        assert (await refused(process)).resets_at == MIDNIGHT
        world.clock.set(datetime(2026, 6, 2, 7, tzinfo=UTC))
        assert process.lanes.trouble(STANDARD) is None
        await made(world, *[await ask(process, member=number) for number in range(3)])
        day = process.lanes.lane(STANDARD).day
        assert (day.limit, day.until) == (250, 0)


async def test_one_request_finds_out_whether_there_is_more(world: World) -> None:
    async with world.running() as process:
        await use_up(world, process)
        world.clock.pass_by(PAUSE)
        world.provider.hold()
        first = await ask(process, member=2)
        await world.provider.until_inside()
        await refused(process, 3)
        world.provider.release()
        await made(world, first)
        assert process.lanes.trouble(STANDARD) is None
        await made(world, await ask(process, member=3))


async def test_a_request_that_finds_out_in_vain_is_told_and_the_next_one_comes_later(world: World) -> None:
    async with world.running() as process:
        await use_up(world, process)
        world.clock.pass_by(PAUSE)
        assert await code_of(world, await use_up(world, process)) is FailureCode.QUOTA
        world.clock.pass_by(PAUSE)
        await refused(process)
        world.clock.pass_by(PAUSE)
        await made(world, await ask(process))
    assert len(world.provider.history) == 3


async def test_who_waits_in_vain_is_told_soon_and_has_nothing_reserved(world: World) -> None:
    """The next day begins long after they would be given up."""
    world.provider.hold()
    async with world.running(bounds=Bounds(running=2)) as process:
        world.provider.enqueue(used_up(), used_up())
        jobs = [await ask(process, member=number) for number in range(6)]
        await world.provider.until_inside(2)
        world.provider.release()
        for job_id in jobs[:2]:
            await world.until_state(job_id, JobState.FAILED)
        await world.clock.until_asleep("upkeep")
        world.clock.advance(20)
        for job_id in jobs:
            await world.until_state(job_id, JobState.FAILED)
    assert {await code_of(world, job_id) for job_id in jobs} == {FailureCode.QUOTA}
    assert await world.open_reservations() == []
    assert len(world.provider.history) == 2


async def test_who_can_wait_for_the_next_day_stays_and_has_the_picture_then(world: World) -> None:
    world.clock.set(datetime(2026, 6, 2, 6, 50, tzinfo=UTC))
    world.provider.hold()
    async with world.running(bounds=Bounds(running=1)) as process:
        world.provider.enqueue(used_up())
        jobs = [await ask(process, member=number) for number in range(3)]
        await world.provider.until_inside()
        world.provider.release()
        await world.until_state(jobs[0], JobState.FAILED)
        await world.clock.until_asleep("upkeep")
        world.clock.advance(20)
        await world.clock.until_asleep("upkeep", 2)
        await world.clock.until_asleep("queue", 2)
        assert await states(world, *jobs[1:]) == [JobState.CREATED] * 2
        told = [item for item in world.notifier.progressed if item.job_id == jobs[2]][-1]
        assert told.outlook.trouble is not None
        assert (told.outlook.trouble.kind, told.outlook.trouble.until) == (TroubleKind.DAY_USED_UP, MIDNIGHT)
        world.clock.advance(600)
        await made(world, *jobs[1:])


async def test_what_was_claimed_already_does_not_hold_its_place_until_the_next_day(world: World) -> None:
    world.provider.hold()
    async with world.running(calls=2) as process:
        world.provider.enqueue(used_up(), used_up())
        jobs = [await ask(process, member=number) for number in range(8)]
        await world.provider.until_inside(2)
        world.provider.release()
        await world.clock.until_asleep("upkeep")
        world.clock.advance(20)
        for job_id in jobs:
            await world.until_state(job_id, JobState.FAILED)
    assert {await code_of(world, job_id) for job_id in jobs} == {FailureCode.QUOTA}
    assert len(world.provider.history) <= 4


# --- a stand-in -------------------------------------------------------------------------------------------


async def test_a_stand_in_makes_what_the_day_has_no_more_of(world: World) -> None:
    async with world.running() as process:
        await use_up(world, process)
        await with_fallback(world)
        job_id = await ask(process, member=2)
        await made(world, job_id)
        assert (await world.job(job_id)).stand_in == DRAFT
        world.provider.enqueue(used_up())
        last = await ask(process, member=2)
        await world.until_state(last, JobState.FAILED)
        assert (await refused(process)).others == ("Nano Banana Pro",)


# --- a number that is known -------------------------------------------------------------------------------


async def the_next_day(world: World, limit: int | None) -> None:
    """A day was used up, the next one has begun, and what was learnt is kept."""
    async with world.running() as process:
        if limit is None:
            world.provider.enqueue(*(Reply() for _ in range(12)))
            await made(world, *[await ask(process, member=number) for number in range(12)])
        await use_up(world, process, limit)
    world.clock.set(datetime(2026, 6, 2, 8, tzinfo=UTC))
    world.provider.history.clear()


async def test_the_last_calls_of_a_day_are_not_spent_on_refusals(world: World) -> None:
    await the_next_day(world, 5)
    async with world.running() as process:
        await made(world, *[await ask(process, member=number) for number in range(5)])
        said = await refused(process)
        assert said.resets_at == MIDNIGHT + 24 * 3_600_000
    assert len(world.provider.history) == 5


async def test_what_waits_already_has_its_calls_first(world: World) -> None:
    await the_next_day(world, 5)
    world.provider.hold()
    async with world.running(bounds=Bounds(running=1)) as process:
        jobs = [await ask(process, member=number) for number in range(3)]
        await refused(process, count=3)
        jobs.append(await ask(process, member=7, count=2))
        await refused(process)
        world.provider.release()
        await made(world, *jobs)
    assert len(world.provider.history) == 5


async def test_what_was_called_before_a_crash_counts(world: World) -> None:
    await the_next_day(world, 5)
    async with world.lost() as process:
        await made(world, *[await ask(process, member=number) for number in range(4)])
    async with world.running() as process:
        await made(world, await ask(process))
        await refused(process)
    async with world.running() as process:
        await refused(process)
    assert len(world.provider.history) == 5


async def test_a_quota_that_was_raised_is_found_out(world: World) -> None:
    await the_next_day(world, 5)
    async with world.running() as process:
        await made(world, *[await ask(process, member=number) for number in range(5)])
        await refused(process)
        world.clock.pass_by(PAUSE)
        await made(world, await ask(process))
        assert process.lanes.lane(STANDARD).day.limit is None
        await made(world, *[await ask(process, member=number) for number in range(5)])


async def test_our_own_count_makes_calls_careful_and_refuses_nobody(world: World) -> None:
    await the_next_day(world, None)
    async with world.running() as process:
        assert process.lanes.lane(STANDARD).day.limit == 12
        await made(world, *[await ask(process, member=number) for number in range(12)])
        world.provider.hold()
        more = [await ask(process, member=number) for number in range(4)]
        await world.provider.until_inside()
        process.workers.wake()
        await world.clock.until_asleep("queue", 2)
        assert len(world.provider.inside) == 1  # the others wait for what it finds out
        world.provider.release()
        await made(world, *more)
        assert process.lanes.lane(STANDARD).day.limit is None


async def test_a_day_whose_count_was_right_costs_one_refusal(world: World) -> None:
    await the_next_day(world, None)
    world.provider.enqueue(*(Reply() for _ in range(12)), used_up())
    async with world.running() as process:
        await made(world, *[await ask(process, member=number) for number in range(12)])
        await world.until_state(await ask(process), JobState.FAILED)
        await refused(process)
    assert len(world.provider.history) == 13
    assert await world.open_reservations() == []


async def test_what_another_process_called_counts(world: World) -> None:
    """Each process learns by itself; the calls of all of them are in the database."""
    await the_next_day(world, 5)
    async with world.running(sole=False) as one, world.running(sole=False) as other:
        await made(world, *[await ask(one, member=number) for number in range(4)])
        await made(world, await ask(other))
        await refused(one)
        await world.clock.until_asleep("upkeep", 2)
        world.clock.advance(20)
        await world.clock.until_asleep("upkeep", 4)
        assert one.lanes.lane(STANDARD).day.is_used_up(world.clock.now())
    assert len(world.provider.history) == 5

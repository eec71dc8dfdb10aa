"""The workers: how much runs at once, who goes first, leases, and an end in good order."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.deliveries import DeliveryState, Way
from bot.domain.jobs import FailureCode, JobState
from bot.domain.progress import Stage
from bot.errors import DeliveryError
from bot.studio.bounds import Bounds
from storage.store import DATABASE
from tests.fakes.notifier import Told
from tests.fakes.provider import Reply
from tests.studio.power import Power, powered
from tests.studio.world import DRAFT, World, make_origin, make_request

# --- how much at once -------------------------------------------------------------------------------------


async def test_never_more_jobs_run_than_are_allowed(world: World) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=3)) as process:
        for _ in range(10):
            await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside(3)
        process.workers.wake()
        assert process.workers.running == 3
        async with world.store.reading() as tx:
            assert (await tx.jobs.unfinished())[JobState.CREATED] == 7
        world.provider.release()
    assert (world.provider.most_inside, len(world.provider.history)) == (3, 10)


async def test_never_more_calls_are_made_than_are_allowed(world: World) -> None:
    """A job of four pictures makes four calls; together they keep to the bound."""
    world.provider.hold()
    async with world.running(calls=3) as process:
        for _ in range(3):
            await process.submissions.submit(make_request(count=4), make_origin())
        await world.provider.until_inside(3)
        await world.observed.until(lambda: process.workers.running == 3)
        world.provider.release()
    assert (world.provider.most_inside, len(world.provider.history)) == (3, 12)


async def test_a_call_that_failed_gives_its_place_to_another(world: World) -> None:
    world.provider.enqueue(ZeroDivisionError("a bug"), ZeroDivisionError("a bug"), Reply())
    async with world.running(calls=1) as process:
        for _ in range(3):
            await process.submissions.submit(make_request(), make_origin())
    assert (await world.used(), len(world.provider.history)) == (1, 3)


async def test_one_member_takes_only_so_many_places(world: World) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=64, per_member=2)) as process:
        for _ in range(5):
            await process.submissions.submit(make_request("mine"), make_origin(member_id=1))
        await process.submissions.submit(make_request("yours"), make_origin(member_id=2))
        await world.provider.until_inside(3)
        assert sorted(made.prompt for made in world.provider.inside) == ["mine", "mine", "yours"]
        world.provider.release()
    assert len(world.notifier.deliveries) == 6


async def test_who_has_less_at_work_goes_first(world: World) -> None:
    """Somebody who asks for twenty pictures does not make the next one wait for all of them."""
    world.provider.hold()
    async with world.running(bounds=Bounds(running=2)) as process:
        for _ in range(20):
            await process.submissions.submit(make_request("mine"), make_origin(member_id=1))
            world.clock.pass_by(1)
        await world.provider.until_inside(2)
        await process.submissions.submit(make_request("yours"), make_origin(member_id=2))
        world.provider.release()
    prompts = [made.prompt for made in world.provider.history]
    # The two that ran already were followed, at the next free place, by who had none.
    assert prompts.index("yours") in (2, 3)


async def test_jobs_of_one_member_run_in_their_order(world: World) -> None:
    submissions = world.process().submissions
    for number in range(6):
        await submissions.submit(make_request(f"number {number}"), make_origin())
        world.clock.pass_by(1)
    async with world.running(bounds=Bounds(running=1)):
        pass
    assert [made.prompt for made in world.provider.history] == [f"number {number}" for number in range(6)]


async def test_a_burst_is_queued_and_not_refused(world: World) -> None:
    async with world.running(bounds=Bounds(running=4), daily_images=1000) as process:
        tickets = await asyncio.gather(
            *(
                process.submissions.submit(make_request(), make_origin(member_id=member))
                for member in range(1, 51)
            )
        )
    assert len({ticket.job.id for ticket in tickets}) == 50
    assert len(world.notifier.deliveries) == 50
    assert {given.outcome.job.state for given in world.notifier.deliveries} == {JobState.SUCCEEDED}
    assert world.provider.most_inside <= 4


# --- those who wait ---------------------------------------------------------------------------------------


async def test_those_who_wait_are_told_their_place(world: World) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=1)) as process:
        jobs = []
        for _ in range(3):
            jobs.append((await process.submissions.submit(make_request(), make_origin())).job.id)
            world.clock.pass_by(1)
        await world.provider.until_inside()
        await world.clock.until_asleep("queue")
        world.clock.advance(5)
        await world.clock.until_asleep("queue", 2)
        first, second = (
            [told for told in world.notifier.progressed if told.job_id == job_id] for job_id in jobs[1:]
        )
        assert first == [Told(jobs[1], Stage.PREPARING, 0)]
        assert second == [Told(jobs[2], Stage.PREPARING, 1)]
        world.provider.release()


async def test_a_job_that_was_just_claimed_is_not_told_that_it_waits(world: World) -> None:
    """Its card says Generating already; the list of those who wait was read a moment before."""
    power = Power()
    world.provider.hold()
    outside = powered(world.outside, power)
    async with world.running(outside, bounds=Bounds(running=1)) as process:
        first = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        second = await process.submissions.submit(make_request(), make_origin())
        await world.clock.until_asleep("queue")
        read = power.pause("queue has read")
        world.clock.advance(5)
        await read.reached.wait()
        world.provider.release()
        await world.notifier.until(lambda: bool(world.notifier.stages(second.job.id)))
        world.provider.hold()
        read.go_on.set()
        await world.clock.until_asleep("queue", 2)
        world.provider.release()
    assert world.notifier.stages(second.job.id)[0] is Stage.GENERATING
    assert Stage.PREPARING not in world.notifier.stages(second.job.id)
    assert first.job.id != second.job.id


async def test_nobody_is_asked_for_who_waits_when_nothing_runs(world: World) -> None:
    power = Power()
    async with world.running(powered(world.outside, power)):
        await world.clock.until_asleep("queue")
        world.clock.advance(5)
        await world.clock.until_asleep("queue", 2)
    assert "queue reading" not in power.steps


# --- leases -----------------------------------------------------------------------------------------------


async def test_a_lease_is_renewed_as_long_as_the_job_runs(world: World) -> None:
    world.provider.hold()
    async with world.running(sole=False) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        assert (await world.job(ticket.job.id)).lease_until == world.clock.now() + 60_000
        for round_ in range(1, 8):
            await world.clock.until_asleep("upkeep", round_)
            world.clock.advance(20)
        await world.clock.until_asleep("upkeep", 8)
        job = await world.job(ticket.job.id)
        assert job.lease_until == world.clock.now() + 60_000
        assert (job.state, job.attempts) == (JobState.RUNNING, 1)
        world.provider.release()
    assert len(world.provider.history) == 1


# --- the end ----------------------------------------------------------------------------------------------


async def test_an_idle_studio_ends_at_once(world: World) -> None:
    async with world.process().studio as studio:
        assert studio.working
    assert not studio.working
    assert world.clock.monotonic() == 0.0


async def test_upkeep_moves_the_log_of_the_database(world: World, tmp_path: Path) -> None:
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.observed.until(lambda: process.workers.running == 0)
        await world.clock.until_asleep("upkeep")
        world.clock.advance(process.workers.bounds.upkeep_seconds)
        await world.observed.until(lambda: world.observed.checkpoints == 1)
        copy = shutil.copyfile(tmp_path / "data" / DATABASE, tmp_path / "copy.sqlite3")  # without its log
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("SELECT state FROM jobs WHERE id = ?", (ticket.job.id,)).fetchone() == (
            "succeeded",
        )


async def test_what_runs_at_the_end_may_finish_and_is_delivered(world: World) -> None:
    world.provider.hold()
    process = world.process()
    async with process.studio:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        draining = asyncio.create_task(process.workers.drain(8))
        await world.clock.until_asleep("drain")
        world.clock.advance(7.9)
        world.provider.release()
        await draining
        assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert len(world.notifier.deliveries) == 1


async def test_what_runs_beyond_the_deadline_is_given_back_and_runs_at_the_next_start(world: World) -> None:
    world.provider.hold()
    process = world.process()
    async with process.studio:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        draining = asyncio.create_task(process.workers.drain(8))
        await world.clock.until_asleep("drain")
        assert (await world.job(ticket.job.id)).state is JobState.RUNNING
        world.clock.advance(8)
        await draining
        assert process.workers.running == 0
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts, job.lease_owner) == (JobState.CREATED, 1, None)
    assert await world.ledger(job.id) == [("reserve", 1, 0)]
    assert world.provider.inside == []

    world.provider.release()
    async with world.running():
        pass
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 2, 2)


async def test_answers_that_came_before_the_deadline_are_not_asked_for_again(world: World) -> None:
    async def never(_: object) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    world.provider.enqueue(Reply(), never)
    power = Power()
    process = world.process(powered(world.outside, power))
    async with process.studio:
        ticket = await process.submissions.submit(make_request(model=DRAFT, count=2, seed=0), make_origin())
        await world.provider.until(lambda: len(world.provider.history) == 2)
        await power.until(lambda: [what for what, _ in power.timeline].count("kept") == 1)
        world.clock.release("drain")
    async with world.running():
        pass
    assert len(world.provider.history) == 3
    assert await world.ledger(ticket.job.id) == [("reserve", 2, 0), ("settle", -2, 2)]


async def test_nothing_is_claimed_after_the_end_began(world: World) -> None:
    world.provider.hold()
    process = world.process(bounds=Bounds(running=1))
    async with process.studio:
        await process.submissions.submit(make_request("first"), make_origin())
        await world.provider.until_inside()
        waiting = await process.submissions.submit(make_request("second"), make_origin())
        draining = asyncio.create_task(process.workers.drain(8))
        await world.clock.until_asleep("drain")
        late = await process.submissions.submit(make_request("third"), make_origin())
        world.provider.release()
        await draining
        process.workers.wake()
    assert [made.prompt for made in world.provider.history] == ["first"]
    for ticket in (waiting, late):
        assert (await world.job(ticket.job.id)).state is JobState.CREATED
    async with world.running():
        pass
    assert await world.used() == 3


async def test_a_claim_that_was_under_way_when_the_end_began_is_not_forgotten(world: World) -> None:
    ticket = await world.process().submissions.submit(make_request(), make_origin())
    power = Power()
    claim = power.pause("workers commit")
    process = world.process(powered(world.outside, power))
    async with process.studio:
        await claim.reached.wait()
        draining = asyncio.create_task(process.workers.drain(8))
        await world.clock.until_asleep("drain")
        claim.go_on.set()
        await draining
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    assert await world.delivery_state(job.id) is DeliveryState.SENT


async def test_a_delivery_that_waits_for_discord_is_left_for_the_next_start(world: World) -> None:
    world.clock.held.add("delivery")
    world.notifier.close(Way.TOKEN, DeliveryError("Discord answered 503", passing=True))
    process = world.process()
    async with process.studio:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.clock.until_asleep("delivery")
        world.clock.release("drain")
    assert await world.delivery_state(ticket.job.id) is DeliveryState.PENDING
    world.notifier.open(Way.TOKEN)
    async with world.running():
        pass
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT
    assert len(world.provider.history) == 1


async def test_a_call_that_is_cancelled_from_inside_is_a_failure_like_others(world: World) -> None:
    """A library that cancels its own work must not look like the end of the program."""
    world.provider.enqueue(asyncio.CancelledError())
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    failure = (await world.job(ticket.job.id)).failure
    assert failure is not None
    assert (failure.code, await world.used()) == (FailureCode.UNKNOWN, 0)

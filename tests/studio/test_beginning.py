"""Beginning where it is accepted: one transaction accepts a job and claims it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import pytest

from bot.domain.jobs import FailureCode, JobState
from bot.errors import CapReached
from bot.studio import about, store_ports
from bot.studio.bounds import Bounds
from bot.studio.cancel import Cancelling
from bot.studio.claims import Claims
from bot.studio.pictures import Person
from tests.fakes.provider import Reply
from tests.studio.ending import end_process
from tests.studio.power import Pause, Power, powered
from tests.studio.world import CHANNEL, GUILD, MEMBER, Process, World, make_origin, make_request

T = TypeVar("T")


@asynccontextmanager
async def idle(world: World, power: Power) -> AsyncIterator[Process]:
    """A process that has looked for work once and found none."""
    async with world.running(powered(world.outside, power)) as process:
        await power.until(lambda: "workers commit" in power.steps)
        await world.observed.until_so(lambda: nothing_is_claimed(process))
        power.steps.clear()
        yield process


async def nothing_is_claimed(process: Process) -> bool:
    return process.workers.running == 0


def claims_of_workers(power: Power) -> list[str]:
    return [step for step in power.steps if step.startswith("workers")]


# --- at once ----------------------------------------------------------------------------------------------


async def test_a_job_begins_in_the_transaction_that_accepts_it(world: World) -> None:
    power = Power()
    world.provider.hold()
    async with idle(world, power) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        assert (ticket.ahead, ticket.job.state) == (0, JobState.CREATED)
        job = await world.job(ticket.job.id)
        assert (job.state, job.attempts) == (JobState.RUNNING, 1)
        assert job.lease_until == world.clock.now() + 60_000
        assert power.steps.count("accept commit") == 1
        assert claims_of_workers(power) == []
        world.provider.release()
    assert await world.events(ticket.job.id) == ["created", "running", "storing", "succeeded"]


async def test_what_is_at_work_elsewhere_or_bounded_keeps_nobody_else_waiting(world: World) -> None:
    """Somebody waits, but not for what the next one needs."""
    power = Power()
    world.provider.hold()
    async with idle(world, power) as process:
        process.workers.bounds = Bounds(per_member=1)
        await process.submissions.submit(make_request(), make_origin(member_id=1))
        waiting = await process.submissions.submit(make_request(), make_origin(member_id=1))
        await world.provider.until_inside()
        await power.until(lambda: "workers commit" in power.steps)  # which found nothing that may run
        power.steps.clear()
        ticket = await process.submissions.submit(make_request(), make_origin(member_id=2))
        await world.provider.until_inside(2)
        assert claims_of_workers(power) == []
        assert (await world.job(ticket.job.id)).state is JobState.RUNNING
        assert (await world.job(waiting.job.id)).state is JobState.CREATED
        world.provider.release()


async def test_many_may_be_at_work_already_where_nobody_waits_to_be_told(world: World) -> None:
    power = Power()
    world.provider.hold()
    async with idle(world, power) as process:
        for _ in range(7):
            await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside(7)
        assert claims_of_workers(power) == []
        world.provider.release()


async def test_in_a_burst_nothing_begins_before_everybody_was_told(world: World) -> None:
    power = Power()
    world.provider.hold()
    async with idle(world, power) as process:
        world.notifier.burst()
        submit = process.submissions.submit
        await asyncio.gather(*(submit(make_request(), make_origin()) for _ in range(10)))
        await world.notifier.until(lambda: world.notifier.held_back)
        assert claims_of_workers(power) == []
        async with world.store.reading() as tx:
            assert await tx.jobs.unfinished() == {JobState.CREATED: 10}
        world.notifier.all_told()
        await world.provider.until_inside(10)
        world.provider.release()


async def test_never_more_than_may_run(world: World) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=2)) as process:
        tickets = await asyncio.gather(
            *(process.submissions.submit(make_request(), make_origin()) for _ in range(6))
        )
        await world.provider.until_inside(2)
        async with world.store.reading() as tx:
            assert (await tx.jobs.unfinished())[JobState.RUNNING] == 2
        world.provider.release()
    assert (len(tickets), world.provider.most_inside, len(world.provider.history)) == (6, 2, 6)


async def test_bounds_are_those_of_all_processes(world: World) -> None:
    world.provider.hold()
    bounds = Bounds(running=1)
    async with (
        world.running(sole=False, bounds=bounds) as one,
        world.running(sole=False, bounds=bounds) as other,
    ):
        first = await one.submissions.submit(make_request("first"), make_origin())
        await world.provider.until_inside()
        second = await other.submissions.submit(make_request("second"), make_origin())
        assert (await world.job(second.job.id)).state is JobState.CREATED
        assert (await world.job(first.job.id)).state is JobState.RUNNING
        world.provider.release()
        await world.notifier.until_delivered()
        other.workers.wake()
        await world.notifier.until_delivered(2)
    assert world.provider.most_inside == 1


async def test_what_is_refused_begins_nothing(world: World) -> None:
    async with world.running(daily_images=0) as process:
        with pytest.raises(CapReached):
            await process.submissions.submit(make_request(), make_origin())
    assert not any((await world.everything()).values())
    assert world.provider.history == []


async def test_an_interaction_that_comes_again_claims_nothing(world: World) -> None:
    power = Power()
    world.provider.hold()
    async with idle(world, power) as process:
        process.workers.bounds = Bounds(running=1)
        await process.submissions.submit(make_request(), make_origin())
        origin = make_origin()
        waiting = await process.submissions.submit(make_request(), origin)
        await power.until(lambda: "workers commit" in power.steps)  # which found no place
        process.workers.bounds = replace(process.workers.bounds, running=2)  # there is a place now
        again = await process.submissions.submit(make_request(), origin)
        assert again.repeated
        assert (await world.job(waiting.job.id)).state is JobState.CREATED
        world.provider.release()


async def test_a_unit_that_runs_twice_begins_its_job_once(world: World) -> None:
    """One that shares its transaction breaks after it has written: both are run anew."""
    ran = 0

    async def breaks(tx: store_ports.Transaction) -> None:
        nonlocal ran
        ran += 1
        await tx.jobs.forget_tokens(0)
        await tx.postings.remove(1)
        await tx.deliveries.set_card(ticket.job.id, 7)
        raise ZeroDivisionError

    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.notifier.until_delivered()
        async with world.store.transaction():  # both wait for their turn behind this
            submitted = asyncio.create_task(process.submissions.submit(make_request(), make_origin()))
            broken = asyncio.create_task(world.store.write(breaks))
            await world.rows("SELECT id FROM jobs")
        second = await submitted
        with pytest.raises(ZeroDivisionError):
            await broken
    assert ran == 2
    assert await world.events(second.job.id) == ["created", "running", "storing", "succeeded"]
    assert (await world.job(second.job.id)).attempts == 1
    assert len(world.provider.history) == 2


async def test_work_is_not_about_the_interaction_that_it_was_asked_with(world: World) -> None:
    seen = []

    async def look(call: object) -> Reply:
        seen.append(about.fields())
        return Reply()

    world.provider.enqueue(look)
    power = Power()
    async with idle(world, power) as process:
        about.tell(command="imagine")
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert [fields.get("job") for fields in seen] == [ticket.job.id]
    assert "command" not in seen[0]


# --- between the claim and the work -----------------------------------------------------------------------


class Late:
    """A database that says of what was accepted only later that it is there."""

    def __init__(self, store: store_ports.Store) -> None:
        self._store = store
        self.transaction = store.transaction
        self.reading = store.reading
        self.read = store.read
        self.checkpoint = store.checkpoint
        self.said = Pause()

    async def write(self, work: Callable[[store_ports.Transaction], Awaitable[T]]) -> T:
        result = await self._store.write(work)
        task = asyncio.current_task()
        if task is not None and task.get_name() == "accept":
            self.said.reached.set()
            await self.said.go_on.wait()
        return result


async def test_whoever_asked_may_be_gone_before_it_begins(world: World) -> None:
    late = Late(world.observed)
    async with world.running(replace(world.outside, store=late)) as process:
        await world.clock.until_asleep("upkeep")
        asking = asyncio.create_task(process.submissions.submit(make_request(), make_origin()))
        await late.said.reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        late.said.go_on.set()
        await world.notifier.until_delivered()
    [(job_id,)] = await world.rows("SELECT id FROM jobs")
    job = await world.job(job_id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 1, 1)


async def test_upkeep_takes_over_nothing_that_is_about_to_begin(world: World) -> None:
    late = Late(world.observed)
    power = Power()
    outside = powered(replace(world.outside, store=late), power)
    async with world.running(replace(outside, store=late)) as process:
        await world.clock.until_asleep("upkeep")
        asking = asyncio.create_task(process.submissions.submit(make_request(), make_origin()))
        await late.said.reached.wait()
        world.clock.advance(20)
        for _ in range(5):  # more than upkeep reads before it would take over
            await world.everything()
        late.said.go_on.set()
        ticket = await asking
        await world.notifier.until_delivered()
    assert (await world.job(ticket.job.id)).attempts == 1
    assert "recover read answers" not in power.steps
    assert len(world.provider.history) == 1


async def test_an_end_that_begins_meanwhile_waits_for_the_work(world: World) -> None:
    late = Late(world.observed)
    process = world.process(replace(world.outside, store=late))
    async with process.studio:
        await world.clock.until_asleep("upkeep")
        asking = asyncio.create_task(process.submissions.submit(make_request(), make_origin()))
        await late.said.reached.wait()
        draining = asyncio.create_task(process.workers.drain(8))
        await world.clock.until_asleep("drain")
        late.said.go_on.set()
        await draining
        ticket = await asking
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    assert len(world.notifier.deliveries) == 1


async def test_what_dies_right_after_the_commit_is_found_at_the_next_start(world: World) -> None:
    power = Power()
    outside = powered(world.outside, power)
    late = Late(outside.store)
    process, others = world.process(replace(outside, store=late)), asyncio.all_tasks()
    await process.studio.__aenter__()
    await world.clock.until_asleep("upkeep")
    asking = asyncio.create_task(process.submissions.submit(make_request(), make_origin()))
    await late.said.reached.wait()
    power.cut()
    asking.cancel()
    await end_process(others)
    assert world.provider.history == []
    async with world.running():
        pass
    [(job_id,)] = await world.rows("SELECT id FROM jobs")
    job = await world.job(job_id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 2, 1)


async def test_what_is_held_back_in_a_burst_can_be_cancelled(world: World) -> None:
    owner = Person(MEMBER, GUILD, CHANNEL, moderator=False)
    async with idle(world, Power()) as process:
        world.notifier.burst()
        ticket = await process.submissions.submit(make_request(count=3), make_origin())
        result = await process.studio.cancellations.cancel(ticket.job.id, owner)
        assert result.what is Cancelling.DONE
        world.notifier.all_told()
    failure = (await world.job(ticket.job.id)).failure
    assert failure is not None
    assert (failure.code, len(world.provider.history)) == (FailureCode.CANCELLED, 0)
    assert await world.used() == 0


# --- claims -----------------------------------------------------------------------------------------------


async def test_whoever_wants_all_claims_settled_waits_for_them_and_lets_none_begin() -> None:
    claims, go_on, entered, leave = Claims(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def settle() -> None:
        async with claims.settled():
            entered.set()
            await leave.wait()

    async def claim() -> str:
        await go_on.wait()
        return "claimed"

    claiming = asyncio.create_task(claims.aside(claim(), claims=True))
    await asyncio.sleep(0)
    assert (claims.allowed, claims.beside) == (True, 1)
    settling = asyncio.create_task(settle())
    await asyncio.sleep(0)
    assert (claims.allowed, entered.is_set()) == (False, False)
    go_on.set()
    assert await claiming == "claimed"
    await entered.wait()
    assert (claims.allowed, claims.beside) == (False, 0)
    leave.set()
    await settling
    assert claims.allowed

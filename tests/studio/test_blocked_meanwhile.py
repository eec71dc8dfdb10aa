"""Pictures that are blocked, or not any more, while one that looks like them is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.domain.images import Image
from bot.domain.jobs import FailureCode, Job, JobState
from tests.fakes.provider import jpeg, pictures
from tests.studio.library import MANAGER, person
from tests.studio.power import Pause, Power, powered
from tests.studio.world import GUILD, Process, World, make_origin, make_request

MODERATOR = person(MANAGER, moderator=True)
LIGHTHOUSE = jpeg(1, 320, 200)
SHIP = jpeg(7, 320, 200)


async def made(world: World, *drawn: bytes) -> list[Image]:
    """Make pictures that a moderator may block later."""
    found: list[Image] = []
    async with world.running() as process:
        for data in drawn:
            world.provider.enqueue(pictures(data))
            ticket = await process.submissions.submit(make_request(), make_origin())
            await world.until_idle()
            found += await world.images(ticket.job.id)
    world.notifier.deliveries.clear()
    return found


@asynccontextmanager
async def on_its_way(world: World, power: Power, *, at: str, count: int = 1) -> AsyncIterator[Job]:
    """Ask for a lighthouse; within the block its job waits before it writes that it is storing or settled."""
    async with world.running(powered(world.outside, power)) as process:
        world.provider.enqueue(pictures(LIGHTHOUSE), pictures(SHIP))
        pause = power.pause("job transaction")
        ticket = await process.submissions.submit(make_request(count=count), make_origin())
        await pause.until_reached()
        if at == "settling":
            pause = await _next(power, pause)
        yield ticket.job
        pause.go_on.set()


async def _next(power: Power, pause: Pause) -> Pause:
    following = power.pause("job transaction")
    pause.go_on.set()
    await following.until_reached()
    return following


async def withheld(world: World, job: Job) -> None:
    """Check that a job's picture was paid and is shown to nobody."""
    job = await world.job(job.id)
    assert job.failure is not None
    assert (job.state, job.failure.code) == (JobState.FAILED, FailureCode.WITHHELD)
    assert await world.ledger(job.id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert await world.images(job.id) == []
    assert len(await world.answers(job.id)) == 1
    assert [given.files for given in world.notifier.deliveries] == [()]
    assert world.answer_files() == []


@pytest.mark.parametrize("at", ["storing", "settling"])
@pytest.mark.parametrize("everywhere", [False, True], ids=["in the server", "everywhere"])
async def test_what_is_blocked_after_the_answer_came_is_withheld(
    world: World, at: str, everywhere: bool
) -> None:
    [image] = await made(world, LIGHTHOUSE)
    async with on_its_way(world, Power(), at=at) as job:
        guild_id = None if everywhere else GUILD
        await world.moderation().blocked.add(image, guild_id, reason="", by=MANAGER)
    await withheld(world, job)


async def test_what_is_blocked_while_it_is_looked_at_again_is_withheld(world: World) -> None:
    lighthouse, ship = await made(world, LIGHTHOUSE, SHIP)
    power = Power()
    async with on_its_way(world, power, at="settling", count=2) as job:
        blocked = world.moderation().blocked
        await blocked.add(ship, GUILD, reason="", by=MANAGER)
        again = power.pause("job reading")

        async def then_the_other() -> None:
            await again.until_reached()
            settling = power.pause("job transaction")
            again.go_on.set()
            await settling.until_reached()
            await blocked.add(lighthouse, GUILD, reason="", by=MANAGER)
            settling.go_on.set()

        other = asyncio.create_task(then_the_other())
    await other
    job = await world.job(job.id)
    assert job.failure is not None and job.failure.code is FailureCode.WITHHELD
    assert await world.ledger(job.id) == [("reserve", 2, 0), ("settle", -2, 2)]
    assert await world.images(job.id) == []


async def test_what_is_unblocked_meanwhile_is_shown(world: World) -> None:
    [image] = await made(world, LIGHTHOUSE)
    blocked = world.moderation().blocked
    entry = await blocked.add(image, GUILD, reason="", by=MANAGER)
    power = Power()
    async with world.running(powered(world.outside, power)) as process:
        first = await _one(world, process)
        assert (await world.job(first.id)).state is JobState.FAILED  # from here on it knows the list
        pause = power.pause("job transaction")
        world.provider.enqueue(pictures(LIGHTHOUSE))
        second = await process.submissions.submit(make_request(), make_origin())
        await pause.until_reached()
        await blocked.unblock(entry.id, MODERATOR)
        pause.go_on.set()
    assert (await world.job(second.job.id)).state is JobState.SUCCEEDED
    assert world.notifier.deliveries[-1].files == (LIGHTHOUSE,)


async def test_a_list_that_is_known_is_not_read_again(world: World) -> None:
    [image] = await made(world, LIGHTHOUSE)
    await world.moderation().blocked.add(image, GUILD, reason="", by=MANAGER)
    power = Power()
    async with world.running(powered(world.outside, power)) as process:
        await _one(world, process)
        read = power.steps.count("job reading")
        assert (await world.job((await _one(world, process)).id)).state is JobState.FAILED
        assert power.steps.count("job reading") == read == 1


async def _one(world: World, process: Process) -> Job:
    world.provider.enqueue(pictures(LIGHTHOUSE))
    ticket = await process.submissions.submit(make_request(), make_origin())
    await world.until_idle()
    return ticket.job

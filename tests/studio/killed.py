"""Processes that die at a moment of a job, and what they leave behind."""

from __future__ import annotations

from contextlib import suppress

from bot.domain.jobs import Job, JobState
from bot.studio.bounds import Bounds
from tests.fakes.provider import jpeg, pictures
from tests.studio.power import Power, PowerCut, powered
from tests.studio.world import DRAFT, World, keep_answer, make_origin, make_request


async def killed_while_calling(
    world: World, *, answered: int = 0, count: int = 1, on_disk: bool = False
) -> Job:
    """Let a process die while the provider works; `answered` of `count` answers are kept already."""
    world.provider.hold()
    async with world.lost() as process:
        request = make_request(model=DRAFT, count=count, seed=0)
        ticket = await process.submissions.submit(request, make_origin())
        await world.provider.until_inside(count)
    for position in range(answered):
        await keep_answer(world, ticket.job, position, pictures(jpeg(100 + position)), on_disk=on_disk)
    world.provider.release()
    world.provider.history.clear()
    return await world.job(ticket.job.id)


async def left_in(world: World, state: JobState, *, count: int = 1, delivered: bool = False) -> Job:
    """Let a process die right after a job has come to this state."""
    if state is JobState.CREATED:
        return await _left_waiting(world, count)
    power = Power(cut_before=CUTS[state])
    origin = make_origin()
    async with world.lost(powered(world.outside, power)) as process:
        await power.until(lambda: "workers commit" in power.steps)  # they look for work once before
        with suppress(PowerCut):  # it may die while it still looks for the place in the queue
            await process.submissions.submit(make_request(count=count), origin)
        await power.until(lambda: power.off)
    async with world.store.reading() as tx:
        job = await tx.jobs.by_origin(origin.key)
    assert job is not None
    assert job.state is state
    return job


async def _left_waiting(world: World, count: int) -> Job:
    """Let a process die that had no place for the job."""
    async with world.lost(bounds=Bounds(running=0)) as process:
        ticket = await process.submissions.submit(make_request(count=count), make_origin())
    job = await world.job(ticket.job.id)
    assert job.state is JobState.CREATED
    return job


# Before which step a process has to die so that a job stays in a state.
CUTS = {
    JobState.RUNNING: "somebody ensure room",
    JobState.SUCCEEDED: "deliver deliver",
    JobState.FAILED: "deliver deliver",
}


async def storing(world: World) -> Job:
    """Let a process die while it stores what came."""
    power = Power(cut_before="job commit", times=2)
    async with world.lost(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await power.until(lambda: power.off)
    job = await world.job(ticket.job.id)
    assert job.state is JobState.STORING
    return job

"""A clock that jumps and a machine without memory: neither loses, doubles or charges anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.deliveries import DeliveryState
from bot.domain.images import Inspected
from bot.domain.jobs import FailureCode, JobState
from bot.imaging import Imaging
from bot.studio.perform import MEMORY_PAUSES
from tests.fakes.clock import NOON
from tests.studio.world import World, make_origin, make_request


@pytest.mark.parametrize("hours", [-48, -1, 1, 48])
async def test_a_clock_that_jumps_while_a_job_runs(world: World, hours: int) -> None:
    world.provider.hold()
    async with world.running() as process:
        before = (await process.submissions.submit(make_request(), make_origin())).job
        await world.provider.until_inside()
        world.clock.set(NOON + timedelta(hours=hours))
        world.clock.advance(60)  # upkeep renews leases and looks for what was left behind
        after = (await process.submissions.submit(make_request(), make_origin())).job
        await world.provider.until_inside(2)
        world.provider.release()
    for job_id in (before.id, after.id):
        job = await world.job(job_id)
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
        assert (await world.delivery(job_id)).state is DeliveryState.SENT
    assert len(world.provider.history) == len(world.notifier.deliveries) == 2
    assert await world.open_reservations() == []


class ShortOfMemory(Imaging):
    """Imaging on a machine that has no memory for so many pictures."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def inspect(self, path: Path) -> Inspected | None:
        self.times -= 1
        if self.times >= 0:
            raise MemoryError
        return await super().inspect(path)


async def test_a_picture_waits_for_memory(world: World) -> None:
    async with ShortOfMemory(2) as world.imaging, world.running() as process:
        job = (await process.submissions.submit(make_request(), make_origin())).job
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert len(world.provider.history) == 1
    assert world.clock.naps("memory") == list(MEMORY_PAUSES[:2])


async def test_a_picture_for_which_there_never_is_memory_is_not_charged(world: World) -> None:
    async with ShortOfMemory(100) as world.imaging, world.running() as process:
        job = (await process.submissions.submit(make_request(), make_origin())).job
    failed = await world.job(job.id)
    assert failed.failure is not None
    assert failed.failure.code is FailureCode.UNKNOWN
    assert await world.used() == 0
    assert len(world.provider.history) == 1
    assert len(await world.answers(job.id)) == 1  # what came is kept with the job

"""What runs beside a job's own steps: nothing of it is left running, and no error is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.domain.images import Inspected
from bot.domain.jobs import JobState
from bot.errors import StorageError
from bot.imaging import Imaging
from bot.studio.job_tasks import beside
from tests.fakes.changes import PATIENCE, Changes
from tests.studio.ending import end_tasks
from tests.studio.power import Power, powered
from tests.studio.world import World, make_origin, make_request


class Helper:
    """Work beside a block: it waits until it is told to go on, and says how it ended."""

    def __init__(self, error: Exception | None = None) -> None:
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.ended = ""
        self._error = error

    async def work(self) -> str:
        try:
            self.began.set()
            async with asyncio.timeout(PATIENCE):
                await self.go_on.wait()
            if self._error is not None:
                raise self._error
        except BaseException as error:
            self.ended = type(error).__name__
            raise
        self.ended = "done"
        return "result"


async def test_the_block_gets_the_result_where_it_asks_for_it() -> None:
    helper = Helper()
    async with beside(helper.work()) as helping:
        await helper.began.wait()
        helper.go_on.set()
        assert await helping == "result"


async def test_an_error_of_the_helper_comes_to_whoever_awaits_it() -> None:
    helper = Helper(ZeroDivisionError("a bug"))
    helper.go_on.set()
    with pytest.raises(ZeroDivisionError):
        async with beside(helper.work()) as helping:
            await helping


async def test_an_error_of_the_block_ends_the_helper() -> None:
    helper = Helper()
    with pytest.raises(StorageError):
        async with beside(helper.work()):
            await helper.began.wait()
            raise StorageError("disk I/O error")
    assert helper.ended == "CancelledError"


async def test_of_two_errors_the_one_of_the_block_is_told() -> None:
    helper = Helper(ZeroDivisionError("a bug"))
    helper.go_on.set()
    with pytest.raises(StorageError):
        async with beside(helper.work()) as helping:
            await asyncio.wait({helping})
            raise StorageError("disk I/O error")
    assert helper.ended == "ZeroDivisionError"


@pytest.mark.parametrize("awaits", [True, False])
async def test_whoever_is_cancelled_leaves_no_helper_behind(awaits: bool) -> None:
    helper = Helper()

    async def work() -> None:
        async with beside(helper.work()) as helping:
            await (helping if awaits else asyncio.Event().wait())

    task = asyncio.create_task(work())
    await helper.began.wait()
    await end_tasks({task})
    assert task.cancelled()
    assert helper.ended == "CancelledError"


class SlowImaging(Imaging, Changes):
    """Looks at pictures only once it is told to; counts who waits for that."""

    def __init__(self) -> None:
        Imaging.__init__(self)
        Changes.__init__(self)
        self.looking = 0
        self.go_on = asyncio.Event()

    async def inspect(self, path: Path) -> Inspected | None:
        self.looking += 1
        self.changed()
        try:
            await self.go_on.wait()
        finally:
            self.looking -= 1
        return await super().inspect(path)


async def test_storing_does_not_wait_for_the_look_at_the_picture(world: World) -> None:
    async with SlowImaging() as imaging:
        world.imaging = imaging
        async with world.running() as process:
            ticket = await process.submissions.submit(make_request(), make_origin())
            await imaging.until(lambda: imaging.looking == 1)
            await world.until_state(ticket.job.id, JobState.STORING)
            assert imaging.looking == 1
            imaging.go_on.set()
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED


async def test_a_job_that_cannot_be_stored_does_not_go_on_looking(world: World) -> None:
    power = Power()
    async with SlowImaging() as imaging:
        world.imaging = imaging
        async with world.running(powered(world.outside, power)) as process:
            pause = power.pause("job transaction")
            ticket = await process.submissions.submit(make_request(), make_origin())
            await pause.until_reached()
            await imaging.until(lambda: imaging.looking == 1)
            power.fail("job transaction", StorageError("disk I/O error"))
            pause.go_on.set()
            await world.clock.until_asleep("upkeep")
            await power.until(lambda: process.workers.running == 0)
            assert imaging.looking == 0
            imaging.go_on.set()
            world.clock.release("upkeep")
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert len(world.provider.history) == 1


async def test_being_stopped_while_a_picture_is_looked_at_loses_nothing(world: World) -> None:
    async with SlowImaging() as imaging:
        world.imaging = imaging
        process = world.process(drain_seconds=0)
        world.clock.release("drain")
        async with process.studio:
            ticket = await process.submissions.submit(make_request(), make_origin())
            await world.until_state(ticket.job.id, JobState.STORING)
            await imaging.until(lambda: imaging.looking == 1)
        assert (process.workers.running, imaging.looking) == (0, 0)
        imaging.go_on.set()
        async with world.running():
            pass
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert await world.ledger(ticket.job.id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert len(world.provider.history) == 1

"""A start after a process died between the provider's answer and the end of the job."""

from __future__ import annotations

import pytest

from bot.domain.jobs import FailureCode, JobState
from bot.errors import StorageError
from tests.studio.killed import killed_while_calling, storing
from tests.studio.power import Power, powered
from tests.studio.world import World, make_origin, make_request


async def test_a_job_that_was_storing_is_stored(world: World) -> None:
    job = await storing(world)
    async with world.running():
        pass
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert len(world.provider.history) == 1
    assert await world.ledger(job.id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert world.answer_files() == []


async def test_a_job_that_was_storing_and_lost_its_answer_is_told_as_it_is(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job = await storing(world)
    async with world.store.engine.transaction() as connection:
        await connection.execute("DELETE FROM answers WHERE job_id = :id", {"id": job.id})
    async with world.running():
        pass
    failure = (await world.job(job.id)).failure
    assert failure is not None
    assert failure.code is FailureCode.UNKNOWN
    assert failure.reference
    assert failure.reference in caplog.text
    assert (len(world.provider.history), await world.used()) == (1, 0)


async def test_a_job_whose_picture_s_file_is_lost_fails_and_stops_nobody_else(world: World) -> None:
    lost = await storing(world)
    [answer] = (await world.answers(lost.id)).values()
    world.blobs.path(answer.pictures[0].sha256).unlink()
    async with world.running() as process:
        other = await process.submissions.submit(make_request(), make_origin())
    failure = (await world.job(lost.id)).failure
    assert failure is not None
    assert failure.code is FailureCode.STORAGE
    assert (await world.job(other.job.id)).state is JobState.SUCCEEDED
    assert await world.used() == 1


async def test_what_breaks_while_a_job_is_recovered_does_not_keep_the_bot_from_starting(
    world: World,
) -> None:
    job = await killed_while_calling(world)
    power = Power()
    power.fail("recover read answers", ZeroDivisionError("a bug"))
    async with world.running(powered(world.outside, power)):
        pass
    failure = (await world.job(job.id)).failure
    assert failure is not None
    assert (failure.code, await world.used()) == (FailureCode.UNKNOWN, 0)


async def test_a_job_that_cannot_be_recovered_for_now_is_recovered_later(world: World) -> None:
    job = await storing(world)
    power = Power()
    power.fail("recover read answers", *[StorageError("input/output error")] * 3)
    async with world.running(powered(world.outside, power)):
        world.clock.release("upkeep")
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert len(world.provider.history) == 1

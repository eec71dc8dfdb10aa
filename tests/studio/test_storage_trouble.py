"""A disk that is full, a database that is locked or broken: nothing is lost, nothing is charged."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import FailureCode, Job, JobState
from bot.errors import StorageBusy, StorageError, StorageFull, StorageReadOnly
from storage.store import DATABASE
from tests.fakes import other_program
from tests.fakes.provider import FakeProvider, Reply
from tests.studio.power import Power, powered
from tests.studio.world import World, make_origin, make_request, open_world


class FullDisk:
    """A place for pictures in which a picture begins to arrive and then no space is left."""

    def __init__(self, world: World) -> None:
        self._world = world

    def path(self, sha256: str) -> Path:
        return self._world.blobs.path(sha256)

    def spool(self) -> FullSpool:
        return FullSpool()


class FullSpool:
    async def __aenter__(self) -> FullSpool:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def write(self, data: bytes) -> None:
        raise StorageFull("no space is left")

    async def commit(self) -> tuple[str, int]:
        raise AssertionError("nothing was written")

    async def abort(self) -> None:
        pass


def locked(world: World) -> AbstractAsyncContextManager[None]:
    """Hold the database as another program would."""
    return other_program.locked(world.folder / DATABASE)


async def failed(world: World, job_id: str) -> FailureCode:
    """Check that a job failed without a charge, and that its owner knows; return why."""
    job = await world.job(job_id)
    assert job.failure is not None
    assert await world.ledger(job_id) == [("release", -1, 0), ("reserve", 1, 0)]
    assert [given.outcome.job for given in world.notifier.deliveries] == [job]
    assert world.answer_files() == []
    return job.failure.code


async def succeeded(world: World, job_id: str) -> Job:
    """Check that a job succeeded with one picture and one call, and that its owner has it."""
    job = await world.job(job_id)
    assert job.state is JobState.SUCCEEDED
    assert await world.ledger(job_id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert len(world.provider.history) == 1
    assert len(await world.images(job_id)) == 1
    assert [given.outcome.job for given in world.notifier.deliveries] == [job]
    assert world.answer_files() == []
    return job


# --- a full disk ------------------------------------------------------------------------------------------


async def test_a_disk_that_fills_up_while_the_picture_comes_in(world: World) -> None:
    world.provider = FakeProvider(FullDisk(world))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert await failed(world, ticket.job.id) is FailureCode.STORAGE
    assert len(world.provider.history) == 1


async def test_no_call_is_made_when_there_is_no_room_for_its_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.blobs.LEAST_ROOM", 2**62)
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert await failed(world, ticket.job.id) is FailureCode.STORAGE
    assert world.provider.history == []


@pytest.mark.parametrize("error", [StorageFull("full"), StorageReadOnly("read-only"), StorageBusy("locked")])
@pytest.mark.parametrize(
    "steps", [("somebody commit", "somebody keep answer"), ("job transaction",), ("job commit",)]
)
async def test_an_answer_that_is_there_waits_for_the_storage(
    world: World, steps: Sequence[str], error: Exception
) -> None:
    """The picture was paid for: it is stored as soon as that is possible, and never asked for again."""
    power = Power()

    async def then_trouble(_: object) -> Reply:
        for step in steps:
            power.fail(step, *[error] * 6)
        return Reply()

    world.provider.enqueue(then_trouble)
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    await succeeded(world, ticket.job.id)
    assert world.clock.naps("storage") == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]


async def test_an_answer_that_can_never_be_kept_is_a_failure_and_not_another_call(world: World) -> None:
    power = Power()

    async def then_trouble(_: object) -> Reply:
        for step in ("somebody commit", "somebody keep answer"):
            power.fail(step, StorageError("the provider's answer is nested too deeply to be kept"))
        return Reply()

    world.provider.enqueue(then_trouble)
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert await failed(world, ticket.job.id) is FailureCode.STORAGE
    assert len(world.provider.history) == 1


async def test_answers_that_cannot_be_put_away_are_no_failure(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    power = Power()
    power.fail("deliver drop answers", StorageReadOnly("read-only"))
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


# --- a database that is locked ----------------------------------------------------------------------------


@pytest.fixture
async def hurried(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose database waits only a moment for a lock."""
    async with open_world(tmp_path / "data", busy_timeout=0.02) as world:
        yield world


async def test_a_lock_while_the_answer_is_there_loses_nothing(hurried: World) -> None:
    world = hurried
    world.provider.hold()
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        async with locked(world):
            world.provider.release()
            await world.clock.until(lambda: world.answer_files() == [f"{ticket.job.id}-0.json"])
            await world.clock.until_asleep("storage", 4)
            assert (await world.job(ticket.job.id)).state is JobState.RUNNING
    await succeeded(world, ticket.job.id)


async def test_a_lock_before_a_job_is_claimed_only_delays_it(hurried: World) -> None:
    world = hurried
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        async with locked(world):
            process.workers.wake()
            await world.clock.until_asleep("storage", 2)
    assert (await succeeded(world, ticket.job.id)).attempts == 1


async def test_a_lock_while_the_answer_was_delivered_posts_it_once(hurried: World) -> None:
    world = hurried
    world.notifier.hold()
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.notifier.until(lambda: world.notifier.waiting == 1)
        async with locked(world):
            world.notifier.release()
            await world.clock.until_asleep("storage", 3)
            assert await world.delivery_state(ticket.job.id) is DeliveryState.PENDING
    await succeeded(world, ticket.job.id)
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT


async def test_a_lock_refuses_a_request_and_leaves_nothing(hurried: World) -> None:
    world = hurried
    async with locked(world):
        with pytest.raises(StorageBusy):
            await world.process().submissions.submit(make_request(), make_origin())
    assert set((await world.everything()).values()) == {0}


# --- storage that is broken -------------------------------------------------------------------------------


@pytest.mark.parametrize("commits", [1, 2], ids=["the state", "the success"])
async def test_a_database_that_breaks_while_the_answer_is_there_is_tried_again(
    world: World, commits: int
) -> None:
    """It is not known whether this ever ends, so nobody waits in a loop: upkeep goes on with the job."""
    power = Power()

    async def then_broken(_: object) -> Reply:
        power.fail("job commit", *[None] * (commits - 1), StorageError("disk I/O error"))
        return Reply()

    world.provider.enqueue(then_broken)
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        world.clock.release("upkeep")
    await succeeded(world, ticket.job.id)


async def test_answers_that_cannot_be_read_for_now_are_no_reason_to_fail(world: World) -> None:
    dying = Power(cut_before="somebody ensure room")
    async with world.lost(powered(world.outside, dying)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await dying.until(lambda: dying.off)
    power = Power()
    power.fail("job read answers", StorageError("input/output error"))
    async with world.running(powered(world.outside, power)):
        world.clock.release("upkeep")
    assert (await succeeded(world, ticket.job.id)).attempts == 3


async def test_a_worker_that_could_not_claim_tries_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    power = Power()
    async with world.running(powered(world.outside, power)) as process:
        await world.clock.until_asleep("upkeep")
        power.fail("workers transaction", StorageError("out of reach"))
        ticket = await process.submissions.submit(make_request(), make_origin())
        await power.until(lambda: "no job can be claimed" in caplog.text)
        assert process.studio.working
        world.clock.advance(20)
    await succeeded(world, ticket.job.id)


async def test_upkeep_and_places_outlive_a_storage_that_fails(world: World) -> None:
    power = Power()
    world.provider.hold()
    async with world.running(powered(world.outside, power)) as process:
        await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        power.fail("queue reading", StorageError("out of reach"))
        power.fail("upkeep transaction", StorageError("out of reach"))
        power.fail("upkeep reading", *[StorageError("out of reach")] * 2)
        await world.clock.until_asleep("upkeep")
        await world.clock.until_asleep("queue")
        world.clock.advance(20)
        await world.clock.until_asleep("upkeep", 2)
        await world.clock.until_asleep("queue", 2)
        assert process.studio.working
        world.provider.release()


async def test_a_bug_within_storing_is_told_with_a_reference(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ids = iter(["bbbbbb2"])
    world.new_id = lambda: next(ids)  # StopIteration within a coroutine is a RuntimeError
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert await failed(world, ticket.job.id) is FailureCode.UNKNOWN
    failure = (await world.job(ticket.job.id)).failure
    assert failure is not None
    assert failure.reference in caplog.text
    assert len(world.provider.history) == 1

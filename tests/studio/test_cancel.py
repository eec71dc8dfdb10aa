"""Cancelling: for nothing while it waits, and while it is made as far as that saves money."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.jobs import FailureCode, JobState
from bot.errors import Gone, NotAllowed, QueueFull
from bot.studio.bounds import Bounds
from bot.studio.cancel import Cancelling
from bot.studio.pictures import Person
from tests.fakes.provider import Reply, no_image
from tests.studio.world import CHANNEL, GUILD, MEMBER, World, make_origin, make_request

OWNER = Person(MEMBER, GUILD, CHANNEL, moderator=False)
OTHER = Person(5, GUILD, CHANNEL, moderator=False)
MODERATOR = Person(6, GUILD, CHANNEL, moderator=True)
ELSEWHERE = Person(7, 999, CHANNEL, moderator=True)


async def code_of(world: World, job_id: str) -> FailureCode | None:
    failure = (await world.job(job_id)).failure
    return None if failure is None else failure.code


@pytest.mark.parametrize("who", [OWNER, MODERATOR])
async def test_what_waits_is_cancelled_for_nothing(world: World, who: Person) -> None:
    world.provider.hold()
    async with world.running(bounds=Bounds(running=1)) as process:
        await process.submissions.submit(make_request(), make_origin(member_id=2))
        await world.provider.until_inside()
        waiting = (await process.submissions.submit(make_request(), make_origin())).job
        result = await process.studio.cancellations.cancel(waiting.id, who)
        assert result.what is Cancelling.DONE
        await world.notifier.until_delivered()
        world.provider.release()
    assert await code_of(world, waiting.id) is FailureCode.CANCELLED
    assert await world.ledger(waiting.id) == [("release", -1, 0), ("reserve", 1, 0)]
    assert (await world.used(), len(world.provider.history)) == (0, 1)
    audit = await world.rows("SELECT actor_id, target FROM audit")
    assert audit == ([] if who is OWNER else [(MODERATOR.id, waiting.id)])


async def test_only_the_owner_and_moderators_there_may(world: World) -> None:
    submissions = world.process()
    public = (await submissions.submissions.submit(make_request(), make_origin())).job
    private = (await submissions.submissions.submit(make_request(private=True), make_origin())).job
    cancellations = submissions.studio.cancellations
    with pytest.raises(NotAllowed):
        await cancellations.cancel(public.id, OTHER)
    for job_id, who in ((public.id, ELSEWHERE), (private.id, MODERATOR), (private.id, OTHER), ("zzz", OWNER)):
        with pytest.raises(Gone):
            await cancellations.cancel(job_id, who)
    assert (await world.job(public.id)).state is JobState.CREATED


async def test_a_call_that_is_under_way_is_finished_because_it_costs_the_same(world: World) -> None:
    world.provider.hold()
    async with world.running() as process:
        job = (await process.submissions.submit(make_request(), make_origin())).job
        await world.provider.until_inside()
        cancel = process.studio.cancellations.cancel
        assert (await cancel(job.id, OWNER)).what is Cancelling.TOO_LATE
        assert (await cancel(job.id, OWNER)).what is Cancelling.AGAIN
        world.provider.release()
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert (await process.studio.cancellations.cancel(job.id, OWNER)).what is Cancelling.TOO_LATE


async def test_pictures_that_have_not_begun_are_left_out(world: World) -> None:
    world.provider.hold()
    async with world.running(calls=1) as process:
        job = (await process.submissions.submit(make_request(count=4), make_origin())).job
        await world.provider.until_inside()
        result = await process.studio.cancellations.cancel(job.id, OWNER)
        assert (result.what, result.left_out) == (Cancelling.REST, 3)
        world.provider.release()
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert (len(await world.images(job.id)), await world.used(), len(world.provider.history)) == (1, 1, 1)
    # Its slot is free again.
    async with world.running(calls=1) as process:
        await process.submissions.submit(make_request(count=2), make_origin())
    assert len(world.provider.history) == 3


async def test_what_was_cancelled_at_work_is_not_asked_for_after_a_crash(world: World) -> None:
    world.provider.hold()
    async with world.lost() as process:
        job = (await process.submissions.submit(make_request(), make_origin())).job
        await world.provider.until_inside()
        await process.studio.cancellations.cancel(job.id, OWNER)
    world.provider.release()
    async with world.running():
        pass
    assert await code_of(world, job.id) is FailureCode.CANCELLED
    assert (len(world.provider.history), await world.used()) == (1, 0)


async def test_cancelling_and_claiming_at_once_ends_in_one_of_both(world: World) -> None:
    async with world.running() as process:
        for _ in range(20):
            job = (await process.submissions.submit(make_request(), make_origin())).job
            result, _ = await asyncio.gather(
                process.studio.cancellations.cancel(job.id, OWNER), asyncio.sleep(0)
            )
            await world.until_state(job.id, JobState.SUCCEEDED, JobState.FAILED)
            done = (await world.job(job.id)).state is JobState.FAILED
            assert done == (result.what in (Cancelling.DONE, Cancelling.REST))
    assert await world.open_reservations() == []


async def test_a_queue_that_is_too_long_says_so_before_accepting(world: World) -> None:
    submissions = world.process(max_waiting=3).submissions
    for _ in range(3):
        await submissions.submit(make_request(), make_origin())
    before = await world.everything()
    with pytest.raises(QueueFull) as caught:
        await submissions.submit(make_request(), make_origin())
    assert (caught.value.waiting, await world.everything()) == (3, before)


async def test_what_an_earlier_try_cost_is_settled_although_it_is_cancelled(world: World) -> None:
    """The first answer had no picture and was charged; before the next try nobody wants it any more."""
    both, end = asyncio.Event(), asyncio.Event()

    async def nothing(call: object) -> Reply:
        await both.wait()
        return no_image()

    async def other(call: object) -> Reply:
        await end.wait()
        return Reply()

    world.provider.enqueue(nothing, other)
    async with world.running(calls=1) as process:
        first = (await process.submissions.submit(make_request(), make_origin())).job
        await world.provider.until_inside()
        await process.submissions.submit(make_request(), make_origin(member_id=2))
        await world.observed.until_so(lambda: running(world, 2))
        both.set()
        await world.provider.until(lambda: len(world.provider.history) == 2)  # the other has the only slot
        result = await process.studio.cancellations.cancel(first.id, OWNER)
        assert result.left_out == 1
        await world.until_state(first.id, JobState.FAILED)
        end.set()
    assert await code_of(world, first.id) is FailureCode.CANCELLED
    assert await world.rows("SELECT job_id, micros FROM losses") == [(first.id, 15)]  # 10 tokens of a prompt
    assert await world.used() == 0


async def running(world: World, jobs: int) -> bool:
    async with world.store.reading() as tx:
        return (await tx.jobs.unfinished())[JobState.RUNNING] == jobs

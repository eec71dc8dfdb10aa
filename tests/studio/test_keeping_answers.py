"""What was paid for is durable before anything else happens with it, wherever there is a place for it."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.answers import Answer, Verdict
from bot.domain.jobs import JobState
from bot.errors import StaleState, StorageFull
from bot.studio import kept_answers
from bot.studio.kept_answers import KeptAnswers
from bot.studio.patience import Patience
from tests.fakes.provider import Reply, jpeg, pictures
from tests.studio.power import Power, powered
from tests.studio.world import World, keep_answer, make_origin, make_request

ANSWER = Answer(Verdict.TEXT, "m", text="A boat.")


def kept_by(world: World, power: Power) -> KeptAnswers:
    outside = powered(world.outside, power)
    return KeptAnswers(outside.store, outside.blobs, Patience(world.clock, world.clock.wait))


async def accepted(world: World) -> str:
    """A job that nobody works on."""
    return (await world.process().submissions.submit(make_request(), make_origin())).job.id


async def test_it_is_in_the_database_and_not_on_the_disk(world: World) -> None:
    job_id, power = await accepted(world), Power()
    kept = kept_by(world, power)
    await kept.keep(job_id, 0, ANSWER)
    assert (await kept.of(job_id), world.answer_files()) == ({0: ANSWER}, [])
    assert "somebody keep answer" not in power.steps


async def test_a_database_that_takes_its_time_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "SECONDS_TO_WRITE", 0.01)
    job_id, power = await accepted(world), Power()
    power.pause("somebody commit")
    kept = kept_by(world, power)
    await kept.keep(job_id, 0, ANSWER)
    assert await world.answers(job_id) == {}
    assert (await kept.of(job_id), world.answer_files()) == ({0: ANSWER}, [f"{job_id}-0.json"])


async def test_a_stop_while_the_database_takes_its_time_loses_nothing(world: World) -> None:
    job_id, power = await accepted(world), Power()
    commit = power.pause("somebody commit")
    kept = kept_by(world, power)
    keeping = asyncio.create_task(kept.keep(job_id, 0, ANSWER))
    await commit.until_reached()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert await kept.of(job_id) == {0: ANSWER}


async def test_where_both_are_full_the_first_that_has_room_takes_it(world: World) -> None:
    job_id, power = await accepted(world), Power()
    power.fail("somebody commit", *[StorageFull("full")] * 2)
    power.fail("somebody keep answer", *[StorageFull("full")] * 3)
    kept = kept_by(world, power)
    await kept.keep(job_id, 0, ANSWER)
    assert (await world.answers(job_id), world.answer_files()) == ({0: ANSWER}, [])
    assert world.clock.naps("storage") == [0.25, 0.5]


async def test_an_answer_that_another_process_has_settled_is_not_written_over(world: World) -> None:
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    with pytest.raises(StaleState):
        await kept_by(world, Power()).keep(ticket.job.id, 0, ANSWER)
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert (await world.answers(ticket.job.id))[0] != ANSWER
    assert world.answer_files() == []


async def test_of_two_processes_that_ask_for_the_same_picture_the_first_answer_counts(world: World) -> None:
    """The second took the job for abandoned; whichever ends it, image and answer belong together."""
    other = pictures(jpeg(7))

    async def then_somebody_else_was_first(_: object) -> Reply:
        ((job_id,),) = await world.rows("SELECT id FROM jobs")
        await keep_answer(world, await world.job(job_id), 0, other)
        return pictures(jpeg(8))

    world.provider.enqueue(then_somebody_else_was_first)
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    (image,), (answer,) = await world.images(ticket.job.id), (await world.answers(ticket.job.id)).values()
    assert answer.result is not None
    assert image.sha256 == answer.result.sha256
    assert world.notifier.deliveries[0].files == (jpeg(7),)
    assert (await world.used(), len(world.provider.history), world.answer_files()) == (1, 1, [])


async def test_what_went_to_the_disk_is_settled_like_any_other_and_leaves_no_file(world: World) -> None:
    power = Power()

    async def then_full(_: object) -> Reply:
        power.fail("somebody commit", StorageFull("full"))
        return Reply()

    world.provider.enqueue(then_full)
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert "somebody keep answer" in power.steps
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert len(await world.answers(ticket.job.id)) == 1
    assert (await world.used(), world.answer_files()) == (1, [])

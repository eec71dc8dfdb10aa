"""One job from its claim to its end: what is called, kept, settled and told."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Usage, Verdict
from bot.domain.catalogue import Catalogue
from bot.domain.deliveries import DeliveryState, Way
from bot.domain.jobs import FailureCode, Job, JobState
from bot.domain.progress import Stage
from bot.errors import BadAnswer, Busy, CallLost, KeyRefused, RequestRefused
from tests.fakes.provider import Drawn, Item, Reply, blocked, jpeg, no_image, pictures
from tests.studio.world import DRAFT, MEMBER, STANDARD, Process, World, keep_answer, make_origin, make_request

WHOLE_WAY = ["created", "running", "storing", "succeeded"]


async def done(world: World, process: Process, **changes: Any) -> Job:
    """Submit a request and return its job at its end."""
    ticket = await process.submissions.submit(make_request(**changes), make_origin())
    await world.until_idle()
    return await world.job(ticket.job.id)


# --- success ----------------------------------------------------------------------------------------------


async def test_a_picture_goes_the_whole_way(world: World) -> None:
    data = jpeg(7, 96, 64)
    world.provider.enqueue(pictures(data, text="Here it is."))
    async with world.running() as process:
        job = await done(world, process, prompt="a fox", ratio="3:2", size="2K")

    assert (job.state, job.attempts, job.failure) == (JobState.SUCCEEDED, 1, None)
    assert (job.lease_owner, job.lease_until) == (None, None)
    assert job.started_at == job.finished_at == world.clock.now()
    assert await world.events(job.id) == WHOLE_WAY

    [image] = await world.images(job.id)
    assert (image.width, image.height, image.mime, image.size) == (96, 64, "image/jpeg", len(data))
    assert (image.owner_id, image.guild_id, image.private, image.position) == (MEMBER, 700, False, 0)
    assert world.blobs.path(image.sha256).read_bytes() == data
    assert image.sha256 == hashlib.sha256(data).hexdigest()

    [answer] = (await world.answers(job.id)).values()
    assert (answer.text, answer.response_id, answer.finish_reason) == ("Here it is.", "response-1", "STOP")
    assert answer.content is not None
    assert answer.content["parts"][0]["thoughtSignature"] == "signature-1"
    assert await world.rows("SELECT image_id FROM answers") == [(image.id,)]

    [given] = world.notifier.deliveries
    assert (given.way, given.files, given.outcome.notes) == (Way.TOKEN, (data,), ("Here it is.",))
    assert (given.outcome.short_of, given.outcome.withdrawn) == (0, False)
    assert world.notifier.stages(job.id) == [Stage.GENERATING, Stage.FINALIZING]
    assert world.answer_files() == []


async def test_what_the_provider_is_asked(world: World) -> None:
    async with world.running(call_seconds=200.0) as process:
        await done(world, process, prompt="a fox", ratio="3:2", size="2K")
        await done(world, process, prompt="a hen", model=DRAFT, size="1K", seed=5)
        await done(world, process, prompt="a cow", references=())
    fox, hen, cow = world.provider.history
    assert (fox.prompt, fox.call.model, fox.call.ratio, fox.call.size) == ("a fox", STANDARD, "3:2", "2K")
    assert (fox.call.seed, fox.timeout) == (None, 200.0)
    # The draft model takes no size, and one of its calls may take 120 s.
    assert (hen.call.model, hen.call.size, hen.call.seed, hen.timeout) == (DRAFT, None, 5, 120.0)
    assert (cow.call.ratio, cow.call.size) == (None, None)


async def test_it_is_settled_by_what_the_provider_counted(world: World) -> None:
    usage = Usage(prompt=1_000_000, output=1_000_000, output_images=1_000_000, total=2_000_000)
    world.provider.enqueue(pictures(jpeg(1), usage=usage))
    async with world.running() as process:
        job = await done(world, process)
    assert job.cost_micros == 1_500_000 + 30_000_000  # 1.50 and 30 dollars for a million tokens
    assert await world.ledger(job.id) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert await world.rows("SELECT settled_micros FROM ledger WHERE kind = 'settle'") == [(31_500_000,)]
    assert await world.used() == 1
    assert await world.open_reservations() == []


async def test_four_pictures_are_four_calls_one_job_and_one_delivery(world: World) -> None:
    async with world.running() as process:
        job = await done(world, process, model=DRAFT, count=4, seed=40)

    assert sorted(made.call.seed or 0 for made in world.provider.history) == [40, 41, 42, 43]
    images = await world.images(job.id)
    assert [image.position for image in images] == [0, 1, 2, 3]
    assert len({image.sha256 for image in images}) == 4
    [given] = world.notifier.deliveries
    assert [attachment.image for attachment in given.outcome.attachments] == images
    assert given.outcome.short_of == 0
    assert await world.ledger(job.id) == [("reserve", 4, 0), ("settle", -4, 4)]
    assert (await world.everything())["jobs"] == 1
    assert world.answer_files() == []


async def test_a_seed_counts_on_from_the_highest_to_the_lowest(world: World) -> None:
    async with world.running() as process:
        await done(world, process, model=DRAFT, count=2, seed=2**31 - 1)
    assert sorted(made.call.seed or 0 for made in world.provider.history) == [0, 2**31 - 1]


async def test_the_last_picture_that_is_no_draft_is_the_result(world: World) -> None:
    world.provider.enqueue(
        pictures(Drawn(jpeg(1), thought=True), jpeg(2), jpeg(3), Drawn(jpeg(4), thought=True))
    )
    async with world.running() as process:
        job = await done(world, process)
    [given] = world.notifier.deliveries
    assert given.files == (jpeg(3),)
    [answer] = (await world.answers(job.id)).values()
    assert [picture.thought for picture in answer.pictures] == [True, False, False, True]


async def test_a_picture_of_another_size_than_asked_has_its_true_size(world: World) -> None:
    world.provider.enqueue(pictures(jpeg(1, 50, 10)))
    async with world.running() as process:
        job = await done(world, process, ratio="1:1", size="4K")
    [image] = await world.images(job.id)
    assert (job.state, image.width, image.height) == (JobState.SUCCEEDED, 50, 10)


async def test_a_picture_has_the_type_that_its_bytes_have(world: World) -> None:
    world.provider.enqueue(pictures(Drawn(jpeg(1), mime="image/png")))
    async with world.running() as process:
        job = await done(world, process)
    [image] = await world.images(job.id)
    assert image.mime == "image/jpeg"


async def test_two_answers_with_the_same_picture_are_two_images_of_one_file(world: World) -> None:
    world.provider.enqueue(pictures(jpeg(1)), pictures(jpeg(1)))
    async with world.running() as process:
        job = await done(world, process, count=2)
    images = await world.images(job.id)
    assert images[0].sha256 == images[1].sha256
    assert images[0].id != images[1].id


async def test_an_image_id_that_is_taken_is_drawn_again(world: World) -> None:
    """What was paid for must not be stuck because of a dice."""
    ids = iter(["bbbbbb2", "bbbbbb3", "bbbbbb4", "bbbbbb3", "bbbbbb3", "bbbbbb5"])
    world.new_id = lambda: next(ids)
    async with world.running() as process:
        first = await done(world, process)
        second = await done(world, process)
    assert [image.id for image in await world.images(first.id)] == ["bbbbbb3"]
    assert [image.id for image in await world.images(second.id)] == ["bbbbbb5"]


# --- some of several --------------------------------------------------------------------------------------


async def test_two_of_four_are_settled_and_delivered_with_what_is_missing(world: World) -> None:
    world.provider.enqueue(Reply(), blocked("no"), Reply(), RequestRefused("answered 400"))
    async with world.running() as process:
        job = await done(world, process, count=4)
    assert job.state is JobState.SUCCEEDED
    assert await world.ledger(job.id) == [("reserve", 4, 0), ("settle", -4, 2)]
    [given] = world.notifier.deliveries
    assert (len(given.files), given.outcome.short_of) == (2, 2)
    assert len(await world.answers(job.id)) == 3  # the refusal is an answer, too
    assert len(world.provider.history) == 4


async def test_a_call_that_breaks_does_not_take_the_others_with_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.provider.enqueue(Reply(), ZeroDivisionError("a bug"), Reply())
    async with world.running() as process:
        job = await done(world, process, count=3)
    assert (job.state, await world.used()) == (JobState.SUCCEEDED, 2)
    assert any(record.exc_info and job.id in record.getMessage() for record in caplog.records)


# --- no picture -------------------------------------------------------------------------------------------

FAILURES: dict[str, tuple[list[Item], int, FailureCode, str]] = {
    "blocked": ([blocked("Violates a policy.")], 1, FailureCode.SAFETY, "Violates a policy."),
    "two answers without a picture": ([no_image(), no_image()], 2, FailureCode.NO_IMAGE, ""),
    "only drafts": (
        [Reply((Drawn(jpeg(1), thought=True),), Verdict.NO_IMAGE)] * 2,
        2,
        FailureCode.NO_IMAGE,
        "",
    ),
    "blocked, although a picture came": (
        [blocked("Violates a policy.", drawn=(Drawn(jpeg(1)),))],
        1,
        FailureCode.SAFETY,
        "Violates a policy.",
    ),
    "refused": ([RequestRefused("answered 400", message="Bad ratio.")], 1, FailureCode.REFUSED, "Bad ratio."),
    "the key": ([KeyRefused("answered 403")], 1, FailureCode.MISCONFIGURED, ""),
    "unreadable": ([BadAnswer("the answer broke off")], 1, FailureCode.UNKNOWN, ""),
    "no picture's bytes": ([pictures(b"<html>502</html>")], 1, FailureCode.UNKNOWN, ""),
    "half a picture": ([pictures(jpeg(1)[:-400])], 1, FailureCode.UNKNOWN, ""),
    "a bug": ([ZeroDivisionError("of our own")], 1, FailureCode.UNKNOWN, ""),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_a_job_without_a_picture_fails_and_costs_nothing(
    world: World, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    items, calls, code, message = FAILURES[case]
    world.provider.enqueue(*items)
    async with world.running() as process:
        job = await done(world, process, prompt="a secret wish")

    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert (job.failure.code, job.failure.message) == (code, message)
    assert len(world.provider.history) == calls
    assert await world.ledger(job.id) == [("release", -1, 0), ("reserve", 1, 0)]
    assert (await world.used(), await world.open_reservations()) == (0, [])
    assert await world.images(job.id) == []
    [given] = world.notifier.deliveries
    assert given.outcome.job == job
    assert (given.files, given.outcome.attachments) == ((), ())
    assert await world.delivery_state(job.id) is DeliveryState.SENT
    assert world.answer_files() == []
    # Somebody who quotes the reference is found in the log; nobody's words are.
    assert bool(job.failure.reference) == (code is FailureCode.UNKNOWN)
    assert job.failure.reference in caplog.text
    assert "a secret wish" not in caplog.text


async def test_what_was_answered_is_kept_of_a_failed_job_too(world: World) -> None:
    world.provider.enqueue(blocked("Violates a policy."))
    async with world.running() as process:
        job = await done(world, process)
    [answer] = (await world.answers(job.id)).values()
    assert (answer.finish_reason, answer.message) == ("IMAGE_SAFETY", "Violates a policy.")
    assert await world.events(job.id) == ["created", "running", "failed"]


async def test_of_several_reasons_the_one_that_helps_most_is_told(world: World) -> None:
    world.provider.enqueue(RequestRefused("answered 400"), BadAnswer("cut off"), blocked("No."))
    async with world.running() as process:
        job = await done(world, process, count=3)
    assert job.failure is not None
    assert (job.failure.code, job.failure.message) == (FailureCode.SAFETY, "No.")


# --- again ------------------------------------------------------------------------------------------------


async def test_an_answer_without_a_picture_is_asked_for_once_more(world: World) -> None:
    world.provider.enqueue(no_image("I cannot draw."), Reply())
    async with world.running() as process:
        job = await done(world, process)
    assert (job.state, len(world.provider.history)) == (JobState.SUCCEEDED, 2)
    assert world.clock.naps("retry") == [0.0]


async def test_a_busy_provider_does_not_use_up_the_one_more_try(world: World) -> None:
    world.provider.enqueue(Busy("503"), no_image(), Busy("503"), Reply())
    async with world.running() as process:
        job = await done(world, process)
    assert (job.state, len(world.provider.history)) == (JobState.SUCCEEDED, 4)


async def test_a_call_that_was_lost_is_made_once_more_whatever_comes_between(world: World) -> None:
    """Nor is another model asked in its place: each of these calls may have been paid for."""
    world.provider.enqueue(CallLost("ended"), Busy("503"), CallLost("ended"), Reply())
    async with world.running() as process:
        job = await done(world, process)
    assert job.failure is not None
    assert (job.failure.code, len(world.provider.history)) == (FailureCode.UNKNOWN, 3)
    assert await world.ledger(job.id) == [("release", -1, 0), ("reserve", 1, 0)]


async def test_a_busy_provider_is_given_the_time_it_asks_for(world: World) -> None:
    world.provider.enqueue(Busy("429", retry_after=7.0), Reply())
    async with world.running() as process:
        job = await done(world, process)
    assert job.state is JobState.SUCCEEDED
    [wait] = world.clock.naps("retry")
    assert 7.0 <= wait < 8.0


async def test_a_provider_that_stays_busy_ends_in_final_words_within_forty_seconds(world: World) -> None:
    async def slow_and_busy(_: object) -> Reply:
        world.clock.pass_by(2.0)
        raise Busy("503")

    world.provider.enqueue(*[slow_and_busy] * 50)
    async with world.running() as process:
        started = world.clock.monotonic()
        job = await done(world, process)
        took = world.clock.monotonic() - started
    assert job.failure is not None
    assert job.failure.code is FailureCode.BUSY
    assert took <= 40
    waits = world.clock.naps("retry")
    assert len(world.provider.history) == len(waits) + 1 >= 4
    assert waits[0] < 2 < waits[-1]
    assert await world.ledger(job.id) == [("release", -1, 0), ("reserve", 1, 0)]


async def test_a_delay_beyond_the_budget_ends_it_at_once(world: World) -> None:
    world.provider.enqueue(Busy("429", retry_after=60.0))
    async with world.running() as process:
        job = await done(world, process)
    assert job.failure is not None
    assert (job.failure.code, len(world.provider.history)) == (FailureCode.BUSY, 1)
    assert world.clock.naps("retry") == []


async def test_waiting_for_a_free_call_is_not_counted_as_trying(world: World) -> None:
    """Where many wait for few calls, the last of them still have their tries."""

    async def minute(_: object) -> Reply:
        world.clock.pass_by(60.0)
        return Reply()

    world.provider.enqueue(minute, Busy("503"), Reply())
    async with world.running(calls=1) as process:
        job = await done(world, process, count=2)
    assert (job.state, await world.used()) == (JobState.SUCCEEDED, 2)
    assert len(world.provider.history) == 3


async def test_no_try_begins_after_the_budget_because_a_call_was_not_free(world: World) -> None:
    world.clock.held.add("retry")

    async def minute(_: object) -> Reply:
        await world.clock.until_asleep("retry")
        world.clock.release("retry")
        for _ in range(10):
            await asyncio.sleep(0)  # the other call wants to try again now, and may not come in
        world.clock.pass_by(60.0)
        return Reply()

    world.provider.enqueue(Busy("503"), minute)
    async with world.running(calls=1) as process:
        job = await done(world, process, count=2)
    [given] = world.notifier.deliveries
    assert (job.state, given.outcome.short_of, len(world.provider.history)) == (JobState.SUCCEEDED, 1, 2)


# --- how it is told ---------------------------------------------------------------------------------------


async def test_the_card_says_finalizing_when_the_last_answer_begins_to_come_in(world: World) -> None:
    stages: list[list[Stage]] = []

    async def look(_: object) -> Reply:
        [told] = {told.job_id for told in world.notifier.progressed}
        stages.append(world.notifier.stages(told))
        return Reply()

    world.provider.enqueue(look, look, look)
    async with world.running(calls=1) as process:
        job = await done(world, process, count=3)
    assert stages == [[Stage.GENERATING]] * 3
    assert world.notifier.stages(job.id) == [Stage.GENERATING, Stage.FINALIZING]


async def test_a_failure_is_not_announced_as_finalizing(world: World) -> None:
    world.provider.enqueue(RequestRefused("answered 400"))
    async with world.running() as process:
        job = await done(world, process)
    assert world.notifier.stages(job.id) == [Stage.GENERATING]


# --- a catalogue that changed while the job waited --------------------------------------------------------


async def test_a_model_that_left_while_the_job_waited_is_gone(world: World) -> None:
    ticket = await world.process().submissions.submit(make_request(), make_origin())
    world.catalogue = without(world.catalogue, STANDARD)
    async with world.running():
        pass
    job = await world.job(ticket.job.id)
    assert job.failure is not None
    assert job.failure.code is FailureCode.RETIRED
    assert (world.provider.history, await world.used()) == ([], 0)


async def test_a_model_that_left_while_its_answer_was_there_loses_no_picture(world: World) -> None:
    async with world.lost() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        world.provider.hold()
        await world.provider.until_inside()
    [reservation] = await world.open_reservations()
    await keep_answer(world, ticket.job, 0, Reply())
    world.catalogue = without(world.catalogue, STANDARD)
    async with world.running():
        pass
    job = await world.job(ticket.job.id)
    assert (job.state, job.cost_micros) == (JobState.SUCCEEDED, reservation.reserved_micros)


def without(catalogue: Catalogue, model_id: str) -> Catalogue:
    return replace(catalogue, models=tuple(model for model in catalogue.models if model.id != model_id))

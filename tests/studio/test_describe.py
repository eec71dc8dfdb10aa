"""A description from its request to its end: words that are durable, paid for, and no image."""

from __future__ import annotations

import pytest

from bot.domain.answers import Usage, Verdict
from bot.domain.calls import DESCRIBE_WORDS
from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import FailureCode, Job, JobState
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Request
from bot.errors import CapReached, CapRule, Gone, RequestRefused
from bot.studio.pictures import Person
from tests.fakes.provider import Reply, blocked, no_image, pictures
from tests.studio.world import GUILD, MEMBER, Process, World, keep_answer, make_origin, make_request

USAGE = Usage(prompt=1_200, output=100, output_images=0, thoughts=60, total=1_360)
COST = 1_200 * 1.5 + 160 * 7.5


def said(text: str, usage: Usage = USAGE) -> Reply:
    return Reply((), Verdict.TEXT, text, usage=usage)


def describing(**changes: object) -> Request:
    return make_request(DESCRIBE_WORDS, kind=Kind.DESCRIBE, **changes)


async def described(world: World, process: Process, **changes: object) -> Job:
    ticket = await process.submissions.submit(describing(**changes), make_origin())
    await world.until_idle()
    return await world.job(ticket.job.id)


async def test_words_are_kept_paid_and_delivered_and_no_image_is_counted(world: World) -> None:
    world.provider.enqueue(said("A red lighthouse."))
    async with world.running(daily_images=1) as process:
        job = await described(world, process)
    assert (job.state, job.cost_micros) == (JobState.SUCCEEDED, COST)
    assert await world.events(job.id) == ["created", "running", "storing", "succeeded"]
    assert await world.ledger(job.id) == [("reserve", 0, 0), ("settle", 0, 0)]
    assert await world.used() == 0
    assert await world.open_reservations() == []
    (answer,) = (await world.answers(job.id)).values()
    assert answer.text == "A red lighthouse."
    (given,) = world.notifier.deliveries
    assert (given.outcome.notes, given.outcome.attachments) == (("A red lighthouse.",), ())
    assert (given.outcome.short_of, given.outcome.withdrawn) == (0, False)
    assert not world.provider.history[0].call.want_image


async def test_a_used_up_limit_is_no_reason_but_none_at_all_is(world: World) -> None:
    world.provider.enqueue(Reply(), said("A cat."))
    async with world.running(daily_images=1) as process:
        await process.submissions.submit(make_request(), make_origin())
        assert (await described(world, process)).state is JobState.SUCCEEDED
        with pytest.raises(CapReached):
            await process.submissions.submit(make_request(), make_origin())
    async with world.running(daily_images=0) as process:
        with pytest.raises(CapReached):
            await process.submissions.submit(describing(), make_origin())


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ([blocked("No.")], FailureCode.SAFETY),
        ([no_image(), no_image()], FailureCode.NO_IMAGE),
    ],
)
async def test_what_was_not_said_is_not_charged(
    world: World, replies: list[Reply], code: FailureCode
) -> None:
    world.provider.enqueue(*replies)
    async with world.running() as process:
        job = await described(world, process)
    assert job.failure is not None
    assert (job.state, job.failure.code, job.cost_micros) == (JobState.FAILED, code, None)
    assert await world.ledger(job.id) == [("release", 0, 0), ("reserve", 0, 0)]


async def test_kept_words_are_not_asked_for_again_after_a_crash(world: World) -> None:
    world.provider.hold()
    async with world.lost() as process:
        ticket = await process.submissions.submit(describing(), make_origin())
        await world.provider.until_inside()
    await keep_answer(world, ticket.job, 0, said("A boat."))
    world.provider.release()
    calls = len(world.provider.history)
    async with world.running():
        pass
    job = await world.job(ticket.job.id)
    assert (job.state, job.cost_micros, len(world.provider.history)) == (JobState.SUCCEEDED, COST, calls)
    assert world.notifier.deliveries[-1].outcome.notes == ("A boat.",)
    assert await world.delivery_state(job.id) is DeliveryState.SENT
    assert world.answer_files() == []


async def test_a_description_is_found_by_whom_a_picture_would_be(world: World) -> None:
    world.provider.enqueue(said("A boat."), said("A secret."), pictures(b"not looked at"))
    owner = Person(MEMBER, GUILD, 1, moderator=False)
    neighbour = Person(5, GUILD, 1, moderator=True)
    stranger = Person(5, 99, 1, moderator=True)
    async with world.running() as process:
        public = await described(world, process)
        private = await described(world, process, private=True)
        find = process.studio.descriptions.of_job
        assert (await find(public.id, neighbour)).text == "A boat."
        assert (await find(private.id, owner)).text == "A secret."
        for job, person in ((public, stranger), (private, neighbour)):
            with pytest.raises(Gone):
                await find(job.id, person)
        with pytest.raises(Gone):
            await find("2222222", owner)


async def test_what_is_too_long_for_a_prompt_is_shortened_where_it_becomes_one(world: World) -> None:
    world.provider.enqueue(said("word " * 200))
    async with world.running(max_prompt=100) as process:
        job = await described(world, process)
        found = await process.studio.descriptions.of_job(job.id, Person(MEMBER, GUILD, 1, moderator=False))
    assert 50 < len(found.text) <= 100
    assert len((await world.answers(job.id))[0].text) == 1000


# --- the cap of a day ---------------------------------------------------------------------------------------

DAY = 24 * 3600.0


async def test_descriptions_of_a_day_are_bounded_although_they_make_no_image(world: World) -> None:
    world.provider.enqueue(*[said("A boat.")] * 4)
    async with world.running(operator=OperatorLimits(daily_descriptions=2), daily_images=1) as process:
        for _ in range(2):
            await described(world, process)
        with pytest.raises(CapReached) as caught:
            await described(world, process)
        assert (caught.value.rule, caught.value.limit, caught.value.used) == (CapRule.DESCRIPTIONS, 2, 2)
        await process.submissions.submit(describing(), make_origin(member_id=MEMBER + 1))
        await world.until_idle()
        world.clock.pass_by(DAY)
        await described(world, process)
        await process.submissions.submit(make_request(), make_origin())  # a picture is another matter


async def test_descriptions_that_wait_count_too(world: World) -> None:
    door = world.process(operator=OperatorLimits(daily_descriptions=1)).submissions
    await door.submit(describing(), make_origin())
    with pytest.raises(CapReached):
        await door.submit(describing(), make_origin())


@pytest.mark.parametrize("nothing", [blocked("No."), RequestRefused("400")], ids=["blocked", "not taken"])
async def test_what_cost_nothing_is_not_counted(world: World, nothing: Reply | RequestRefused) -> None:
    world.provider.enqueue(nothing, said("A boat."))
    async with world.running(operator=OperatorLimits(daily_descriptions=1)) as process:
        assert (await described(world, process)).state is JobState.FAILED
        assert (await described(world, process)).state is JobState.SUCCEEDED

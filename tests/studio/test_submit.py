"""Accepting a request: in one transaction or not at all, and never more than a cap allows."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.caps import Period, day_of
from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import JobState
from bot.domain.progress import Ticket
from bot.domain.requests import Reference
from bot.errors import CapReached, InvalidRequest, Problem
from bot.studio.bounds import Bounds
from tests.fakes.provider import Reply, blocked, no_image
from tests.studio.power import Power, PowerCut, powered
from tests.studio.world import DRAFT, MEMBER, STANDARD, World, make_origin, make_request

NOTHING = {"jobs": 0, "job_events": 0, "ledger": 0, "deliveries": 0, "images": 0, "answers": 0}
BERLIN = ZoneInfo("Europe/Berlin")


async def test_an_accepted_request_is_a_job_a_reservation_and_an_open_delivery(world: World) -> None:
    origin = make_origin()
    ticket = await world.process().submissions.submit(make_request(count=3), origin)

    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts, job.origin) == (JobState.CREATED, 0, origin)
    assert job.request == make_request(count=3)
    assert job == ticket.job
    assert (ticket.ahead, ticket.repeated) == (0, False)
    assert await world.ledger(job.id) == [("reserve", 3, 0)]
    [entry] = await world.open_reservations()
    assert (entry.member_id, entry.guild_id, entry.charged_at) == (MEMBER, origin.guild_id, world.clock.now())
    assert entry.reserved_micros > 3 * 33_600
    assert await world.delivery_state(job.id) is DeliveryState.OPEN
    assert await world.events(job.id) == ["created"]


@pytest.mark.parametrize("step", ["transaction", "commit"])
async def test_what_breaks_off_leaves_nothing(world: World, step: str) -> None:
    """A job without a reservation, or a reservation without a job, would never be put right again."""
    power = Power(cut_at=["reading", "has read", "transaction", "commit"].index(step) + 1)
    with pytest.raises(PowerCut, match=step):
        await world.process(powered(world.outside, power)).submissions.submit(make_request(), make_origin())
    assert await world.everything() == NOTHING


async def test_the_same_interaction_twice_is_one_job_and_one_reservation(world: World) -> None:
    submissions = world.process().submissions
    origin = make_origin()
    first = await submissions.submit(make_request(), origin)
    again = await submissions.submit(make_request(), origin)

    assert again == Ticket(first.job, 0, repeated=True)
    assert await world.used() == 1
    assert (await world.everything())["jobs"] == 1


async def test_the_same_interaction_at_the_same_time_is_one_job(world: World) -> None:
    submissions = world.process().submissions
    origin = make_origin()
    tickets = await asyncio.gather(*(submissions.submit(make_request(), origin) for _ in range(8)))

    assert {ticket.job.id for ticket in tickets} == {tickets[0].job.id}
    assert [ticket.repeated for ticket in tickets].count(False) == 1
    assert await world.everything() == NOTHING | {"jobs": 1, "job_events": 1, "ledger": 1, "deliveries": 1}


async def test_the_same_interaction_is_known_when_the_cap_is_reached(
    world: World,
) -> None:
    origin = make_origin()
    first = await world.process(daily_images=1).submissions.submit(make_request(), origin)
    again = await world.process(daily_images=1).submissions.submit(make_request(), origin)
    assert again.repeated
    assert again.job.id == first.job.id


async def test_a_delivery_of_an_interaction_that_was_done_reports_it_as_done(world: World) -> None:
    origin = make_origin()
    async with world.running() as process:
        await process.submissions.submit(make_request(), origin)
    ticket = await world.process().submissions.submit(make_request(), origin)
    assert (ticket.job.state, ticket.ahead, ticket.repeated) == (JobState.SUCCEEDED, 0, True)


async def test_an_id_that_is_taken_is_drawn_again(world: World) -> None:
    ids = iter(["bbbbbb2", "bbbbbb2", "bbbbbb2", "bbbbbb3"])
    world.new_id = lambda: next(ids)
    submissions = world.process().submissions
    tickets = [await submissions.submit(make_request(), make_origin()) for _ in range(2)]
    assert [ticket.job.id for ticket in tickets] == ["bbbbbb2", "bbbbbb3"]


async def test_the_ticket_says_how_many_go_first_where_not_all_find_room(world: World) -> None:
    submissions = world.process(bounds=Bounds(running=2)).submissions
    tickets = []
    for _ in range(4):
        tickets.append(await submissions.submit(make_request(), make_origin()))
        world.clock.pass_by(1)
    assert [ticket.ahead for ticket in tickets] == [0, 0, 2, 3]


# --- caps -------------------------------------------------------------------------------------------------


async def test_sixty_submissions_at_once_under_a_cap_of_five_are_exactly_five(world: World) -> None:
    submissions = world.process(daily_images=5).submissions
    outcomes = await asyncio.gather(
        *(submissions.submit(make_request(), make_origin()) for _ in range(60)), return_exceptions=True
    )
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, CapReached)]
    assert (len(accepted), len(refused)) == (5, 55)
    assert await world.used() == 5
    assert await world.everything() == NOTHING | {"jobs": 5, "job_events": 5, "ledger": 5, "deliveries": 5}


async def test_a_cap_counts_images_not_requests(world: World) -> None:
    submissions = world.process(daily_images=5).submissions
    await submissions.submit(make_request(count=4), make_origin())
    before = await world.everything()

    with pytest.raises(CapReached) as refusal:
        await submissions.submit(make_request(count=2), make_origin())
    assert (refusal.value.limit, refusal.value.used, refusal.value.wanted) == (5, 4, 2)
    assert refusal.value.left == 1
    assert refusal.value.resets_at == world.clock.now() + 12 * 3_600_000
    assert await world.everything() == before

    await submissions.submit(make_request(count=1), make_origin())
    assert await world.used() == 5


async def test_a_cap_is_each_member_s_own(world: World) -> None:
    submissions = world.process(daily_images=1).submissions
    await submissions.submit(make_request(), make_origin())
    await submissions.submit(make_request(), make_origin(member_id=MEMBER + 1))
    with pytest.raises(CapReached):
        await submissions.submit(make_request(), make_origin(guild_id=None))
    assert (await world.used(), await world.used(MEMBER + 1)) == (1, 1)


async def test_a_cap_of_nothing_refuses_everything(world: World) -> None:
    with pytest.raises(CapReached) as refusal:
        await world.process(daily_images=0).submissions.submit(make_request(), make_origin())
    assert (refusal.value.limit, refusal.value.used, refusal.value.left) == (0, 0, 0)
    assert await world.everything() == NOTHING


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param((2026, 3, 29), 23, id="clocks go forward"),
        pytest.param((2026, 10, 25), 25, id="clocks go back"),
        pytest.param((2026, 6, 1), 24, id="an ordinary day"),
    ],
)
async def test_a_cap_is_fresh_at_local_midnight(world: World, day: tuple[int, int, int], hours: int) -> None:
    first = datetime(*day, tzinfo=BERLIN)
    following = datetime(day[0], day[1], day[2] + 1, tzinfo=BERLIN)
    assert millis(following) - millis(first) == hours * 3_600_000
    submissions = world.process(daily_images=1, zone=BERLIN).submissions

    world.clock.set(first)
    await submissions.submit(make_request(), make_origin())
    world.clock.pass_by(hours * 3600 - 0.001)
    with pytest.raises(CapReached) as refusal:
        await submissions.submit(make_request(), make_origin())
    assert refusal.value.resets_at == millis(following) == world.clock.now() + 1

    world.clock.pass_by(0.002)
    await submissions.submit(make_request(), make_origin())
    assert await world.used(period=day_of(millis(first), BERLIN)) == 1
    assert await world.used(period=Period(millis(following), millis(following) + 3_600_000)) == 1


@pytest.mark.parametrize("replies", [(blocked(),), (no_image(), no_image())], ids=["blocked", "no image"])
async def test_what_was_not_made_is_given_back(world: World, replies: tuple[Reply, ...]) -> None:
    world.provider.enqueue(*replies)
    async with world.running(daily_images=1) as process:
        await process.submissions.submit(make_request(), make_origin())
        await world.until_idle()
        assert await world.used() == 0
        await process.submissions.submit(make_request(), make_origin())
    assert await world.used() == 1


async def test_what_was_not_made_is_given_back_to_the_day_it_was_asked_for(world: World) -> None:
    """A job that runs over midnight charges nothing to the new day, and gives nothing back to it."""
    process = world.process(daily_images=4)
    world.clock.set(datetime(2026, 6, 1, 23, 59, tzinfo=ZoneInfo("UTC")))
    ticket = await process.submissions.submit(make_request(count=4), make_origin())
    today = day_of(world.clock.now(), ZoneInfo("UTC"))
    world.clock.pass_by(120)
    world.provider.enqueue(blocked(), blocked())
    async with world.running(daily_images=4):
        pass
    assert await world.ledger(ticket.job.id) == [("reserve", 4, 0), ("settle", -4, 2)]
    assert await world.used(period=today) == 2
    assert await world.used(period=day_of(world.clock.now(), ZoneInfo("UTC"))) == 0


# --- refusals ---------------------------------------------------------------------------------------------

REFERENCE = Reference("ab" * 32, "image/jpeg", 1000)
REFUSED: dict[str, tuple[dict[str, Any], Problem, dict[str, Any]]] = {
    "no prompt": ({"prompt": " \n\t"}, Problem.PROMPT_EMPTY, {}),
    "an invisible prompt": ({"prompt": "\u200b\u2060\x07"}, Problem.PROMPT_EMPTY, {}),
    "a long prompt": ({"prompt": "x" * 4001}, Problem.PROMPT_TOO_LONG, {"length": 4001, "limit": 4000}),
    "an unknown model": (
        {"model": "dall-e-7"},
        Problem.MODEL_UNKNOWN,
        {"model": "dall-e-7", "allowed": [STANDARD, DRAFT, "gemini-3-pro-image"]},
    ),
    "a ratio that no model takes": ({"ratio": "7:5"}, Problem.RATIO_NOT_TAKEN, {"ratio": "7:5"}),
    "a ratio of another model": (
        {"model": DRAFT, "ratio": "8:1"},
        Problem.RATIO_NOT_TAKEN,
        {
            "model": "Nano Banana 2 Lite",
            "allowed": ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"],
        },
    ),
    "a size that it refuses": ({"size": "512"}, Problem.SIZE_NOT_TAKEN, {"allowed": ["1K", "2K", "4K"]}),
    "a size of another model": ({"model": DRAFT, "size": "2K"}, Problem.SIZE_NOT_TAKEN, {"allowed": ["1K"]}),
    "a seed where none is taken": (
        {"seed": 7},
        Problem.SEED_NOT_TAKEN,
        {"allowed": ["Nano Banana 2 Lite", "Nano Banana Pro"]},
    ),
    "a seed out of range": (
        {"model": DRAFT, "seed": 2**31},
        Problem.SEED_OUT_OF_RANGE,
        {"seed": 2**31, "lowest": 0, "highest": 2**31 - 1},
    ),
    "a negative seed": ({"model": DRAFT, "seed": -1}, Problem.SEED_OUT_OF_RANGE, {"seed": -1}),
    "no image at all": ({"count": 0}, Problem.COUNT_OUT_OF_RANGE, {"count": 0, "limit": 4}),
    "too many images": ({"count": 5}, Problem.COUNT_OUT_OF_RANGE, {"count": 5, "limit": 4}),
    "too many references": (
        {"model": DRAFT, "references": (REFERENCE,) * 4},
        Problem.TOO_MANY_REFERENCES,
        {"count": 4, "limit": 3},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_a_model_does_not_take_is_refused_with_what_it_takes(world: World, case: str) -> None:
    changes, problem, values = REFUSED[case]
    async with world.running() as process:
        with pytest.raises(InvalidRequest) as refusal:
            await process.submissions.submit(make_request(**changes), make_origin())
    assert refusal.value.problem is problem
    assert values.items() <= refusal.value.values.items()
    assert await world.everything() == NOTHING
    assert world.provider.history == []


async def test_a_prompt_loses_only_what_nobody_writes(world: World) -> None:
    submissions = world.process().submissions
    ticket = await submissions.submit(
        make_request("  a\x00 fox\x1b,\n\tzwj 👩\u200d🚀 \ud800 "), make_origin()
    )
    assert (await world.job(ticket.job.id)).request.prompt == "a fox,\n\tzwj 👩\u200d🚀"


async def test_a_model_is_named_by_its_id_in_the_job(world: World) -> None:
    submissions = world.process().submissions
    for name, expected in (("standard", STANDARD), ("gemini-3.1-flash-image", STANDARD), ("draft", DRAFT)):
        ticket = await submissions.submit(make_request(model=name), make_origin())
        assert (await world.job(ticket.job.id)).request.options.model == expected


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

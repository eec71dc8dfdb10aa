"""What the ledger says is what happened: tries that cost something, jobs that failed, what was left open."""

from __future__ import annotations

from dataclasses import asdict, replace

from bot.domain.answers import Answer, Charged, Usage, Verdict
from bot.domain.jobs import FailureCode, Job, JobState
from bot.domain.ledger import Account
from bot.domain.pricing import cost
from bot.errors import Busy
from bot.studio.reconcile import check_sums, reconcile
from tests.fakes.provider import Reply, blocked, no_image
from tests.studio.test_lanes import NEVER_AGAIN, with_fallback
from tests.studio.world import DRAFT, GUILD, MEMBER, STANDARD, World, make_origin, make_request

END = 900_000 * 10_000_000  # far away, and a whole number of quarters
SOME = Usage(prompt=20, output=900, output_images=0, total=920)
PICTURE = Usage(prompt=20, output=1120, output_images=1120, total=1140)


def price(world: World, usage: Usage, of: str = STANDARD) -> int:
    model = world.catalogue.get(of)
    assert model is not None
    return cost(model, None, usage)


def charged(usage: Usage, model: str = STANDARD) -> Charged:
    return Charged(**asdict(usage), model=model)


async def micros(world: World, account: Account, account_id: int) -> int:
    async with world.store.reading() as tx:
        return (await tx.ledger.use_of(account, account_id, since=0, until=END)).micros


async def test_a_try_without_a_picture_is_charged_with_the_one_that_made_it(world: World) -> None:
    world.provider.enqueue(replace(no_image(), usage=SOME), Reply(usage=PICTURE))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    job = await world.job(ticket.job.id)
    assert job.cost_micros == price(world, SOME) + price(world, PICTURE)
    answers = await world.answers(job.id)
    assert (answers[0].usage, answers[0].earlier) == (PICTURE, (charged(SOME),))
    assert await micros(world, Account.MEMBER, MEMBER) == job.cost_micros


async def test_tries_that_nobody_counted_cost_nothing(world: World) -> None:
    world.provider.enqueue(replace(no_image(), usage=Usage()), Reply(usage=PICTURE))
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert (await world.job(ticket.job.id)).cost_micros == price(world, PICTURE)
    assert (await world.answers(ticket.job.id))[0].earlier == ()


async def test_what_a_failed_job_cost_is_nobody_s_but_the_bot_s(world: World) -> None:
    empty = replace(no_image(), usage=SOME)
    world.provider.enqueue(empty, empty)
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert await world.ledger(ticket.job.id) == [("release", -1, 0), ("reserve", 1, 0)]
    assert await micros(world, Account.MEMBER, MEMBER) == 0
    lost = 2 * price(world, SOME)
    assert await micros(world, Account.SERVER, GUILD) == await micros(world, Account.BOT, 0) == lost
    assert await check_sums(world.store, repair=False) == ()


async def test_what_was_paid_before_the_last_word_was_another_failure(world: World) -> None:
    world.provider.enqueue(replace(no_image(), usage=SOME), *[Busy("503")] * 20)
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    assert (await world.job(ticket.job.id)).state is JobState.FAILED
    assert await micros(world, Account.BOT, 0) == price(world, SOME)


# --- another model in its place, after an answer that was paid ----------------------------------------------


async def with_stand_in(world: World, *replies: Reply | Exception) -> Job:
    """A request whose model gave nothing for money, and is out of reach when it is asked once more."""
    await with_fallback(world)
    world.provider.enqueue(replace(no_image(), usage=SOME), Busy("503"), *replies)
    async with world.running(policy=NEVER_AGAIN) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.until_state(ticket.job.id, JobState.SUCCEEDED, JobState.FAILED)
    return await world.job(ticket.job.id)


def asked(world: World) -> list[str]:
    return [made.call.model for made in world.provider.history]


async def test_another_model_makes_it_after_an_answer_that_was_paid(world: World) -> None:
    job = await with_stand_in(world, Reply(usage=PICTURE))
    assert (job.state, job.stand_in) == (JobState.SUCCEEDED, DRAFT)
    assert asked(world) == [STANDARD, STANDARD, DRAFT]
    (answer,) = (await world.answers(job.id)).values()
    assert (answer.model, answer.earlier) == (DRAFT, (charged(SOME),))
    assert job.cost_micros == price(world, SOME) + price(world, PICTURE, DRAFT)
    assert price(world, SOME, DRAFT) != price(world, SOME)
    assert await world.used() == 1
    assert await micros(world, Account.MEMBER, MEMBER) == job.cost_micros


async def test_a_third_answer_is_not_paid_for(world: World) -> None:
    """The other model's answer is the second without a picture: it is not asked again."""
    job = await with_stand_in(world, replace(no_image(), usage=PICTURE))
    assert job.failure is not None and job.failure.code is FailureCode.NO_IMAGE
    assert asked(world) == [STANDARD, STANDARD, DRAFT]
    assert await micros(world, Account.BOT, 0) == price(world, SOME) + price(world, PICTURE, DRAFT)
    assert await world.used() == 0


async def test_what_was_paid_is_settled_where_the_other_model_is_out_of_reach_too(world: World) -> None:
    job = await with_stand_in(world, Busy("503"))
    assert job.state is JobState.FAILED
    assert asked(world) == [STANDARD, STANDARD, DRAFT]
    assert await micros(world, Account.BOT, 0) == price(world, SOME)
    assert await check_sums(world.store, repair=False) == ()


async def test_what_the_provider_blocks_it_does_not_charge(world: World) -> None:
    world.provider.enqueue(replace(blocked(), usage=SOME))
    async with world.running() as process:
        await process.submissions.submit(make_request(), make_origin())
    assert await micros(world, Account.BOT, 0) == 0


def test_an_answer_of_an_older_version_had_no_earlier_tries() -> None:
    answer = Answer(Verdict.PICTURE, STANDARD, usage=PICTURE)
    old = {name: value for name, value in answer.to_json().items() if name != "earlier"}
    assert Answer.from_json(old) == answer


async def test_a_reservation_whose_job_has_ended_is_closed_at_the_next_start(world: World) -> None:
    """As a database that was edited by hand leaves it: nothing in the program does this."""
    async with world.running() as process:
        tickets = [await process.submissions.submit(make_request(), make_origin()) for _ in range(3)]
    made, failed, unheld = (ticket.job.id for ticket in tickets)
    waiting = (await world.process().submissions.submit(make_request(), make_origin())).job.id
    async with world.store.engine.transaction() as connection:
        for trigger in ("ledger_keeps_entries", "ledger_keeps_values"):
            await connection.execute(f"DROP TRIGGER {trigger}")
        await connection.execute("DELETE FROM ledger WHERE kind = 'settle'")
        await connection.execute(
            "UPDATE jobs SET state = 'failed', failure_code = 'unknown', failure_message = '', "
            "failure_reference = '', cost_micros = NULL WHERE id = :id",
            {"id": failed},
        )
        await connection.execute("DELETE FROM ledger WHERE job_id = :id", {"id": unheld})
        await connection.execute(
            "UPDATE jobs SET state = 'created', finished_at = NULL, cost_micros = NULL WHERE id = :id",
            {"id": unheld},
        )
    assert await check_sums(world.store, repair=True)
    found = await reconcile(world.store, world.clock)
    assert (found.settled, found.released, found.unreserved) == ((made,), (failed,), (unheld,))
    assert await world.ledger(made) == [("reserve", 1, 0), ("settle", -1, 1)]
    assert await world.ledger(failed) == [("release", -1, 0), ("reserve", 1, 0)]
    assert [entry.job_id for entry in await world.open_reservations()] == [waiting]
    assert (await reconcile(world.store, world.clock)).settled == ()
    assert await check_sums(world.store, repair=False) == ()

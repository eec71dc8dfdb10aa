"""500 requests at once of 20 members with caps of 5: five are accepted of each, also through a crash."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter

import pytest

from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.operator_limits import OperatorLimits
from bot.domain.progress import Ticket
from bot.domain.tiers import EVERYONE, Tier
from bot.errors import CapRule, ChangedMeanwhile
from bot.studio.limits import LimitsService, Overview
from bot.studio.pictures import Person
from bot.studio.reconcile import check_sums
from storage import Store
from tests.storage.capped import CAP, GUILD, MEMBERS, everybody, origin, request, submissions, submit_all
from tests.storage.conftest import Place
from tests.storage.processes import line, started
from tests.storage.samples import select

COUNTS = "SELECT member_id, COUNT(*) AS jobs FROM jobs GROUP BY member_id ORDER BY member_id"
ENTRIES = "SELECT member_id, SUM(reserved_images) AS held FROM ledger GROUP BY member_id ORDER BY member_id"
FIVE_EACH = [(member, CAP) for member in MEMBERS]


async def check_five_each(store: Store) -> None:
    assert await select(store, COUNTS, "member_id", "jobs") == FIVE_EACH
    assert await select(store, ENTRIES, "member_id", "held") == FIVE_EACH
    assert await check_sums(store, repair=False) == ()


async def test_five_hundred_at_once_are_five_each(store: Store) -> None:
    door = submissions(store, OperatorLimits(daily_images=CAP))
    outcomes = await submit_all(door, everybody())
    tickets = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
    assert Counter(ticket.job.origin.member_id for ticket in tickets) == dict(FIVE_EACH)
    assert len({ticket.job.id for ticket in tickets}) == 100
    await check_five_each(store)
    # All of them again, as Discord may deliver them: those that were accepted are the same jobs.
    again = [outcome for outcome in await submit_all(door, everybody()) if isinstance(outcome, Ticket)]
    assert {ticket.job.id for ticket in again} == {ticket.job.id for ticket in tickets}
    assert all(ticket.repeated for ticket in again)
    await check_five_each(store)


@pytest.mark.parametrize("acknowledged", [1, 37])
async def test_killed_in_the_middle_and_started_again_they_are_five_each(
    place: Place, acknowledged: int
) -> None:
    """What was acknowledged before the kill is kept; what was not is asked for again and counts once."""
    with started("capped", place.folder, place.url) as process:
        said = [line(process).split() for _ in range(acknowledged)]
        process.kill()
    async with place.open() as store:
        kept = dict(await select(store, "SELECT origin_key, id FROM jobs", "origin_key", "id"))
        assert {key: kept.get(key) for key, _ in said} == dict(said)
        assert max(Counter(key.split(":")[1] for key in kept).values()) <= CAP
        assert await check_sums(store, repair=False) == ()
        await submit_all(submissions(store, OperatorLimits(daily_images=CAP)), everybody())
        await check_five_each(store)
        after = dict(await select(store, "SELECT origin_key, id FROM jobs", "origin_key", "id"))
        assert kept.items() <= after.items()


@pytest.mark.parametrize(
    ("operator", "rule"),
    [
        (OperatorLimits(server_monthly_images=42), CapRule.SERVER_IMAGES),
        (OperatorLimits(bot_daily_images=42), CapRule.BOT_IMAGES),
        (OperatorLimits(bot_daily_micros=42 * 33_608), CapRule.BOT_DOLLARS),
    ],
    ids=lambda value: str(value) if isinstance(value, CapRule) else "",
)
async def test_what_members_share_is_never_exceeded(
    store: Store, operator: OperatorLimits, rule: CapRule
) -> None:
    outcomes = await submit_all(submissions(store, operator), everybody())
    tickets = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
    refusals = {outcome.rule for outcome in outcomes if not isinstance(outcome, Ticket)}
    [(costs,)] = await select(store, "SELECT MAX(reserved_micros) AS costs FROM ledger", "costs")
    most = 42 if rule is not CapRule.BOT_DOLLARS else 42 * 33_608 // costs
    assert len(tickets) == most
    assert rule in refusals
    assert await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs") == [(most,)]


async def test_sums_that_were_changed_by_hand_are_found_and_made_anew(store: Store) -> None:
    await submissions(store, OperatorLimits()).submit(request(3), origin(1, 1))
    assert await check_sums(store, repair=False) == ()
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE ledger_sums SET images = images + 7 WHERE account = 'bot'")
        await connection.execute("DELETE FROM ledger_sums WHERE account = 'member'")
    found = await check_sums(store, repair=True)
    assert [(item.account, item.account_id, item.images) for item in found] == [
        ("bot", 0, 7),
        ("member", 1, -3),
    ]
    assert await check_sums(store, repair=False) == ()


async def test_a_dearer_stand_in_never_takes_more_than_the_cap_nor_keeps_anybody_out(store: Store) -> None:
    """The last requests are accepted without one; what is left is less than what any of them costs."""
    cap = 3_000_000
    everyone = Tier(EVERYONE, daily_images=1000, fallback="gemini-3-pro-image")
    operator = OperatorLimits(bot_daily_micros=cap, tiers=(everyone,))
    outcomes = await submit_all(submissions(store, operator), everybody())
    tickets = [outcome for outcome in outcomes if isinstance(outcome, Ticket)]
    rows = await select(store, "SELECT job_id, reserved_micros AS held FROM ledger", "job_id", "held")
    reserved = dict(rows)
    prices = {ticket.job.request.fallback: reserved[ticket.job.id] for ticket in tickets}
    assert set(prices) == {None, "gemini-3-pro-image"}
    assert cap - prices[None] < sum(reserved.values()) <= cap
    assert len(reserved) == len(tickets)
    assert await check_sums(store, repair=False) == ()


async def test_of_many_managers_at_the_same_moment_one_wins(store: Store) -> None:
    ids = itertools.count()
    limits = LimitsService(
        store, load_catalogue(None), OperatorLimits(), SystemClock(), lambda: f"id{next(ids):05}"
    )

    async def change(manager: int) -> object:
        person = Person(manager, GUILD, 600, moderator=False, manager=True)
        try:
            return await limits.change(person, 0, monthly_images=manager)
        except ChangedMeanwhile as error:
            return error

    told = await asyncio.gather(*(change(manager) for manager in range(1, 11)))
    (won,) = [item for item in told if isinstance(item, Overview)]
    assert [type(item) for item in told].count(ChangedMeanwhile) == 9
    async with store.reading() as tx:
        kept = await tx.limits.of_server(GUILD)
        audit = await tx.audit.of_server(GUILD, limit=50)
    assert kept == won.state
    assert kept.limits.monthly_images == kept.updated_by
    assert [entry.actor_id for entry in audit] == [kept.updated_by]

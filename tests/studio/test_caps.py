"""What somebody may: the best of their tiers, within what servers and the operator bound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.catalogue import with_assumed_prices
from bot.domain.grants import NEVER
from bot.domain.jobs import FailureCode
from bot.domain.operator_limits import OperatorLimits, Outsiders, Served
from bot.domain.server_limits import LimitsState, Membership, ServerLimits
from bot.domain.standing import Place, Standing
from bot.domain.tiers import Tier
from bot.errors import CapReached, CapRule, InvalidRequest, NotAllowed, Problem
from bot.studio.granting import Granting
from bot.studio.pictures import Person
from bot.studio.store_ports import Transaction
from tests.studio.world import DRAFT, GUILD, MEMBER, STANDARD, World, make_origin, make_request

PRO = "gemini-3-pro-image"
ARTISTS, FRIENDS = 51, 52  # roles
BERLIN = ZoneInfo("Europe/Berlin")
MANAGER = Person(1, GUILD, 600, moderator=False, manager=True)
HOUR = 3600.0


@asynccontextmanager
async def writing(world: World) -> AsyncIterator[Transaction]:
    async with world.store.transaction() as tx:
        yield tx


async def allow(world: World, **limits: Any) -> None:
    """Set what a server allows."""
    async with writing(world) as tx:
        seen = await tx.limits.of_server(GUILD)
        state = LimitsState(GUILD, ServerLimits().change(**limits), seen.version + 1, 1, 1)
        await tx.limits.save_server(state)


def having(*roles: int, **changes: Any) -> Standing:
    return Standing(roles=frozenset(roles), **changes)


async def submit(
    world: World, standing: Standing | None = None, origin: Any = None, setup: Any = None, **request: Any
) -> str:
    door = world.process(**(setup or {})).submissions
    ticket = await door.submit(make_request(**request), origin or make_origin(), standing or Standing())
    return ticket.job.id


async def refused(world: World, *args: Any, **kwargs: Any) -> CapReached:
    with pytest.raises(CapReached) as caught:
        await submit(world, *args, **kwargs)
    return caught.value


def granting(world: World) -> Granting:
    return Granting(world.store, OperatorLimits(), world.clock, world.new_id)


# --- tiers ------------------------------------------------------------------------------------------------


async def test_of_several_tiers_the_best_counts_each_thing_by_itself(world: World) -> None:
    artists = Tier("artists", daily_images=4, largest_size="1K", priority=7, roles=(ARTISTS,))
    friends = Tier("friends", daily_images=2, largest_size="4K", concurrency=3, roles=(FRIENDS,))
    everyone = Tier("everyone", daily_images=1, largest_size="1K", models=(STANDARD,))
    await allow(world, tiers=[artists, friends, everyone])
    both = having(ARTISTS, FRIENDS)
    job = await world.job(await submit(world, both, count=4, size="2K"))
    assert (job.priority, job.max_running) == (7, 3)
    assert (await refused(world, both)).limit == 4
    plain = make_origin(member_id=MEMBER + 1)
    with pytest.raises(InvalidRequest) as caught:
        await submit(world, origin=plain, size="2K")
    assert caught.value.problem is Problem.SIZE_NOT_OPEN
    with pytest.raises(InvalidRequest) as caught:
        await submit(world, origin=plain, model=PRO)
    assert caught.value.values == {"model": "Nano Banana Pro", "allowed": [STANDARD]}
    job = await world.job(await submit(world, origin=plain))
    assert (job.priority, job.max_running) == (0, None)


async def test_a_tier_holds_for_boosters_and_for_single_members_for_a_time(world: World) -> None:
    await allow(world, tiers=[Tier("boost", daily_images=2, boosters=True), Tier("guest", daily_images=3)])
    setup: dict[str, Any] = {"daily_images": 1}
    assert (await refused(world, setup=setup, count=2)).limit == 1
    await submit(world, Standing(booster=True), setup=setup, count=2)
    now = world.clock.now()
    async with writing(world) as tx:
        await tx.limits.give_tier(Membership(GUILD, MEMBER, "guest", now, now + 3_600_000, 1))
    await submit(world, setup=setup)
    world.clock.pass_by(HOUR)
    assert (await refused(world, setup=setup)).limit == 1


async def test_a_role_that_was_deleted_and_a_tier_that_is_gone_give_nothing(world: World) -> None:
    await allow(world, tiers=[Tier("artists", daily_images=9, roles=(ARTISTS,))])
    async with writing(world) as tx:
        await tx.limits.give_tier(Membership(GUILD, MEMBER, "gone", 0, NEVER, 1))
    # Discord does not name the deleted role among the member's any more.
    assert (await refused(world, having(), setup={"daily_images": 0})).limit == 0


async def test_the_operators_tiers_hold_everywhere_and_a_server_may_change_them(world: World) -> None:
    operator = OperatorLimits(tiers=(Tier("patrons", daily_images=3, members=(MEMBER,)),))
    setup: dict[str, Any] = {"operator": operator, "daily_images": 1}
    await submit(world, setup=setup, count=3)
    await allow(world, tiers=[Tier("patrons", daily_images=4)])
    await submit(world, setup=setup)
    assert (await refused(world, setup=setup)).limit == 4
    assert (await refused(world, setup=setup, origin=make_origin(guild_id=1))).limit == 3


async def test_a_change_holds_from_the_next_request_on(world: World) -> None:
    await submit(world, count=3)
    await allow(world, tiers=[Tier("everyone", daily_images=3)])
    error = await refused(world)
    assert (error.limit, error.used, error.left) == (3, 3, 0)
    await allow(world, tiers=[Tier("everyone", daily_images=2)])
    error = await refused(world)
    assert (error.limit, error.used, error.left) == (2, 3, 0)


async def test_a_conversation_is_as_long_as_the_tier_says(world: World) -> None:
    await allow(world, tiers=[Tier("everyone", thread_turns=2)])
    await submit(world, Standing(turns=2))
    with pytest.raises(InvalidRequest) as caught:
        await submit(world, Standing(turns=3))
    assert caught.value.values == {"turns": 3, "limit": 2}


# --- dollars, servers, the bot ----------------------------------------------------------------------------


async def test_dollars_of_a_member_and_day(world: World) -> None:
    await allow(world, tiers=[Tier("everyone", daily_micros=100_000)])
    await submit(world, count=2)
    error = await refused(world, count=2)
    assert (error.rule, error.limit) == (CapRule.MEMBER_DOLLARS, 100_000)
    assert 67_000 < error.used < 68_000 < error.wanted + 1_000


@pytest.mark.parametrize(
    ("limits", "operator", "rule"),
    [
        ({"monthly_images": 2}, {}, CapRule.SERVER_IMAGES),
        ({"monthly_images": 99}, {"server_monthly_images": 2}, CapRule.SERVER_IMAGES),
        ({"monthly_micros": 70_000}, {}, CapRule.SERVER_DOLLARS),
        ({}, {"bot_daily_images": 2}, CapRule.BOT_IMAGES),
        ({}, {"bot_daily_micros": 70_000}, CapRule.BOT_DOLLARS),
    ],
)
async def test_what_members_share(world: World, limits: Any, operator: Any, rule: CapRule) -> None:
    await allow(world, **limits)
    setup: dict[str, Any] = {"operator": replace(OperatorLimits(), **operator), "zone": BERLIN}
    world.clock.set(datetime(2026, 3, 28, 12, tzinfo=BERLIN))  # the clocks go forward in the next night
    await submit(world, setup=setup)
    await submit(world, origin=make_origin(member_id=MEMBER + 1), setup=setup)
    error = await refused(world, origin=make_origin(member_id=MEMBER + 2), setup=setup)
    assert error.rule is rule
    ends = (2026, 3, 29) if rule.startswith("bot") else (2026, 4, 1)
    assert error.resets_at == int(datetime(*ends, tzinfo=BERLIN).timestamp() * 1000)
    world.clock.set(datetime(*ends, tzinfo=BERLIN))
    await submit(world, origin=make_origin(member_id=MEMBER + 2), setup=setup)


async def test_a_budget_below_what_is_spent_refuses_everything_until_the_month_ends(world: World) -> None:
    await submit(world, count=4)
    await allow(world, monthly_micros=50_000)
    error = await refused(world)
    assert (error.rule, error.left) == (CapRule.SERVER_DOLLARS, 0)
    assert error.used > error.limit
    await submit(world, origin=make_origin(guild_id=GUILD + 1))


# --- grants, what is carried over, resets -----------------------------------------------------------------


async def test_a_grant_is_used_after_the_daily_cap_and_given_back_first(world: World) -> None:
    await granting(world).grant(MANAGER, MEMBER, 4, 2, "a contest")
    setup: dict[str, Any] = {"daily_images": 2}
    job_id = await submit(world, setup=setup, count=4)
    error = await refused(world, setup=setup, count=3)
    assert (error.used, error.extra, error.left) == (2, 2, 2)
    await world.process(**setup).performer.fail(await world.job(job_id), FailureCode.SAFETY)
    await submit(world, setup=setup, count=4)
    await submit(world, setup=setup, count=2)
    assert (await refused(world, setup=setup)).left == 0
    # Tomorrow only the cap is new; and in another server nothing was granted.
    world.clock.pass_by(24 * HOUR)
    assert (await refused(world, setup=setup, count=3)).left == 2


async def test_a_grant_ends_and_is_of_its_server_only(world: World) -> None:
    setup: dict[str, Any] = {"daily_images": 0}
    await granting(world).grant(MANAGER, MEMBER, 2, 1)
    assert (await refused(world, setup=setup, origin=make_origin(guild_id=GUILD + 1))).left == 0
    world.clock.pass_by(24 * HOUR - 1)
    await submit(world, setup=setup)
    world.clock.pass_by(1)
    assert (await refused(world, setup=setup)).left == 0


async def test_what_was_revoked_stays_so_when_a_job_gives_back(world: World) -> None:
    setup: dict[str, Any] = {"daily_images": 0}
    await granting(world).grant(MANAGER, MEMBER, 4)
    job_id = await submit(world, setup=setup, count=3)
    revoked = await granting(world).revoke(MANAGER, MEMBER, "enough")
    assert (revoked.grants, revoked.images) == (1, 1)
    await world.process(**setup).performer.fail(await world.job(job_id), FailureCode.SAFETY)
    assert (await refused(world, setup=setup)).left == 0
    assert (await granting(world).revoke(MANAGER, MEMBER)).grants == 0
    async with world.store.reading() as tx:
        entries = await tx.audit.of_server(GUILD, limit=10)
    assert [(entry.action, entry.actor_id, entry.target) for entry in entries] == [
        ("grant.revoked", 1, str(MEMBER)),
        ("grant.given", 1, str(MEMBER)),
    ]
    assert entries[0].data["reason"] == "enough"


async def test_what_a_day_leaves_counts_for_the_next_up_to_a_maximum(world: World) -> None:
    await allow(world, tiers=[Tier("everyone", daily_images=3, carry_over=4)])
    await submit(world)  # the first day begins with nothing beside the cap
    assert (await refused(world, count=3)).left == 2
    world.clock.pass_by(24 * HOUR)
    await submit(world, count=4)
    assert (await refused(world, count=2)).left == 1
    world.clock.pass_by(24 * HOUR)  # 1 of the 2 carried over was left: it is carried on
    await submit(world, count=4)
    assert (await refused(world)).left == 0
    world.clock.pass_by(3 * 24 * HOUR)  # two days in between, 6 images: 4 at most
    await submit(world, count=4)
    await submit(world, count=3)
    assert (await refused(world)).left == 0


async def test_a_reset_begins_the_day_anew_in_that_server(world: World) -> None:
    setup: dict[str, Any] = {"daily_images": 2}
    held = await submit(world, setup=setup, count=2)
    used = await granting(world).reset(MANAGER, MEMBER, "a mistake")
    assert used.images == 2
    world.clock.pass_by(1)
    await submit(world, setup=setup)
    # What was forgotten gives nothing back when it fails.
    await world.process(**setup).performer.fail(await world.job(held), FailureCode.SAFETY)
    assert (await refused(world, setup=setup, count=2)).left == 1
    assert (await refused(world, setup=setup, origin=make_origin(guild_id=GUILD + 1), count=2)).left == 1


# --- places -----------------------------------------------------------------------------------------------


def abroad(**changes: Any) -> Standing:
    return Standing(place=Place.ELSEWHERE, **changes)


@pytest.mark.parametrize(
    ("served", "standing", "action"),
    [
        (Served.EVERYBODY, abroad(stranger=True), None),
        (Served.EVERYBODY, abroad(servers=(GUILD,)), None),
        (Served.LISTED, abroad(stranger=True), "stranger"),
        (Served.LISTED, abroad(servers=(GUILD,)), None),
        (Served.MEMBERS, abroad(stranger=True), "stranger"),
        (Served.MEMBERS, abroad(servers=(GUILD,)), None),
        (Served.MEMBERS, Standing(place=Place.DIRECT, stranger=True), "stranger"),
        (Served.NOBODY, abroad(servers=(GUILD,)), "elsewhere"),
        (Served.NOBODY, Standing(place=Place.DIRECT, servers=(GUILD,)), None),
        (Served.NOBODY, Standing(place=Place.DIRECT, stranger=True), "stranger"),
    ],
    ids=str,
)
async def test_who_is_served_where_the_bot_is_not(
    world: World, served: Served, standing: Standing, action: str | None
) -> None:
    setup: dict[str, Any] = {"operator": OperatorLimits(outsiders=Outsiders(served=served))}
    if action is None:
        await submit(world, standing, setup=setup)
        return
    with pytest.raises(NotAllowed, match=action):
        await submit(world, standing, setup=setup)


async def test_strangers_share_a_cap_and_who_is_listed_does_not(world: World) -> None:
    outsiders = Outsiders(daily_images=2, allowed=frozenset({MEMBER + 7}))
    setup: dict[str, Any] = {"operator": OperatorLimits(outsiders=outsiders)}
    for member in (1, 2):
        await submit(world, abroad(stranger=True), make_origin(member_id=member), setup)
    error = await refused(world, abroad(stranger=True), make_origin(member_id=3), setup)
    assert (error.rule, error.limit, error.left) == (CapRule.STRANGER_IMAGES, 2, 0)
    await submit(world, abroad(stranger=True), make_origin(member_id=MEMBER + 7), setup)
    await submit(world, abroad(servers=(GUILD,)), make_origin(member_id=3), setup)
    await submit(world, setup=setup)


async def test_where_the_bot_is_not_a_server_decides_nothing(world: World) -> None:
    """Somebody could set anything in a server of that id, if the bot had ever been there."""
    await allow(world, tiers=[Tier("everyone", daily_images=99)])
    setup: dict[str, Any] = {"daily_images": 1}
    assert (await refused(world, abroad(stranger=True), setup=setup, count=2)).limit == 1


async def test_servers_decide_about_direct_messages(world: World) -> None:
    await allow(world, direct=False)
    direct = Standing(place=Place.DIRECT, servers=(GUILD,))
    with pytest.raises(NotAllowed, match="direct"):
        await submit(world, direct, make_origin(guild_id=None))
    # One server that has nothing against it is enough.
    both = direct.evolve(servers=(GUILD, GUILD + 1))
    await submit(world, both, make_origin(guild_id=None))


@pytest.mark.parametrize(
    ("rule", "channels", "fits"),
    [
        ("only", (600,), True),
        ("only", (601, 600), True),
        ("only", (601,), False),
        ("except", (601,), True),
        ("except", (601, 600), False),
        ("everywhere", (601,), True),
    ],
)
async def test_where_the_bot_may_be_used(
    world: World, rule: str, channels: tuple[int, ...], fits: bool
) -> None:
    await allow(world, channel_rule=rule, channels=[600])
    if fits:
        await submit(world, Standing(channels=channels))
        return
    with pytest.raises(NotAllowed, match="channel"):
        await submit(world, Standing(channels=channels))


# --- prices -----------------------------------------------------------------------------------------------


async def test_a_model_without_a_price_is_not_called_or_counts_as_the_dearest(world: World) -> None:
    models = tuple(
        replace(model, prices=None) if model.id == DRAFT else model for model in world.catalogue.models
    )
    world.catalogue = replace(world.catalogue, models=models)
    with pytest.raises(InvalidRequest) as caught:
        await submit(world, model=DRAFT)
    assert caught.value.problem is Problem.MODEL_UNPRICED
    assert caught.value.values["allowed"] == [STANDARD, PRO]
    world.catalogue = with_assumed_prices(world.catalogue)
    job_id = await submit(world, model=DRAFT)
    [reservation] = await world.open_reservations()
    dearest = world.catalogue.get(PRO)
    assert dearest is not None and dearest.prices is not None
    assert reservation.job_id == job_id
    assert reservation.reserved_micros >= 1120 * dearest.prices.image // 1_000_000

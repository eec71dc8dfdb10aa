"""Answers that no way was left for: they wait for their owner's next interaction."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.deliveries import DeliveryState, Way
from bot.errors import StorageError
from tests.studio.delivering import CLOSED, DOWN, delete, keep_one
from tests.studio.power import Power, powered
from tests.studio.world import MEMBER, World, make_origin


async def test_what_was_kept_comes_with_the_next_interaction(world: World) -> None:
    job = await keep_one(world, private=True)
    origin = make_origin(channel_id=777, upload_limit=25_000_000)
    await world.process().deliverer.hand_over_kept(origin)
    [given] = world.notifier.deliveries
    assert (given.outcome.job.id, given.way, given.origin, given.card) == (
        job.id,
        Way.FOLLOW_UP,
        origin,
        None,
    )
    delivery = await world.delivery(job.id)
    assert (delivery.state, delivery.way) == (DeliveryState.SENT, Way.FOLLOW_UP)
    assert (delivery.channel_id, delivery.message_id) == (777, given.posted.message_id)

    await world.process().deliverer.hand_over_kept(make_origin())
    assert len(world.notifier.deliveries) == 1


async def test_what_was_kept_is_its_owner_s_alone(world: World) -> None:
    job = await keep_one(world)
    await world.process().deliverer.hand_over_kept(make_origin(member_id=MEMBER + 1))
    assert world.notifier.deliveries == []
    assert await world.delivery_state(job.id) is DeliveryState.KEPT


async def test_two_interactions_at_once_hand_over_once(world: World) -> None:
    await keep_one(world)
    world.notifier.hold()
    deliverer = world.process().deliverer
    both = asyncio.gather(deliverer.hand_over_kept(make_origin()), deliverer.hand_over_kept(make_origin()))
    await world.notifier.until(lambda: world.notifier.waiting == 1)
    world.notifier.release()
    await both
    assert len(world.notifier.deliveries) == 1


@pytest.mark.parametrize("error", [CLOSED, DOWN, ZeroDivisionError("a bug")], ids=["closed", "down", "a bug"])
async def test_what_cannot_be_handed_over_stays_kept_and_disturbs_nothing(
    world: World, error: Exception
) -> None:
    first = await keep_one(world)
    world.clock.pass_by(1)
    second = await keep_one(world)
    world.notifier.fail(Way.FOLLOW_UP, error)
    await world.process().deliverer.hand_over_kept(make_origin())
    assert await world.delivery_state(first.id) is DeliveryState.KEPT
    assert await world.delivery_state(second.id) is DeliveryState.SENT


async def test_a_database_out_of_reach_does_not_disturb_an_interaction_either(world: World) -> None:
    await keep_one(world)
    power = Power()
    power.fail("somebody reading", StorageError("out of reach"))
    await world.process(powered(world.outside, power)).deliverer.hand_over_kept(make_origin())
    assert world.notifier.deliveries == []


async def test_what_is_kept_is_not_tried_again_at_a_start(world: World) -> None:
    await keep_one(world)
    tried = len(world.notifier.tried)
    async with world.running():
        pass
    assert len(world.notifier.tried) == tried


async def test_what_was_deleted_meanwhile_is_handed_over_as_deleted(world: World) -> None:
    job = await keep_one(world)
    await delete(world.process(), world, job)
    await world.process().deliverer.hand_over_kept(make_origin())
    [given] = world.notifier.deliveries
    assert (given.outcome.withdrawn, given.files) == (True, ())

"""Deliveries."""

from __future__ import annotations

import pytest

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.samples import NOON, make_job, put

SENT = Delivery("job00001", DeliveryState.SENT, NOON + 9, 55, Way.TOKEN, 600, 77, tries=2)


async def save(store: Store, *deliveries: Delivery) -> None:
    async with store.transaction() as tx:
        for delivery in deliveries:
            await tx.deliveries.save(delivery)


async def read(store: Store, job_id: str = "job00001") -> Delivery | None:
    async with store.reading() as tx:
        return await tx.deliveries.get(job_id)


async def test_a_delivery_comes_back_as_it_was_saved(store: Store) -> None:
    await put(store, make_job())
    assert await read(store) == Delivery("job00001", DeliveryState.OPEN, NOON + 1)
    await save(store, SENT)
    assert await read(store) == SENT
    assert await read(store, "nothing") is None


async def test_a_job_has_one_delivery(store: Store) -> None:
    await put(store, make_job())
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.deliveries.insert(SENT)
    with pytest.raises(StaleState):
        await save(store, Delivery("nothing", DeliveryState.PENDING, NOON))


async def test_a_card_that_became_known_meanwhile_is_not_forgotten(store: Store) -> None:
    await put(store, make_job())
    in_hand = await read(store)
    assert in_hand is not None
    async with store.transaction() as tx:
        await tx.deliveries.set_card("job00001", 4242)
    await save(store, in_hand.evolve(state=DeliveryState.PENDING, tries=1))
    found = await read(store)
    assert found is not None
    assert (found.state, found.tries, found.card_message_id) == (DeliveryState.PENDING, 1, 4242)


async def test_a_delivery_that_is_opened_again_begins_afresh(store: Store) -> None:
    await put(store, make_job())
    await save(store, SENT)
    again = SENT.evolve(state=DeliveryState.PENDING, card_message_id=None, channel_id=None, message_id=None)
    await save(store, again)
    assert await read(store) == again


async def test_lists_are_by_age_and_by_member(store: Store) -> None:
    await put(store, *(make_job(number, member=number % 2) for number in (5, 4, 3, 2, 1)))
    await save(
        store,
        Delivery("job00001", DeliveryState.KEPT, NOON),
        Delivery("job00002", DeliveryState.PENDING, NOON),
        Delivery("job00003", DeliveryState.KEPT, NOON),
        Delivery("job00004", DeliveryState.PENDING, NOON),
    )
    async with store.reading() as tx:
        assert list(await tx.deliveries.pending()) == ["job00002", "job00004"]
        assert list(await tx.deliveries.kept_for(1)) == ["job00001", "job00003"]
        assert list(await tx.deliveries.kept_for(0)) == []


async def test_the_latest_that_were_sent(store: Store) -> None:
    await put(store, *(make_job(number) for number in range(1, 6)))
    sent = [
        Delivery(f"job{number:05}", DeliveryState.SENT, NOON + at, None, Way.DIRECT, 1, number, 1)
        for number, at in ((1, 30), (2, 10), (3, 20))
    ]
    await save(store, *sent, Delivery("job00004", DeliveryState.KEPT, NOON + 99))
    async with store.reading() as tx:
        latest = await tx.deliveries.latest_sent(2)
    assert [delivery.job_id for delivery in latest] == ["job00003", "job00001"]


async def test_the_database_refuses_a_delivery_that_makes_no_sense(store: Store) -> None:
    await put(store, make_job())
    with pytest.raises(StorageError):
        await save(store, SENT.evolve(tries=-1))

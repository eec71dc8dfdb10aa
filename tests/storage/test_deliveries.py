"""Deliveries."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.samples import NOON, make_job, make_origin, put

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


async def test_a_delivery_is_read_with_its_job(store: Store) -> None:
    job = make_job(origin=make_origin(1, message_id=99))
    await put(store, job, make_job(2))
    await save(store, SENT)
    async with store.reading() as tx:
        assert await tx.deliveries.with_job("job00001", DeliveryState.SENT) == (
            await tx.jobs.get("job00001"),
            SENT,
        )
        assert await tx.deliveries.with_job("job00001", DeliveryState.PENDING) is None
        found = await tx.deliveries.with_job("job00002", DeliveryState.OPEN)
        assert found is not None and found[1] == await tx.deliveries.get("job00002")
        assert await tx.deliveries.with_job("nothing", DeliveryState.OPEN) is None


async def test_what_becomes_due_keeps_its_card(store: Store) -> None:
    await put(store, make_job(), make_job(2))
    async with store.transaction() as tx:
        await tx.deliveries.set_card("job00001", 4242)
        await tx.deliveries.set_state("job00001", DeliveryState.PENDING, now=NOON + 7)
    assert await read(store) == Delivery("job00001", DeliveryState.PENDING, NOON + 7, 4242)
    assert await read(store, "job00002") == Delivery("job00002", DeliveryState.OPEN, NOON + 2)
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.deliveries.set_state("nothing", DeliveryState.PENDING, now=NOON)


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


async def pending(store: Store, *numbers: int) -> None:
    await put(store, *(make_job(number) for number in numbers))
    await save(store, *(Delivery(f"job{number:05}", DeliveryState.PENDING, NOON) for number in numbers))


async def claim(store: Store, owner: str, now: int, state: DeliveryState = DeliveryState.PENDING) -> bool:
    async with store.transaction() as tx:
        return await tx.deliveries.claim("job00001", state, owner, now=now, until=now + 60)


async def abandoned(store: Store, now: int) -> list[str]:
    async with store.reading() as tx:
        return list(await tx.deliveries.abandoned(now=now, grace=100))


async def test_a_delivery_is_in_one_hand_until_its_lease_ends(store: Store) -> None:
    await pending(store, 1)
    assert await claim(store, "one", NOON)
    assert not await claim(store, "two", NOON + 59)
    assert await claim(store, "one", NOON + 59)  # and has it for longer
    assert not await claim(store, "two", NOON + 118)
    assert await claim(store, "two", NOON + 119)
    assert not await claim(store, "one", NOON + 120)


async def test_of_many_that_claim_at_once_one_gets_it(store: Store) -> None:
    await pending(store, 1)
    got = await asyncio.gather(*(claim(store, f"process {number}", NOON) for number in range(8)))
    assert sorted(got) == [False] * 7 + [True]


async def test_only_a_delivery_in_that_state_is_claimed_and_its_end_is_that_of_the_lease(
    store: Store,
) -> None:
    await pending(store, 1)
    assert not await claim(store, "one", NOON, DeliveryState.KEPT)
    assert await claim(store, "one", NOON)
    await save(store, SENT.evolve(state=DeliveryState.KEPT))
    assert not await claim(store, "two", NOON + 1)
    assert await claim(store, "two", NOON + 1, DeliveryState.KEPT)


async def test_what_nobody_has_in_hand_is_found(store: Store) -> None:
    await pending(store, 1, 2, 3)
    assert await abandoned(store, NOON + 99) == []  # its own process is given a moment
    assert await abandoned(store, NOON + 100) == ["job00001", "job00002", "job00003"]
    assert await claim(store, "one", NOON + 100)
    assert await abandoned(store, NOON + 100) == ["job00002", "job00003"]
    assert await abandoned(store, NOON + 160) == ["job00001", "job00002", "job00003"]
    async with store.transaction() as tx:
        await tx.deliveries.renew_leases("one", until=NOON + 500)
        await tx.deliveries.renew_leases("two", until=NOON + 900)
    assert await abandoned(store, NOON + 499) == ["job00002", "job00003"]
    async with store.transaction() as tx:
        await tx.deliveries.release_leases("two")
    assert await abandoned(store, NOON + 160) == ["job00002", "job00003"]
    async with store.transaction() as tx:
        await tx.deliveries.release_leases("one")
    assert await abandoned(store, NOON + 100) == ["job00001", "job00002", "job00003"]
    await save(store, Delivery("job00002", DeliveryState.SENT, NOON))
    assert await abandoned(store, NOON + 100) == ["job00001", "job00003"]

"""The ledger: append-only, and right by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.ledger import Entry, lose, release, reserve, settle
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.samples import MEMBER, NOON, make_job, open_reservations, select

WEEK = {"since": NOON, "until": NOON + 7 * 86_400_000}


async def jobs(store: Store, *numbers: int) -> None:
    async with store.transaction() as tx:
        for number in numbers:
            await tx.jobs.insert(make_job(number))


async def append(store: Store, *entries: Entry) -> None:
    for entry in entries:
        async with store.transaction() as tx:
            await tx.ledger.append(entry)


def reservation(number: int = 1, images: int = 4, now: int = NOON, member: int = MEMBER) -> Entry:
    return reserve(f"job{number:05}", member, 700, images=images, micros=images * 1000, now=now)


async def used(store: Store, member: int = MEMBER) -> int:
    async with store.reading() as tx:
        return await tx.ledger.images_used(member, **WEEK)


async def test_what_is_settled_replaces_what_was_reserved(store: Store) -> None:
    await jobs(store, 1, 2)
    assert await used(store) == 0
    await append(store, reservation(1), reservation(2))
    assert await used(store) == 8
    await append(store, settle(reservation(1), images=3, micros=2500, now=NOON + 9))
    assert await used(store) == 7
    await append(store, release(reservation(2), now=NOON + 9))
    assert await used(store) == 3
    sums = (
        "SELECT SUM(reserved_images) AS r, SUM(reserved_micros) AS rm, SUM(settled_micros) AS s FROM ledger"
    )
    assert await select(store, sums, "r", "rm", "s") == [(0, 0, 2500)]


async def test_use_counts_in_the_period_of_the_reservation(store: Store) -> None:
    await jobs(store, 1, 2, 3, 4)
    await append(
        store,
        reservation(1, now=NOON - 1),
        reservation(2, now=NOON),
        reservation(3, now=WEEK["until"]),
        reservation(4, member=5),
        settle(reservation(1, now=NOON - 1), images=4, micros=1, now=NOON + 5),
    )
    assert await used(store) == 4
    assert await used(store, 5) == 4
    assert await used(store, 6) == 0


async def test_descriptions_are_counted_unless_they_cost_nothing(store: Store) -> None:
    await jobs(store, *range(1, 9))
    described = [reservation(number, images=0) for number in range(1, 6)]
    other = reservation(6, images=0, member=5), reservation(7, images=0, now=WEEK["until"]), reservation(8)
    await append(store, *described, *other, release(other[2], now=NOON))
    await append(store, settle(described[0], images=0, micros=9, now=NOON))
    await append(store, release(described[1], now=NOON), release(described[2], now=NOON))
    async with store.transaction() as tx:
        await tx.ledger.append_loss(lose(described[2], micros=3, now=NOON))
    async with store.reading() as tx:
        # One was made, one cost something nevertheless, two are on their way.
        assert await tx.ledger.descriptions_used(MEMBER, **WEEK) == 4
        assert await tx.ledger.descriptions_used(5, **WEEK) == 1
        assert await tx.ledger.descriptions_used(6, **WEEK) == 0


async def test_reservations_are_found_until_they_are_closed(store: Store) -> None:
    await jobs(store, 1, 2, 3)
    await append(store, reservation(1), reservation(2), reservation(3))
    await append(
        store, settle(reservation(1), images=1, micros=1, now=NOON), release(reservation(2), now=NOON)
    )
    async with store.reading() as tx:
        assert await open_reservations(store) == [reservation(3)]
        assert await tx.ledger.reservation_of("job00001") == reservation(1)
        assert await tx.ledger.reservation_of("nothing") is None


@pytest.mark.parametrize(
    "second",
    [
        reservation(),
        settle(reservation(), images=1, micros=1, now=NOON),
        release(reservation(), now=NOON),
    ],
    ids=lambda entry: entry.kind.value,
)
async def test_a_job_is_reserved_once_and_closed_once(store: Store, second: Entry) -> None:
    await jobs(store, 1)
    await append(store, reservation(), release(reservation(), now=NOON))
    with pytest.raises(StaleState):
        await append(store, second)
    assert await used(store) == 0


async def test_of_two_closes_at_once_one_wins(store: Store) -> None:
    await jobs(store, 1)
    await append(store, reservation())

    async def close(entry: Entry) -> bool:
        try:
            await append(store, entry)
        except StaleState:
            return False
        return True

    closes = [
        close(settle(reservation(), images=2, micros=9, now=NOON)),
        close(release(reservation(), now=NOON)),
    ]
    assert sorted(await asyncio.gather(*closes)) == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reserved_images": -3},
        {"reserved_micros": -1},
        {"member_id": 5},
        {"charged_at": NOON + 1},
        {"job_id": "job00002"},
    ],
    ids=str,
)
async def test_a_close_fits_its_reservation(store: Store, wrong: dict[str, Any]) -> None:
    await jobs(store, 1, 2)
    await append(store, reservation())
    with pytest.raises(StaleState):
        await append(store, replace(release(reservation(), now=NOON), **wrong))
    assert await used(store) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        replace(reservation(), reserved_images=-1),
        replace(reservation(), settled_images=1),
        replace(reservation(), job_id="nothing"),
    ],
    ids=["negative", "settled", "no job"],
)
async def test_the_database_refuses_a_reservation_that_makes_no_sense(store: Store, wrong: Entry) -> None:
    await jobs(store, 1)
    with pytest.raises(StorageError):
        await append(store, wrong)


async def test_more_than_was_reserved_cannot_be_settled(store: Store) -> None:
    await jobs(store, 1)
    await append(store, reservation())
    settled = settle(reservation(), images=4, micros=9, now=NOON)
    for wrong in (replace(settled, settled_images=5), replace(settled, settled_micros=-1)):
        with pytest.raises(StorageError):
            await append(store, wrong)
    assert await used(store) == 4


@pytest.mark.parametrize("sql", ["UPDATE ledger SET reserved_images = 0", "DELETE FROM ledger"])
async def test_what_is_written_stays_as_it_is(store: Store, sql: str) -> None:
    await jobs(store, 1)
    await append(store, reservation())
    with pytest.raises(StorageError, match="append-only"):
        async with store.engine.transaction() as connection:
            await connection.execute(sql)
    assert await used(store) == 4

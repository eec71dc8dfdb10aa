"""What every transaction promises, on both databases: all or nothing, whatever happens to the task."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.caps import Cap, Period
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.jobs import JobState
from bot.errors import CapReached, StaleState, StorageError
from storage import Store
from storage.engine import Value, storable
from tests.storage.samples import MEMBER, NOON, make_job, put, select, stored, submit

# A statement that keeps a database busy for a while, so that a task can be cancelled in the middle of it.
SLOW = """
WITH RECURSIVE counted(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM counted WHERE x < 300000)
SELECT COUNT(*) AS found FROM counted
"""
DAY = Period(NOON - 1000, NOON + 86_400_000)


async def counts(store: Store) -> tuple[int, int, int]:
    """How many jobs, reservations and deliveries there are: after whole submissions, equally many."""
    rows = await select(
        store,
        "SELECT (SELECT COUNT(*) FROM jobs) AS jobs, (SELECT COUNT(*) FROM ledger) AS entries, "
        "(SELECT COUNT(*) FROM deliveries) AS deliveries",
        "jobs",
        "entries",
        "deliveries",
    )
    jobs, entries, deliveries = rows[0]
    return jobs, entries, deliveries


async def test_what_is_written_together_is_there_together(store: Store) -> None:
    await put(store, make_job())
    assert await counts(store) == (1, 1, 1)


async def test_an_exception_takes_everything_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            await submit(tx, make_job())
            raise ZeroDivisionError
    assert await counts(store) == (0, 0, 0)
    await put(store, make_job())
    assert await counts(store) == (1, 1, 1)


async def test_a_refused_statement_takes_everything_back(store: Store) -> None:
    with pytest.raises(StorageError):
        async with store.transaction() as tx:
            await submit(tx, make_job())
            await tx.deliveries.insert(Delivery("nojob", DeliveryState.OPEN, NOON))
    assert await counts(store) == (0, 0, 0)


async def test_nobody_sees_what_is_not_committed(store: Store) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job())
        assert await counts(store) == (0, 0, 0)
    assert await counts(store) == (1, 1, 1)


async def test_a_reader_sees_one_moment(store: Store) -> None:
    await put(store, make_job(1))
    async with store.reading() as tx:
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 1
        await put(store, make_job(2))
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 1
    async with store.reading() as tx:
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 2


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError):
        async with store.reading() as tx:
            await tx.jobs.insert(make_job())
    assert await counts(store) == (0, 0, 0)


async def test_many_readers_beside_a_writer(store: Store) -> None:
    await put(store, make_job(1))
    async with store.transaction() as tx:
        await submit(tx, make_job(2))
        found = await asyncio.gather(*(stored(store, "job00001") for _ in range(20)))
    assert len(found) == 20


async def test_a_transaction_is_over_at_its_end(store: Store) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job())
    with pytest.raises(StorageError, match="ended"):
        await tx.jobs.get("job00001")
    async with store.reading() as tx:
        pass
    with pytest.raises(StorageError, match="ended"):
        await tx.jobs.get("job00001")


async def test_after_a_cancelled_statement_the_next_transaction_works(store: Store) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with store.engine.transaction() as connection:
            await connection.execute("DELETE FROM answers")
            begun.set()
            await connection.fetch_all(SLOW)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(store, make_job())
    assert await counts(store) == (1, 1, 1)


async def test_a_task_that_is_cancelled_between_statements_leaves_nothing(store: Store) -> None:
    written = asyncio.Event()

    async def work() -> None:
        async with store.transaction() as tx:
            await submit(tx, make_job(1))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await written.wait()
    waiting = asyncio.create_task(put(store, make_job(2)))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await waiting
    assert await counts(store) == (1, 1, 1)
    assert (await stored(store, "job00002")).state is JobState.CREATED


async def test_a_task_cancelled_anywhere_writes_all_or_nothing(store: Store) -> None:
    """Cancel at one moment after the other: whichever statement or commit that meets, the rule holds."""
    for moment in range(60):
        job = make_job(moment + 1)
        task = asyncio.create_task(put(store, job))
        await asyncio.sleep(moment / 15_000)
        task.cancel()
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            assert (await stored(store, job.id)) == job
        jobs, entries, deliveries = await counts(store)
        assert jobs == entries == deliveries
    await put(store, make_job(1000))
    assert (await stored(store, "job01000")).id == "job01000"


async def test_a_cancelled_reader_is_used_again(store: Store) -> None:
    for _ in range(20):  # more than there are connections
        begun = asyncio.Event()

        async def read(begun: asyncio.Event = begun) -> None:
            async with store.engine.reading() as connection:
                begun.set()
                await connection.fetch_all(SLOW)

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await counts(store) == (0, 0, 0)


async def test_a_cap_holds_however_many_come_at_once(store: Store) -> None:
    async def ask(number: int) -> bool:
        try:
            async with store.transaction() as tx:
                await tx.lock_member(MEMBER)
                used = await tx.ledger.images_used(MEMBER, since=DAY.start, until=DAY.end)
                Cap(20, DAY).check(used, 3)
                await submit(tx, make_job(number), images=3)
        except CapReached:
            return False
        return True

    accepted = await asyncio.gather(*(ask(number) for number in range(40)))
    assert sum(accepted) == 6
    async with store.reading() as tx:
        assert await tx.ledger.images_used(MEMBER, since=DAY.start, until=DAY.end) == 18
    assert await counts(store) == (6, 6, 6)


async def test_one_interaction_at_once_is_one_job(store: Store) -> None:
    async def ask(number: int) -> str:
        job = make_job(number)
        job = job.evolve(origin=make_job(1).origin)
        async with store.transaction() as tx:
            await tx.lock_member(MEMBER)
            known = await tx.jobs.by_origin(job.origin.key)
            if known is None:
                await submit(tx, job)
            return known.id if known else job.id

    assert len(set(await asyncio.gather(*(ask(number) for number in range(20))))) == 1
    assert await counts(store) == (1, 1, 1)


async def test_an_interaction_without_the_lock_is_still_one_job(store: Store) -> None:
    async def ask(number: int) -> bool:
        try:
            await put(store, make_job(number).evolve(origin=make_job(1).origin))
        except StaleState:
            return False
        return True

    assert sum(await asyncio.gather(*(ask(number) for number in range(10)))) == 1
    assert await counts(store) == (1, 1, 1)


async def test_an_integer_beyond_64_bits_is_refused(store: Store) -> None:
    with pytest.raises(StorageError):
        async with store.reading() as tx:
            await tx.deliveries.kept_for(2**70)
    assert await counts(store) == (0, 0, 0)


async def test_a_hostile_id_finds_nothing(store: Store) -> None:
    await put(store, make_job())
    async with store.reading() as tx:
        for text in ("job00001\0", "\ud800", "' OR 1=1 --", "", "job00001" * 10_000, "😀"):
            assert await tx.jobs.get(text) is None
            assert await tx.images.get(text) is None
            assert await tx.jobs.by_origin(text) is None


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.engine.aclose()
    with pytest.raises(StorageError, match="closed"):
        async with store.transaction():
            pass
    with pytest.raises(StorageError, match="closed"):
        async with store.reading():
            pass


async def test_closing_waits_for_those_who_read(store: Store) -> None:
    await put(store, make_job())
    async with store.reading() as tx:
        closing = asyncio.create_task(store.engine.aclose())
        await asyncio.sleep(0)
        with pytest.raises(StorageError, match="closed"):
            async with store.reading():
                pass
        assert await tx.jobs.get("job00001") is not None
        assert not closing.done()
    await closing


def test_text_that_no_database_holds_is_replaced() -> None:
    given: dict[str, Value] = {
        "nul": "a\0b",
        "half": "a\ud800b",
        "pair": "a😀b",
        "yes": True,
        "none": None,
        "number": 5,
    }
    assert {name: storable(value) for name, value in given.items()} == {
        "nul": "a\ufffdb",
        "half": "a\ufffdb",
        "pair": "a😀b",
        "yes": 1,
        "none": None,
        "number": 5,
    }

"""SQLite's readers: units that wait together share a snapshot, and none of them spoils another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest

from bot.errors import StorageError
from storage.sqlite_readers import MOST_TOGETHER, SqliteReaders
from storage.sqlite_units import UnitConnection


class Readers:
    """One reader on a small table, and all that SQLite was told."""

    def __init__(self, raw: aiosqlite.Connection, path: Path) -> None:
        self.raw = raw
        self.readers = SqliteReaders([raw], path)
        self.told: list[str] = []

    async def double(self, number: int) -> int:
        async def work(connection: UnitConnection) -> int:
            row = await connection.fetch_one("SELECT n * 2 AS twice FROM t WHERE n = :n", {"n": number})
            if row is None:
                raise LookupError(number)
            return int(row["twice"])

        return await self.readers.read(work)

    def count(self, word: str) -> int:
        return sum(statement.startswith(word) for statement in self.told)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Readers]:
    path = tmp_path / "database.sqlite3"
    async with aiosqlite.connect(path, isolation_level=None) as raw:
        raw.row_factory = aiosqlite.Row
        await raw.execute_fetchall("CREATE TABLE t (n INTEGER PRIMARY KEY)")
        await raw.executemany("INSERT INTO t (n) VALUES (?)", [(number,) for number in range(50)])
        found = Readers(raw, path)
        await raw.set_trace_callback(found.told.append)
        yield found


async def test_units_that_wait_together_share_a_snapshot(world: Readers) -> None:
    numbers = range(MOST_TOGETHER * 2)
    assert await asyncio.gather(*map(world.double, numbers)) == [number * 2 for number in numbers]
    assert (world.count("BEGIN"), world.count("ROLLBACK")) == (2, 2)
    assert not world.raw.in_transaction


async def test_one_that_fails_fails_alone(world: Readers) -> None:
    found = await asyncio.gather(*map(world.double, (1, 500, 2)), return_exceptions=True)
    assert (found[0], type(found[1]), found[2]) == (2, LookupError, 4)


async def test_one_that_is_cancelled_leaves_the_others_alone(world: Readers) -> None:
    tasks = [asyncio.create_task(world.double(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    assert (tasks[0].result(), tasks[1].cancelled(), tasks[2].result()) == (0, True, 4)
    assert await world.double(4) == 8


async def test_who_reads_again_at_once_is_read_as_well(world: Readers) -> None:
    """The reader before is on its way out then, and takes nothing any more."""
    async with asyncio.timeout(30):
        assert [await world.double(number) for number in range(20)] == [number * 2 for number in range(20)]


async def test_a_block_has_the_connection_to_itself(world: Readers) -> None:
    async with world.readers.reading() as connection:
        waiting = asyncio.create_task(world.double(3))
        assert len(await connection.fetch_all("SELECT n FROM t")) == 50
        assert not waiting.done()
    assert await waiting == 6
    assert not world.raw.in_transaction


async def test_a_connection_that_is_closed_is_said_to_all(world: Readers) -> None:
    await world.raw.close()
    found = await asyncio.gather(world.double(1), world.double(2), return_exceptions=True)
    assert [type(error) for error in found] == [StorageError, StorageError]


async def test_it_settles_when_everybody_has_read(world: Readers) -> None:
    async with world.readers.reading() as connection:
        waiting = [asyncio.create_task(world.double(number)) for number in range(3)]
        await asyncio.sleep(0)
        settled = asyncio.create_task(world.readers.settled())
        assert len(await connection.fetch_all("SELECT n FROM t")) == 50
        assert not settled.done()
    await settled
    assert [task.result() for task in waiting] == [0, 2, 4]


async def test_whoever_reads_for_ever_is_not_waited_for(
    world: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite_readers.SECONDS_TO_SETTLE", 0.0)
    async with world.readers.reading() as connection:
        await world.readers.settled()
        assert len(await connection.fetch_all("SELECT n FROM t")) == 50
        await world.raw.close()
        with pytest.raises(StorageError, match="closed"):
            await connection.fetch_all("SELECT n FROM t")

"""Several SQLite transactions that share one COMMIT fail and succeed one by one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import StorageBusy, StorageError
from storage.sqlite_writer import MOST_TOGETHER, SqliteConnection
from storage.statements import statements
from tests.fakes.other_program import locked
from tests.storage.writing import Watched, open_watched


class World(Watched):
    """A writer that writes in transactions."""

    async def insert(self, number: int, *, fail: bool = False) -> None:
        async with self.writer.transaction() as connection:
            await connection.execute("INSERT INTO t (n) VALUES (:n)", {"n": number})
            if fail:
                raise ZeroDivisionError
        assert number in self.committed()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_watched(World, tmp_path / "database.sqlite3") as found:
        yield found


async def test_one_alone_is_one_commit(world: World) -> None:
    await world.insert(1)
    assert [statement.split(" (")[0] for statement in world.told] == [
        "BEGIN IMMEDIATE",
        "INSERT INTO t",
        "COMMIT",
    ]


async def test_those_that_wait_share_a_commit_and_return_after_it(world: World) -> None:
    numbers = range(MOST_TOGETHER * 3)
    await asyncio.gather(*(world.insert(number) for number in numbers))
    assert world.committed() == list(numbers)
    assert (world.count("BEGIN"), world.count("COMMIT")) == (3, 3)


@pytest.mark.parametrize("first", [0, 1])
async def test_one_that_fails_undoes_itself_alone(world: World, first: int) -> None:
    work = (world.insert(number, fail=number % 2 == first) for number in range(20))
    results = await asyncio.gather(*work, return_exceptions=True)
    assert world.committed() == [number for number in range(20) if number % 2 != first]
    assert [isinstance(result, ZeroDivisionError) for result in results] == [
        n % 2 == first for n in range(20)
    ]


async def test_all_that_fail_leave_nothing_open(world: World) -> None:
    await asyncio.gather(*(world.insert(number, fail=True) for number in range(5)), return_exceptions=True)
    assert not world.raw.in_transaction
    await world.insert(9)
    assert world.committed() == [9]


async def test_one_that_is_cancelled_takes_nobody_with_it(world: World) -> None:
    inside = asyncio.Event()

    async def linger() -> None:
        async with world.writer.transaction() as connection:
            await connection.execute("INSERT INTO t (n) VALUES (2)")
            inside.set()
            await asyncio.Event().wait()

    before = asyncio.create_task(world.insert(1))
    slow = asyncio.create_task(linger())
    after = asyncio.create_task(world.insert(3))
    await inside.wait()
    assert not before.done()
    slow.cancel()
    await asyncio.wait([before, slow, after])
    assert slow.cancelled()
    assert world.committed() == [1, 3]
    assert world.count("COMMIT") == 1


async def test_one_that_is_cancelled_while_it_waits_for_its_turn_never_began(world: World) -> None:
    tasks = [asyncio.create_task(world.insert(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.wait(tasks)
    assert world.committed() == [0, 1, 3]
    assert world.count("INSERT") == 3


async def test_when_the_commit_fails_all_of_it_fail(world: World) -> None:
    async def orphan() -> None:
        async with world.writer.transaction() as connection:
            await connection.execute("PRAGMA defer_foreign_keys = ON")
            await connection.execute("INSERT INTO t (n, parent) VALUES (7, 70)")

    results = await asyncio.gather(world.insert(1), orphan(), world.insert(2), return_exceptions=True)
    assert [type(result) for result in results] == [StorageError] * 3
    assert len({id(result) for result in results}) == 3
    assert world.committed() == []
    await world.insert(5)
    assert world.committed() == [5]


async def test_when_sqlite_gives_the_transaction_up_all_of_it_fail(world: World) -> None:
    """It does so by itself when it runs out of space or memory in a bad moment."""

    async def lose() -> None:
        async with world.writer.transaction() as connection:
            await connection.execute("INSERT INTO t (n) VALUES (7)")
            await connection.execute("ROLLBACK")

    results = await asyncio.gather(world.insert(1), lose(), world.insert(2), return_exceptions=True)
    assert [type(result) for result in results] == [StorageError, StorageError, type(None)]
    assert world.committed() == [2]


async def test_no_statement_runs_outside_of_a_transaction(world: World) -> None:
    """After SQLite gave the transaction up, the next statement would be committed on its own."""
    with pytest.raises(StorageError):
        async with world.writer.transaction() as connection:
            await connection.execute("ROLLBACK")
            with pytest.raises(StorageError):
                await connection.execute("nonsense")
            await connection.execute("INSERT INTO t (n) VALUES (1)")
    assert world.committed() == []


async def test_the_commit_of_a_cancelled_task_is_waited_for(world: World) -> None:
    async def work(connection: SqliteConnection, entered: asyncio.Event) -> None:
        await connection.execute("INSERT INTO t (n) VALUES (1)")
        entered.set()

    entered = asyncio.Event()

    async def commit() -> None:
        async with world.writer.transaction() as connection:
            await work(connection, entered)

    task = asyncio.create_task(commit())
    await entered.wait()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert not world.raw.in_transaction
    assert world.committed() == ([] if world.count("ROLLBACK") else [1])


async def test_a_lock_of_another_program_fails_one_and_not_the_next(world: World) -> None:
    async with locked(world.path):
        with pytest.raises(StorageBusy):
            await world.insert(1)
    await world.insert(2)
    assert world.committed() == [2]


async def test_a_transaction_within_a_transaction_is_refused(world: World) -> None:
    with pytest.raises(RuntimeError, match="within"):
        async with world.writer.transaction(), world.writer.transaction():
            pass
    await world.insert(1)


async def test_alone_means_that_nothing_is_open(world: World) -> None:
    tasks = [asyncio.create_task(world.insert(number)) for number in range(3)]
    await asyncio.sleep(0)
    async with world.writer.alone() as raw:
        assert not raw.in_transaction
    await asyncio.gather(*tasks)
    assert world.committed() == [0, 1, 2]


def test_a_script_is_split_where_statements_end() -> None:
    script = """-- a comment; with a semicolon
CREATE TABLE a (b TEXT DEFAULT ';'); -- said
CREATE TRIGGER c BEFORE DELETE ON a
BEGIN
    SELECT RAISE(ABORT, 'no;');
END;
-- the end
"""
    found = statements(script.replace(" -- said", ""))
    assert len(found) == 2
    assert found[1].startswith("CREATE TRIGGER") and found[1].endswith("END;")
    with pytest.raises(ValueError, match="does not end"):
        statements("CREATE TABLE a (b TEXT)")

"""Units of work: whole or not at all, durable when they return, and never waiting for anything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.server_settings import MemberSettings
from bot.errors import StaleState, StorageError
from storage import Store
from storage.sqlite_units import UnitConnection
from storage.sqlite_writer import MOST_TOGETHER
from storage.store import Transaction
from tests.storage.writing import Watched, open_watched

# --- on both databases ------------------------------------------------------------------------------------


async def test_a_unit_returns_what_it_found_and_what_it_wrote_is_there(store: Store) -> None:
    async def change(tx: Transaction) -> MemberSettings:
        before = await tx.settings.of_member(7)
        await tx.settings.save_member(7, before.change(private=True), now=1)
        return await tx.settings.of_member(7)

    assert (await store.write(change)).private
    assert (await store.read(lambda tx: tx.settings.of_member(7))).private


async def test_a_unit_that_raises_leaves_nothing(store: Store) -> None:
    async def change(tx: Transaction) -> None:
        await tx.settings.save_member(7, MemberSettings(private=True), now=1)
        raise StaleState("too late")

    with pytest.raises(StaleState, match="too late"):
        await store.write(change)
    assert not (await store.read(lambda tx: tx.settings.of_member(7))).private


async def test_a_reading_unit_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError):
        await store.read(lambda tx: tx.settings.save_member(7, MemberSettings(private=True), now=1))
    assert not (await store.read(lambda tx: tx.settings.of_member(7))).private


async def test_units_and_transactions_take_turns(store: Store) -> None:
    async def count(tx: Transaction) -> None:
        count = (await tx.settings.of_member(7)).count or 1
        await tx.settings.save_member(7, MemberSettings(count=count), now=count)

    async def block() -> None:
        async with store.transaction() as tx:
            await count(tx)

    await asyncio.gather(*(store.write(count) if number % 2 else block() for number in range(20)))
    assert (await store.read(lambda tx: tx.settings.of_member(7))).count == 1


# --- on SQLite --------------------------------------------------------------------------------------------


class World(Watched):
    """A writer that writes in units."""

    async def insert(self, number: int, *, fail: bool = False) -> int:
        async def work(connection: UnitConnection) -> int:
            await connection.execute("INSERT INTO t (n) VALUES (:n)", {"n": number})
            if fail:
                raise ZeroDivisionError
            return number

        result = await self.writer.write(work)
        assert number in self.committed()
        return result


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_watched(World, tmp_path / "database.sqlite3") as found:
        yield found


async def test_those_that_wait_share_a_commit_and_return_after_it(world: World) -> None:
    numbers = list(range(MOST_TOGETHER * 3))
    assert await asyncio.gather(*map(world.insert, numbers)) == numbers
    assert world.committed() == numbers
    assert world.count("COMMIT") == 3


async def test_one_that_fails_undoes_itself_alone(world: World) -> None:
    work = (world.insert(number, fail=number % 3 == 0) for number in range(20))
    results = await asyncio.gather(*work, return_exceptions=True)
    assert world.committed() == [number for number in range(20) if number % 3]
    assert [isinstance(result, ZeroDivisionError) for result in results] == [n % 3 == 0 for n in range(20)]
    assert not world.raw.in_transaction


async def test_only_where_one_breaks_after_writing_the_others_run_again(world: World) -> None:
    async def refuse(connection: UnitConnection) -> None:
        await connection.fetch_all("SELECT n FROM t")
        raise ZeroDivisionError

    work = world.insert(1), world.writer.write(refuse), world.insert(2)
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(result) for result in results] == [int, ZeroDivisionError, int]
    assert (world.count("INSERT"), world.count("SAVEPOINT"), world.count("ROLLBACK")) == (2, 0, 0)
    await asyncio.gather(world.insert(3), world.insert(4, fail=True), world.insert(5), return_exceptions=True)
    assert world.committed() == [1, 2, 3, 5]
    assert world.count("INSERT") == 2 + 2 + 3  # the first two of three, and then all of them
    assert world.count("COMMIT") == 2


async def test_when_the_commit_fails_all_of_it_fail(world: World) -> None:
    async def orphan(connection: UnitConnection) -> None:
        await connection.execute("PRAGMA defer_foreign_keys = ON")
        await connection.execute("INSERT INTO t (n, parent) VALUES (7, 70)")

    work = world.insert(1), world.writer.write(orphan), world.insert(2)
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(result) for result in results] == [StorageError] * 3
    assert len({id(result) for result in results}) == 3
    assert (world.committed(), world.raw.in_transaction) == ([], False)
    assert await world.insert(5) == 5


async def test_one_that_loses_the_transaction_takes_the_others_with_it(world: World) -> None:
    """As SQLite does by itself when the disk is full."""

    async def lose(connection: UnitConnection) -> None:
        await connection.execute("ROLLBACK")
        raise StorageError("the disk is full")

    work = world.insert(1), world.writer.write(lose), world.insert(2)
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [str(result) for result in results] == ["the disk is full"] * 3
    assert world.committed() == []
    assert await world.insert(5) == 5


async def test_who_waits_for_something_else_is_told(world: World) -> None:
    async def wait(connection: UnitConnection) -> None:
        await connection.execute("INSERT INTO t (n) VALUES (1)")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited for something else"):
        await world.writer.write(wait)
    assert world.committed() == []


async def test_one_that_is_cancelled_leaves_the_others_alone(world: World) -> None:
    tasks = [asyncio.create_task(world.insert(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.wait(tasks)
    assert tasks[2].cancelled()
    assert {0, 1, 3} <= set(world.committed())
    assert not world.raw.in_transaction


async def test_a_unit_within_a_transaction_would_wait_for_itself(world: World) -> None:
    async with world.writer.transaction():
        with pytest.raises(RuntimeError, match="wait for itself"):
            await world.insert(1)

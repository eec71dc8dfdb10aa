"""SQLite's one writing connection, and the transactions that take turns on it.

Transactions run one after the other, but those that wait at the same time share one COMMIT, because its
fsync is what takes long on most disks: a burst of 300 transactions is 10 commits, not 300. The first of
such a group begins it; each later one is a savepoint, so that its failure undoes its own writes alone.
Nobody returns before the group's COMMIT has.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import StorageError
from storage.engine import NO_PARAMS, Params
from storage.faults import sqlite_faults
from storage.named import bound
from storage.sqlite_units import SqliteStatements, Unit, Work
from storage.sqlite_units import write as write_units
from storage.uninterrupted import to_the_end

# More in one group would make the first of them wait longer without saving much.
MOST_TOGETHER = 32


T = TypeVar("T")
A = TypeVar("A")


async def on_thread(
    raw: aiosqlite.Connection, call: Callable[[sqlite3.Connection, Path, A], T], database: Path, argument: A
) -> T:
    """Call a function on a connection's own thread.

    aiosqlite's public methods each run one statement of SQLite over there, and a unit of work is many: a hop
    for each would cost several times as much. What every one of those methods goes through is private, so
    `tests/storage/test_aiosqlite.py` fails, and says what to do, when another version has it otherwise.
    """
    with sqlite_faults(database):
        result: T = await raw._execute(call, raw._conn, database, argument)  # type: ignore[no-untyped-call] # theirs
    return result


def in_transaction(raw: aiosqlite.Connection) -> bool:
    """Whether a transaction is open; none is on a connection that was closed."""
    try:
        return bool(raw.in_transaction)
    except ValueError:  # aiosqlite's word for a closed one
        return False


class SqliteConnection(SqliteStatements):
    """One transaction's use of a connection."""

    def __init__(self, raw: aiosqlite.Connection, database: Path) -> None:
        super().__init__(raw)
        self._raw = raw
        self._database = database
        self._ended = False

    def end(self) -> None:
        """Refuse every further statement."""
        self._ended = True

    async def fetch_all(self, sql: str, params: Params = NO_PARAMS) -> Sequence[sqlite3.Row]:
        if self._ended:
            raise StorageError("the transaction has ended already")
        try:
            with sqlite_faults(self._database):
                return list(await self._raw.execute_fetchall(*bound(sql, params, "sqlite")))
        except StorageError:
            # Out of space or memory, SQLite may have rolled everything back by itself: a statement that
            # came now would be committed on its own.
            self._ended = self._ended or not in_transaction(self._raw)
            raise


@dataclass(slots=True)
class _Group:
    """Transactions that share one COMMIT."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)  # durable, or lost with `error`
    members: int = 0  # those that have done all their writes
    error: StorageError | None = None
    commit: asyncio.Task[None] | None = None


class SqliteWriter:
    """Gives the writing connection to one transaction at a time, first come, first served."""

    def __init__(self, raw: aiosqlite.Connection, database: Path) -> None:
        self._raw = raw
        self._database = database
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._group: _Group | None = None
        self._units: list[Unit] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def changes(self) -> int:
        """How many rows were changed since it was opened."""
        return self._raw.total_changes

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work; units that wait at the same time share one hop and one COMMIT."""
        if self._holder is asyncio.current_task():
            raise RuntimeError("a transaction within a transaction would wait for itself")
        unit = Unit(work, asyncio.get_running_loop().create_future())
        self._units.append(unit)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_units(), name="sqlite units")
        result: T = await to_the_end(unit.done)
        return result

    async def _write_units(self) -> None:
        try:
            while self._units:
                async with self._turn:
                    await self._commit(self._group)
                    units, self._units = self._units[:MOST_TOGETHER], self._units[MOST_TOGETHER:]
                    await self._write_together(units)
        finally:
            self._writing = None

    async def _write_together(self, units: list[Unit]) -> None:
        try:
            await on_thread(self._raw, write_units, self._database, units)
        except BaseException:
            for unit in units:
                unit.error = unit.error or StorageError("the program stopped while it wrote")
            raise
        finally:
            for unit in units:
                unit.tell()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteConnection]:
        """A transaction; whatever happens to the task, none is left open."""
        if self._holder is asyncio.current_task():
            raise RuntimeError("a transaction within a transaction would wait for itself")
        await self._turn.acquire()
        self._holder = asyncio.current_task()
        connection = SqliteConnection(self._raw, self._database)
        try:
            await to_the_end(self._begin())
            yield connection
        except BaseException as exc:
            connection.end()
            await to_the_end(self._undo(exc))
            raise
        connection.end()
        await to_the_end(self._finish())

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[aiosqlite.Connection]:
        """The connection with no transaction open, and none beginning."""
        while self._writing is not None:
            await asyncio.wait({self._writing})
        async with self._turn:
            await to_the_end(self._commit(self._group))
            yield self._raw

    async def _run(self, sql: str) -> None:
        with sqlite_faults(self._database):
            await self._raw.execute_fetchall(sql)

    async def _begin(self) -> None:
        if self._group is None:
            await self._run("BEGIN IMMEDIATE")
            self._group = _Group()
        else:
            await self._run("SAVEPOINT member")

    async def _undo(self, cause: BaseException) -> None:
        """Take back what the transaction whose turn it is has written, and end its turn."""
        group = self._group
        try:
            if group is None:
                return  # it could not even begin
            if group.members:
                await self._run("ROLLBACK TO member")
                await self._run("RELEASE member")
            else:
                self._group = None
                await self._run("ROLLBACK")
        except StorageError as exc:
            # SQLite had rolled everything back, those before in the group included (see SqliteConnection).
            await self._lose(group, cause if isinstance(cause, StorageError) else exc)
        finally:
            self._end_turn()

    async def _finish(self) -> None:
        """End the turn of a transaction that has written all it wanted; return when that is durable."""
        group = self._group
        assert group is not None  # noqa: S101 - _begin made it
        try:
            if not in_transaction(self._raw):
                raise StorageError("SQLite gave the transaction up")
            if group.members:
                await self._run("RELEASE member")
            group.members += 1
            if group.members >= MOST_TOGETHER:
                await self._commit(group)
            elif group.commit is None:
                # It waits for its turn behind those who wait already: they join the group.
                group.commit = asyncio.create_task(self._commit_in_turn(group), name="sqlite commit")
        except StorageError as exc:
            await self._lose(group, exc)
        finally:
            self._end_turn()
        await group.ended.wait()
        if group.error is not None:
            raise type(group.error)(str(group.error)) from group.error

    def _end_turn(self) -> None:
        self._holder = None
        self._turn.release()

    async def _commit_in_turn(self, group: _Group) -> None:
        async with self._turn:
            await self._commit(group)

    async def _commit(self, group: _Group | None) -> None:
        """Commit a group, unless it has ended; it remembers how that went."""
        if group is None or group.ended.is_set():
            return
        self._group = None
        try:
            await self._run("COMMIT")
        except StorageError as exc:
            await self._lose(group, exc)
        except asyncio.CancelledError:
            group.error = StorageError("the program stopped while it committed")
            raise
        finally:
            group.ended.set()

    async def _lose(self, group: _Group | None, error: StorageError) -> None:
        """Give up a group: all of its transactions fail with `error`."""
        self._group = None
        try:
            if in_transaction(self._raw):
                await self._run("ROLLBACK")
        finally:
            if group is not None:
                group.error = group.error or error
                group.ended.set()

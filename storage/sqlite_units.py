"""Units of work that run on a SQLite connection's own thread at one go.

A unit is a coroutine that waits for nothing but its connection. On SQLite that never really waits, so the
whole unit runs in one step over there: one hop to the thread and back for a transaction, instead of one for
each statement. Hops are most of what a small statement costs.

A unit changes nothing but the database: where another that shares its transaction breaks, it runs twice.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.errors import StorageError
from storage.engine import NO_PARAMS, Params
from storage.faults import sqlite_faults
from storage.named import bound
from storage.statements import statements

T = TypeVar("T")


class Counts(Protocol):
    """What both SQLite's and aiosqlite's connections say."""

    @property
    def total_changes(self) -> int: ...


class SqliteStatements(ABC):
    """What a connection to SQLite does (see `storage.engine.Connection`), whichever way a statement goes."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    @abstractmethod
    async def fetch_all(self, sql: str, params: Params = NO_PARAMS) -> Sequence[sqlite3.Row]:
        """Run a statement and return all of its rows."""

    async def fetch_one(self, sql: str, params: Params = NO_PARAMS) -> sqlite3.Row | None:
        rows = await self.fetch_all(sql, params)
        return rows[0] if rows else None

    async def execute(self, sql: str, params: Params = NO_PARAMS) -> int:
        before = self._counts.total_changes
        await self.fetch_all(sql, params)
        return self._counts.total_changes - before

    async def run_script(self, sql: str) -> None:
        for statement in statements(sql):
            await self.fetch_all(statement)

    async def try_lock(self, key: int) -> bool:
        """Nobody holds it: no other transaction that may write runs meanwhile."""
        return True

    async def lock(self, key: int) -> None:
        """There is nothing to wait for."""
        await self.try_lock(key)


class UnitConnection(SqliteStatements):
    """A unit's use of the connection, on the connection's thread."""

    def __init__(self, raw: sqlite3.Connection, database: Path) -> None:
        super().__init__(raw)
        self._raw = raw
        self._database = database

    async def fetch_all(self, sql: str, params: Params = NO_PARAMS) -> Sequence[sqlite3.Row]:
        with sqlite_faults(self._database):
            return self._raw.execute(*bound(sql, params, "sqlite")).fetchall()


Work = Callable[[UnitConnection], Awaitable[T]]


@dataclass(slots=True, eq=False)
class Unit:
    """One unit of work that waits for its turn, and what became of it."""

    work: Work[Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Hand the outcome to whoever waits for it."""
        if self.done.done():
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


def read(raw: sqlite3.Connection, database: Path, units: Sequence[Unit]) -> None:
    """Run units that only read, in one snapshot. What became of each is written into it."""
    with _snapshot(raw, database):
        for unit in units:
            _attempt(raw, unit, database)


def read_one(raw: sqlite3.Connection, database: Path, work: Work[T]) -> T:
    """Run one unit that only reads, on a connection of one's own, and return what it found."""
    with _snapshot(raw, database):
        return _run(work(UnitConnection(raw, database)))


@contextmanager
def _snapshot(raw: sqlite3.Connection, database: Path) -> Iterator[None]:
    with sqlite_faults(database):
        raw.execute("BEGIN")
    try:
        yield
    finally:
        if raw.in_transaction:
            with sqlite_faults(database):
                raw.execute("ROLLBACK")


def write(raw: sqlite3.Connection, database: Path, units: Sequence[Unit]) -> None:
    """Run units that may write, each whole or not at all, and commit them together.

    What became of each is written into it; what succeeded is durable when this returns.
    """
    try:
        with sqlite_faults(database):
            if not _at_one_go(raw, units, database):
                _one_by_one(raw, units, database)
    except StorageError as exc:
        # Nothing of any of them is in the database.
        for unit in units:
            unit.error = unit.error or type(exc)(str(exc))
        if raw.in_transaction:
            with sqlite_faults(database):
                raw.execute("ROLLBACK")


def _at_one_go(raw: sqlite3.Connection, units: Sequence[Unit], database: Path) -> bool:
    """Run and commit units, or return False with nothing done where one broke after it had written.

    That is rare: who is refused has written nothing. Each statement of a burst lets go of the interpreter
    several times and waits for it behind the event loop, so that two fewer for each unit are worth it.
    """
    raw.execute("BEGIN IMMEDIATE")
    for unit in units:
        before = raw.total_changes
        _attempt(raw, unit, database)
        if unit.error is not None and (raw.total_changes != before or not raw.in_transaction):
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            return False
    raw.execute("COMMIT")
    return True


def _one_by_one(raw: sqlite3.Connection, units: Sequence[Unit], database: Path) -> None:
    """Run units anew, so that one that breaks takes back its own writes alone, and commit the others."""
    raw.execute("BEGIN IMMEDIATE")
    for unit in units:
        raw.execute("SAVEPOINT unit")
        _attempt(raw, unit, database)
        if unit.error is not None:
            if not raw.in_transaction:
                # Out of space or memory, SQLite has rolled back what the others wrote as well.
                if isinstance(unit.error, StorageError):
                    raise unit.error
                raise StorageError("SQLite gave the transaction up") from unit.error
            raw.execute("ROLLBACK TO unit")
        raw.execute("RELEASE unit")
    raw.execute("COMMIT")


def _attempt(raw: sqlite3.Connection, unit: Unit, database: Path) -> None:
    """Run a unit and note what became of it."""
    unit.result = unit.error = None
    try:
        unit.result = _run(unit.work(UnitConnection(raw, database)))
    except BaseException as exc:
        unit.error = exc


def _run(work: Awaitable[T]) -> T:
    """Run a coroutine that does not wait to its end."""
    if not isinstance(work, Coroutine):
        raise TypeError("a unit of work is a coroutine function")
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    work.close()
    raise RuntimeError("a unit of work waited for something else than its transaction")

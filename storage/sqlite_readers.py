"""SQLite's connections that read, beside the one that writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.errors import StorageError
from storage.sqlite_units import Unit, Work
from storage.sqlite_units import read as read_units
from storage.sqlite_writer import SqliteConnection, in_transaction, on_thread
from storage.uninterrupted import to_the_end

T = TypeVar("T")

# More in one group would make the first of them wait longer without saving much.
MOST_TOGETHER = 16

SECONDS_TO_SETTLE = 10.0  # whoever reads for longer does not keep the program from ending


class SqliteReaders:
    """Lends connections to those who read, and lets units that wait at the same time share a snapshot."""

    def __init__(self, raws: Sequence[aiosqlite.Connection], database: Path) -> None:
        self._database = database
        self._size = len(raws)
        self._free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for raw in raws:
            self._free.put_nowait(raw)
        self._units: list[Unit] = []
        # Counted by the tasks themselves: one that has found nothing left to do takes nothing any more,
        # although others see that it is done only in the event loop's next round.
        self._at_work = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._blocks: set[asyncio.Future[None]] = set()

    async def read(self, work: Work[T]) -> T:
        """Run a unit of work on a snapshot. Cancelled, it goes on over there for nobody."""
        unit = Unit(work, asyncio.get_running_loop().create_future())
        self._units.append(unit)
        if self._at_work < self._size:
            self._at_work += 1
            task = asyncio.create_task(self._read_units(), name="sqlite reads")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        result: T = await unit.done
        return result

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqliteConnection]:
        """A snapshot for as long as the block takes."""
        ended = asyncio.get_running_loop().create_future()
        self._blocks.add(ended)
        try:
            async with self._lent() as connection:
                await connection.fetch_all("BEGIN")
                yield connection
        finally:
            self._blocks.discard(ended)
            ended.set_result(None)

    async def settled(self) -> None:
        """Return when nobody reads any more, or after a while; called when nobody can begin to."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_SETTLE):
                while reading := self._tasks | self._blocks:
                    await asyncio.wait(reading)

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[SqliteConnection]:
        raw = await self._free.get()
        connection = SqliteConnection(raw, self._database)
        try:
            yield connection
        finally:
            connection.end()
            await to_the_end(self._give_back(raw))

    async def _read_units(self) -> None:
        try:
            while self._units:
                raw = await self._free.get()
                units, self._units = self._units[:MOST_TOGETHER], self._units[MOST_TOGETHER:]
                await self._read_together(raw, units)
        finally:
            self._at_work -= 1

    async def _read_together(self, raw: aiosqlite.Connection, units: Sequence[Unit]) -> None:
        try:
            await on_thread(raw, read_units, self._database, units)
        except StorageError as error:
            for unit in units:
                unit.error = unit.error or type(error)(str(error))
        except asyncio.CancelledError:
            for unit in units:
                unit.error = unit.error or StorageError("the program stopped while it read")
            raise
        finally:
            self._free.put_nowait(raw)
            for unit in units:
                unit.tell()

    async def _give_back(self, raw: aiosqlite.Connection) -> None:
        try:
            await roll_back(raw, self._database)
        finally:
            self._free.put_nowait(raw)


async def roll_back(raw: aiosqlite.Connection, database: Path) -> None:
    """End the transaction where one is open; a statement that still runs ends first."""
    connection = SqliteConnection(raw, database)
    try:
        await connection.fetch_all("ROLLBACK")
    except StorageError:
        if in_transaction(raw):
            raise

"""SQLite through aiosqlite: one connection that writes, a few that read beside it.

aiosqlite sends statements one by one to a thread of its connection. A transaction spans several of them, so
each transaction has its connection to itself: the writers take turns (`storage.sqlite_writer`), the readers
come from a pool (`storage.sqlite_readers`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Self, TypeVar

import aiosqlite

from bot.errors import StorageDamaged, StorageError
from storage.faults import file_faults, sqlite_faults
from storage.files import create, sync_folder
from storage.sqlite_copy import copy_database
from storage.sqlite_log import MOST_PAGES, move_log
from storage.sqlite_readers import SqliteReaders, roll_back
from storage.sqlite_units import Work
from storage.sqlite_writer import SqliteConnection, SqliteWriter
from storage.uninterrupted import to_the_end

T = TypeVar("T")
log = logging.getLogger(__name__)

READERS = 3
OLDEST = (3, 35)  # RETURNING


class SqliteEngine:
    """A SQLite database in a file (see `storage.engine.Engine`). Enter it with ``async with``."""

    dialect = "sqlite"

    def __init__(self, database: Path, *, busy_timeout: float = 5.0) -> None:
        self._database = database
        self._busy_timeout = busy_timeout  # seconds that a lock of another program is waited for
        self._stack = AsyncExitStack()
        self._readers: SqliteReaders | None = None
        self._writer: SqliteWriter | None = None
        self._damage: StorageDamaged | None = None  # what it said first
        self._said = asyncio.Event()
        self._moved = 0  # how many changes the log held when it was last moved

    async def __aenter__(self) -> Self:
        if sqlite3.sqlite_version_info < OLDEST:
            raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
        try:
            await asyncio.to_thread(self._create)
            with sqlite_faults(self._database):
                self._writer = SqliteWriter(await self._open_writer(), self._database)
                readers = [await self._open_reader() for _ in range(READERS)]
                self._readers = SqliteReaders(readers, self._database)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let who reads and who writes come to an end, then close every connection."""
        writer, self._writer = self._writer, None
        readers, self._readers = self._readers, None
        try:
            if readers is not None:
                await readers.settled()
            if writer is not None:
                async with writer.alone():
                    pass
        finally:
            await to_the_end(self._stack.aclose())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteConnection]:
        with self._listening():
            async with self._open().transaction() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqliteConnection]:
        with self._listening():
            async with self._reading().reading() as connection:
                yield connection

    async def write(self, work: Work[T]) -> T:
        with self._listening():
            return await self._open().write(work)

    async def read(self, work: Work[T]) -> T:
        with self._listening():
            return await self._reading().read(work)

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[SqliteConnection]:
        """A transaction with foreign keys off, checked at its end.

        Rebuilding a table needs that (sqlite.org/lang_altertable.html#otheralter), and the setting cannot
        be changed within a transaction.
        """
        async with self._open().alone() as raw:
            connection = SqliteConnection(raw, self._database)
            try:
                await to_the_end(self._run(raw, "PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"))
                yield connection
                if await connection.fetch_all("PRAGMA foreign_key_check"):
                    raise StorageError("a migration left rows that point at nothing")
                await to_the_end(self._run(raw, "COMMIT"))
            finally:
                connection.end()
                await to_the_end(self._end_schema_change(raw))

    async def before_upgrade(self, number: int) -> None:
        """Copy the database file beside itself; an earlier copy is never overwritten."""
        await to_the_end(asyncio.to_thread(self._backup_before, number))

    async def backup(self, target: Path) -> None:
        """Write a whole copy of the database to `target`, which must not exist. Work may go on meanwhile."""
        await to_the_end(
            asyncio.to_thread(copy_database, self._database, target, busy_timeout=self._busy_timeout)
        )

    async def checkpoint(self) -> None:
        """Move the write-ahead log into the database, where something was written; work goes on meanwhile."""
        changes = self._open().changes
        if changes != self._moved:
            with self._listening():
                await to_the_end(asyncio.to_thread(move_log, self._database))
            self._moved = changes

    async def damaged(self) -> StorageDamaged:
        while self._damage is None:
            await self._said.wait()
        return self._damage

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Remember, and say once, what everybody who uses the database is told: that it is damaged."""
        try:
            yield
        except StorageDamaged as error:
            if self._damage is None:
                log.critical("the bot ends, because its data is not what it was: %s", error)
                self._damage = error
                self._said.set()
            raise

    def _open(self) -> SqliteWriter:
        if self._writer is None:
            raise StorageError("the database is closed")
        return self._writer

    def _reading(self) -> SqliteReaders:
        if self._readers is None:
            raise StorageError("the database is closed")
        return self._readers

    def _create(self) -> None:
        with file_faults(self._database):
            if not self._database.exists():
                # SQLite gives its side files the rights of the database file.
                create(self._database)
                sync_folder(self._database.parent)

    async def _connect(self) -> aiosqlite.Connection:
        raw = await aiosqlite.connect(self._database, isolation_level=None, timeout=self._busy_timeout)
        self._stack.push_async_callback(raw.close)
        raw.row_factory = sqlite3.Row
        await raw.execute_fetchall("PRAGMA foreign_keys = ON")
        return raw

    async def _open_reader(self) -> aiosqlite.Connection:
        raw = await self._connect()
        await raw.execute_fetchall("PRAGMA query_only = ON")
        return raw

    async def _open_writer(self) -> aiosqlite.Connection:
        raw = await self._connect()
        modes = list(await raw.execute_fetchall("PRAGMA journal_mode = WAL"))
        if modes[0][0] != "wal":
            raise StorageError(
                f"SQLite can keep no write-ahead log in {self._database.parent}. Use a folder on a local disk"
            )
        await raw.execute_fetchall("PRAGMA synchronous = FULL")
        await raw.execute_fetchall(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")  # see `checkpoint`
        # A database that cannot be written is found out now, not when somebody asks for an image. BEGIN alone
        # does not tell; the setting is not used, and what is set is taken back.
        await raw.execute_fetchall("BEGIN IMMEDIATE")
        await raw.execute_fetchall("PRAGMA user_version = 0")
        await raw.execute_fetchall("ROLLBACK")
        return raw

    async def _end_schema_change(self, raw: aiosqlite.Connection) -> None:
        await roll_back(raw, self._database)
        await self._run(raw, "PRAGMA foreign_keys = ON")

    async def _run(self, raw: aiosqlite.Connection, *statements: str) -> None:
        with sqlite_faults(self._database):
            for statement in statements:
                await raw.execute_fetchall(statement)

    def _backup_before(self, number: int) -> None:
        stem = f"{self._database.name}.before-{number:04}"
        target, copies = self._database.with_name(f"{stem}.bak"), 1
        while target.exists():
            copies += 1
            target = self._database.with_name(f"{stem}.{copies}.bak")
        copy_database(self._database, target, busy_timeout=self._busy_timeout)

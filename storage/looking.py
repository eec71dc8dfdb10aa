"""Looking at the data while the bot works on it: for commands that only read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosqlite

from bot.errors import StorageError
from storage.engine import Connection
from storage.faults import sqlite_faults
from storage.migrate import known_migrations, newest_applied
from storage.sqlite_writer import SqliteConnection
from storage.store import DATABASE, Transaction, postgres_engine

BUSY_TIMEOUT = 5.0  # seconds


@asynccontextmanager
async def open_to_look(url: str, folder: Path) -> AsyncIterator[Transaction]:
    """Open one snapshot that only reads. Nothing is locked, made or migrated, and a bot may run meanwhile.

    Raises StorageError where there is no data yet, or where the data is not of this version.
    """
    async with AsyncExitStack() as stack:
        connection: Connection
        if url:
            engine = await stack.enter_async_context(postgres_engine(url, BUSY_TIMEOUT))
            connection = await stack.enter_async_context(engine.reading())
            dialect = engine.dialect
        else:
            connection = await stack.enter_async_context(_sqlite(folder / DATABASE))
            dialect = "sqlite"
        await _check_version(connection, dialect)
        yield Transaction(connection)


@asynccontextmanager
async def _sqlite(database: Path) -> AsyncIterator[SqliteConnection]:
    uri = await asyncio.to_thread(_uri, database)
    with sqlite_faults(database):
        raw = await aiosqlite.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT)
        try:
            raw.row_factory = aiosqlite.Row
            await raw.execute_fetchall("BEGIN")
            yield SqliteConnection(raw, database)
        finally:
            await raw.close()


async def _check_version(connection: Connection, dialect: str) -> None:
    known = await asyncio.to_thread(known_migrations)
    if await newest_applied(connection, dialect, known) < len(known):
        raise StorageError("the database is older than this version. Run `python -m bot migrate` first")


def _uri(database: Path) -> str:
    if not database.is_file():
        raise StorageError(f"there is no database {database} yet. Run the bot once, or set storage.path")
    return f"{database.absolute().as_uri()}?mode=ro"

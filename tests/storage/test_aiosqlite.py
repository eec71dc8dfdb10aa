"""What `storage.sqlite_writer.on_thread` needs of aiosqlite, which promises nothing about it."""

from __future__ import annotations

import sqlite3
import threading
from importlib.metadata import version
from pathlib import Path

import aiosqlite
import pytest

from bot.errors import StorageError
from storage.sqlite_writer import on_thread

REMEDY = (
    f"aiosqlite {version('aiosqlite')} runs no function on its connection's thread by `_execute` any more. "
    "Keep the version in requirements.lock, or let storage.sqlite_writer.on_thread use what took its place; "
    "without anything, a single-threaded concurrent.futures executor that owns the sqlite3 connection costs "
    "about the same"
)


def tables_and_thread(raw: sqlite3.Connection, database: Path, wanted: str) -> tuple[list[str], int]:
    found = raw.execute("SELECT name FROM sqlite_master WHERE name = ?", (wanted,)).fetchall()
    return [name for (name,) in found], threading.get_ident()


def refuse(raw: sqlite3.Connection, database: Path, argument: None) -> None:
    raw.execute("SELECT * FROM nothing")


async def test_a_function_runs_on_the_connections_own_thread(tmp_path: Path) -> None:
    database = tmp_path / "database.sqlite3"
    async with aiosqlite.connect(database, isolation_level=None) as raw:
        await raw.execute_fetchall("CREATE TABLE kept (id INTEGER)")
        threads = set()
        for _ in range(2):
            try:
                names, thread = await on_thread(raw, tables_and_thread, database, "kept")
            except (AttributeError, TypeError) as changed:
                pytest.fail(f"{REMEDY} ({changed!r})")
            assert names == ["kept"], REMEDY
            threads.add(thread)
        assert len(threads) == 1 and threading.get_ident() not in threads, REMEDY
        with pytest.raises(StorageError):
            await on_thread(raw, refuse, database, None)

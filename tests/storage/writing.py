"""A SQLite writer that is watched: what it told SQLite, and what is committed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeVar

import aiosqlite

from storage.sqlite_writer import SqliteWriter

W = TypeVar("W", bound="Watched")


class Watched:
    """A writer with a small table, and all that SQLite was told."""

    def __init__(self, path: Path, raw: aiosqlite.Connection) -> None:
        self.path = path
        self.raw = raw
        self.writer = SqliteWriter(raw, path)
        self.told: list[str] = []

    def committed(self) -> list[int]:
        """What another connection sees."""
        with closing(sqlite3.connect(self.path)) as other:
            return [row[0] for row in other.execute("SELECT n FROM t ORDER BY n")]

    def count(self, word: str) -> int:
        return sum(statement.startswith(word) for statement in self.told)


@asynccontextmanager
async def open_watched(kind: type[W], path: Path) -> AsyncIterator[W]:
    """Open a database with a small table."""
    async with aiosqlite.connect(path, isolation_level=None, timeout=0.05) as raw:
        await raw.execute_fetchall("PRAGMA journal_mode = WAL")
        await raw.execute_fetchall("PRAGMA foreign_keys = ON")
        await raw.execute_fetchall("CREATE TABLE t (n INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (n))")
        found = kind(path, raw)
        await raw.set_trace_callback(found.told.append)
        yield found

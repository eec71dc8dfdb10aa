"""SQLite's log is moved into the database when nobody waits for it, not by whoever happens to commit."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import sqlite as module
from storage.sqlite import SqliteEngine

ROW = "x" * 4_000
MUCH = 1_500  # rows: more than the 4 MB after which SQLite would do it by itself


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[SqliteEngine]:
    async with SqliteEngine(tmp_path / "database.sqlite3") as opened:
        async with opened.transaction() as connection:
            await connection.run_script("CREATE TABLE t (text TEXT);")
            await connection.execute("INSERT INTO t (text) VALUES ('')")
            await connection.execute("DELETE FROM t")
        await opened.checkpoint()
        yield opened


async def write(engine: SqliteEngine, rows: int) -> None:
    async with engine.transaction() as connection:
        for _ in range(rows):
            await connection.execute("INSERT INTO t (text) VALUES (:text)", {"text": ROW})


def rows_without_log(folder: Path) -> int:
    """How many rows the database's own file holds."""
    copy = folder / "copy.sqlite3"
    shutil.copyfile(folder / "database.sqlite3", copy)
    with closing(sqlite3.connect(copy)) as raw:
        found: int = raw.execute("SELECT COUNT(*) FROM t").fetchone()[0]
    return found


async def test_a_commit_leaves_the_log_alone(engine: SqliteEngine, tmp_path: Path) -> None:
    await write(engine, MUCH)
    await write(engine, 1)
    assert rows_without_log(tmp_path) == 0


async def test_a_checkpoint_moves_it(engine: SqliteEngine, tmp_path: Path) -> None:
    await write(engine, 10)
    await engine.checkpoint()
    assert rows_without_log(tmp_path) == 10
    await write(engine, 1)
    await engine.checkpoint()
    assert rows_without_log(tmp_path) == 11


async def test_it_waits_for_no_transaction(engine: SqliteEngine, tmp_path: Path) -> None:
    await write(engine, 10)
    async with engine.reading() as reading, engine.transaction() as writing:
        await reading.fetch_all("SELECT 1 FROM t")
        await writing.execute("INSERT INTO t (text) VALUES ('more')")
        await engine.checkpoint()
        assert rows_without_log(tmp_path) == 10


async def test_where_nothing_was_written_nothing_is_done(
    engine: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[Path] = []
    monkeypatch.setattr(module, "move_log", moved.append)
    await engine.checkpoint()
    assert moved == []
    await write(engine, 1)
    await engine.checkpoint()
    await engine.checkpoint()
    assert len(moved) == 1


async def test_a_log_that_nobody_moves_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_PAGES", 100)
    async with SqliteEngine(tmp_path / "database.sqlite3") as engine:
        async with engine.transaction() as connection:
            await connection.run_script("CREATE TABLE t (text TEXT);")
        await write(engine, 200)
        assert rows_without_log(tmp_path) == 200

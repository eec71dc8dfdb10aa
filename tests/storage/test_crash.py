"""kill -9 in the middle of writing: what was acknowledged is there, what was not is whole or not there."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from storage.store import DATABASE
from tests.storage.conftest import Place
from tests.storage.processes import line, started
from tests.storage.samples import make_answer, stored


@pytest.mark.parametrize("acknowledged", [1, 40])
async def test_a_killed_process_leaves_sound_data(sqlite_place: Place, acknowledged: int) -> None:
    with started("write", sqlite_place.folder) as process:
        said = [line(process).split() for _ in range(acknowledged)]
        process.kill()
    with closing(sqlite3.connect(sqlite_place.folder / DATABASE)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        jobs, entries, deliveries = (
            database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            for table in ("jobs", "ledger", "deliveries")
        )
    assert jobs == entries == deliveries >= acknowledged
    async with sqlite_place.open() as store:
        for number, sha256 in said:
            job = await stored(store, f"job{int(number):05}")
            assert job.state is JobState.CREATED
            assert await store.blobs.kept_answers(job.id) == {0: make_answer()}
            check_picture(store.blobs.path(sha256), sha256)
    for path in (sqlite_place.folder / "blobs").rglob("*"):
        if path.is_file():
            check_picture(path, path.name)


def check_picture(path: Path, sha256: str) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256

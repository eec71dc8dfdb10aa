"""Backups: whole, verified, and nothing of them is left when they break."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.errors import StorageError, StorageInUse
from storage import scratch
from storage.blob_folder import older_blobs, remove_orphans
from storage.sqlite_copy import copy_database, looking_into
from storage.store import DATABASE, Store, backup, open_store, restore
from tests.storage.backups import VERSION, fill, names, posix
from tests.storage.processes import line, started
from tests.storage.samples import NOON, keep, make_answer, make_image, make_job, put, select, stored


async def test_a_backup_beside_a_bot_at_work_is_put_back_elsewhere(tmp_path: Path) -> None:
    folder, target, elsewhere = tmp_path / "data", tmp_path / "backup.tar", tmp_path / "elsewhere"
    async with open_store("", folder) as store:
        digest = await fill(store)
        async with store.transaction() as tx:
            await tx.jobs.claim("me", now=NOON, lease_until=NOON, max_running=9, max_per_member=9)
            # Uncommitted, in another process's eyes: it is not in the backup.
            made = backup("", folder, target, version=VERSION)
        assert (made.missing, made.damaged, made.manifest.pictures) == ((), (), 1)
        assert made.size == target.stat().st_size
        assert target.stat().st_mode & 0o077 == 0
        with pytest.raises(StorageError, match="exists already"):
            backup("", folder, target, version=VERSION)
        with pytest.raises(StorageInUse):
            restore("", folder, target, force=True)
    assert names(tmp_path) == ["backup.tar", "data"]

    manifest, aside = restore("", elsewhere, target)
    assert (manifest.version, aside) == (VERSION, None)
    async with open_store("", elsewhere) as store:
        assert {(await stored(store, job_id)).state for job_id in ("job00001", "job00002")} == {
            JobState.CREATED
        }
        assert store.blobs.path(digest).read_bytes() == b"a picture"
        assert await store.blobs.kept_answers("job00002") == {0: make_answer()}


async def test_answers_of_jobs_at_work_are_in_the_database_s_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[Path] = []

    def copy(database: Path, target: Path) -> None:
        copies.append(target)
        copy_database(database, target)

    monkeypatch.setattr("storage.backup.copy_database", copy)
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store:
        await put(store, make_job(1))
        async with store.transaction() as tx:
            await tx.jobs.claim("me", now=NOON, lease_until=NOON, max_running=9, max_per_member=9)
            await tx.answers.keep("job00001", 0, make_answer())
            claimed = await tx.jobs.get("job00001")
            assert claimed is not None
            await tx.jobs.save(claimed.to(JobState.STORING, NOON), JobState.RUNNING)
        backup("", folder, target, version=VERSION)
    assert len(copies) == 1  # nothing is missing, so that nobody looks once more
    restore("", tmp_path / "elsewhere", target)
    async with open_store("", tmp_path / "elsewhere") as store, store.reading() as tx:
        assert await tx.answers.of_job("job00001") == {0: make_answer()}


async def test_what_is_there_is_moved_aside_only_by_force(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store:
        await fill(store)
    backup("", folder, target, version=VERSION)
    async with open_store("", folder) as store:
        await put(store, make_job(3))
    with pytest.raises(StorageError, match=r"is not empty\..*--force"):
        restore("", folder, target)
    _, aside = restore("", folder, target, force=True)
    assert aside is not None and (aside / DATABASE).is_file() and (aside / "blobs").is_dir()
    async with open_store("", folder) as store:
        assert await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs") == [(2,)]


@posix
async def test_a_backup_that_is_told_to_stop_leaves_nothing(backed_up: tuple[Path, Path]) -> None:
    folder, target = backed_up
    before = names(folder.parent)
    with started("command", folder, "backup", str(target.with_name("another.tar"))) as process:
        assert await asyncio.to_thread(line, process) == "working"
        process.send_signal(signal.SIGHUP)  # ignored, as by nohup
        process.terminate()
        assert await asyncio.to_thread(process.wait) == 128 + signal.SIGTERM
    assert names(folder.parent) == before


async def test_what_a_killed_backup_left_is_removed_by_the_next(backed_up: tuple[Path, Path]) -> None:
    folder, target = backed_up
    before = names(folder.parent)
    with started("command", folder, "backup", str(target.with_name("killed.tar"))) as process:
        assert await asyncio.to_thread(line, process) == "working"
        (left,) = folder.parent.glob(f"{scratch.PREFIX}*")
        backup("", folder, target.with_name("beside.tar"), version=VERSION)
        assert left.is_dir()  # its process is at work
        process.kill()
    others = folder.parent / f"{scratch.PREFIX}notes"
    others.mkdir()
    (others / "mine.txt").touch()
    backup("", folder, target.with_name("next.tar"), version=VERSION)
    assert names(folder.parent) == sorted([*before, others.name, "beside.tar", "next.tar"])


async def test_pictures_that_are_gone_or_damaged_are_named(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store:
        await fill(store)
        gone = await keep(store, b"gone")
        broken = await keep(store, b"broken")
        async with store.transaction() as tx:
            await tx.images.insert(make_image("job00001", 1, sha256=gone))
            await tx.images.insert(make_image("job00001", 2, sha256=broken))
            await tx.images.insert(make_image("job00002", 0, sha256="00" * 32))
            await tx.images.mark_deleted("job00002p0", now=NOON, by=1)
        store.blobs.path(gone).unlink()
        store.blobs.path(broken).write_bytes(b"brakon")
    made = backup("", folder, target, version=VERSION)
    assert (made.missing, made.damaged) == ((gone,), (broken,))
    restore("", tmp_path / "elsewhere", target)


def test_a_folder_without_a_database_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        backup("", tmp_path, tmp_path / "backup.tar", version=VERSION)
    assert list(tmp_path.iterdir()) == []


async def test_a_picture_that_cannot_be_read_is_counted_and_named(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store:
        digest = await fill(store)
        store.blobs.path(digest).unlink()
        store.blobs.path(digest).mkdir()  # what root cannot read, either
    made = backup("", folder, target, version=VERSION)
    assert (made.missing, made.damaged, made.manifest.pictures) == ((), (digest,), 0)
    assert target.is_file()


async def test_a_file_that_is_no_database_is_named_itself(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for data in (b"<html>not found</html>" * 500, b"SQLite format 3\0" + b"x" * 5000):
        (folder / DATABASE).write_bytes(data)
        with pytest.raises(StorageError, match=rf"^{re.escape(str(folder / DATABASE))} is damaged"):
            backup("", folder, tmp_path / "backup.tar", version=VERSION)
    assert names(tmp_path) == ["data"]


async def test_a_database_that_is_damaged_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with open_store("", folder) as store:
        await put(store, *(make_job(number) for number in range(1, 60)))
    with (folder / DATABASE).open("r+b") as file:
        file.seek(3 * 4096)
        file.write(bytes(8 * 4096))
    with pytest.raises(StorageError, match=rf"^{re.escape(str(folder / DATABASE))} is damaged"):
        backup("", folder, tmp_path / "backup.tar", version=VERSION)
    assert names(tmp_path) == ["data"]


async def test_a_picture_that_is_wanted_again_is_not_removed(sqlite_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    old, again = await keep(sqlite_store, b"old"), await keep(sqlite_store, b"again")
    long_ago = time.time() - 10 * 86_400
    for digest in (old, again):
        os.utime(sqlite_store.blobs.path(digest), (long_ago, long_ago))
    before = time.time() - 86_400
    candidates = older_blobs(folder, before)
    assert set(candidates) == {old, again}
    assert await keep(sqlite_store, b"again") == again  # somebody brings it between the look and the deed
    assert remove_orphans(candidates.values(), before) == (1, 3)
    assert sqlite_store.blobs.path(again).read_bytes() == b"again"
    assert not sqlite_store.blobs.path(old).exists()
    assert await keep(sqlite_store, b"old") == old
    with closing(sqlite_store.blobs.path(old).open("rb")) as file:
        assert file.read() == b"old"


def test_looking_into_a_database_changes_nothing_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"), looking_into(tmp_path / "none.sqlite3"):
        pass
    assert list(tmp_path.iterdir()) == []

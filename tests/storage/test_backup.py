"""Backups: whole, verified, and nothing of them is believed when they come back."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from bot.config import load_settings
from bot.domain.jobs import JobState
from bot.errors import StorageError, StorageFull, StorageInUse, StorageTooNew
from bot.keeping import run_migrate, run_restore
from storage import postgres_tools, scratch
from storage.archive import MANIFEST, SQLITE, Manifest
from storage.blob_folder import older_blobs, remove_orphans
from storage.exchange import ASIDE
from storage.migrate import known_migrations
from storage.safety import STAGING, was_interrupted
from storage.sqlite_copy import copy_database, looking_into
from storage.store import DATABASE, LOCK, Store, backup, bring_up_to_date, open_store, restore
from tests.storage.processes import line, started
from tests.storage.samples import NOON, make_answer, make_image, make_job, put, select, stored

VERSION = "9.9"
NOBODY = 65534
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def keep(store: Store, data: bytes) -> str:
    async with store.blobs.spool() as spool:
        await spool.write(data)
        digest, _ = await spool.commit()
    return digest


async def fill(store: Store) -> str:
    """Two jobs, one image with its picture, one answer that is not stored yet; returns the picture's name."""
    digest = await keep(store, b"a picture")
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", sha256=digest))
    await store.blobs.keep_answer("job00002", 0, make_answer())
    return digest


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


# --- a restore that does not come to its end ---------------------------------------------------------------


@pytest.fixture
async def backed_up(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with three jobs, and a backup of it from when there were two."""
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store:
        await fill(store)
    backup("", folder, target, version=VERSION)
    async with open_store("", folder) as store:
        await put(store, make_job(3))
    return folder, target


async def jobs_in(folder: Path, url: str = "") -> int:
    async with open_store(url, folder) as store:
        ((count,),) = await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs")
        return int(count)


async def test_what_cannot_be_moved_leaves_everything_in_its_place(
    backed_up: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, target = backed_up
    rename, before = Path.rename, names(folder)

    def busy(path: Path, to: Path) -> Path:
        if path == folder / "blobs":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(StorageError, match=r"blobs cannot be moved: .*busy\. What was there is back"):
        restore("", folder, target, force=True)
    assert names(folder) == before
    monkeypatch.undo()
    assert await jobs_in(folder) == 3


@pytest.fixture
def mounted(backed_up: tuple[Path, Path]) -> Iterator[tuple[Path, Path]]:
    """The same with the pictures on a mount, where this user may make one."""
    blobs = backed_up[0] / "blobs"
    elsewhere = backed_up[0].with_name("disk")
    shutil.move(blobs, elsewhere)
    blobs.mkdir()
    try:
        subprocess.run(["mount", "--bind", elsewhere, blobs], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a folder needs root")
    yield backed_up
    subprocess.run(["umount", blobs], check=True)


async def test_a_folder_that_is_a_mount_is_refused_before_anything_moves(mounted: tuple[Path, Path]) -> None:
    folder, target = mounted
    before = names(folder)
    with pytest.raises(StorageError, match=r"blobs is a mount of its own.*Nothing was changed"):
        restore("", folder, target, force=True)
    assert names(folder) == before
    assert await jobs_in(folder) == 3


class Killed(BaseException):
    """The process is gone."""


def die_before(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Let nothing change names in folders from the step of that number on; return whether it came to that."""
    left = step

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Killed
            return change(*args, **options)

        return changed

    for name in ("rename", "replace", "unlink", "mkdir", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))
    return lambda: left <= 0


async def test_a_restore_that_is_killed_at_any_step_is_noticed_and_done_again(
    backed_up: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, target = backed_up
    whole, step, noticed, dead = tmp_path / "whole", 0, 0, True
    shutil.copytree(folder, whole)
    while dead:
        step += 1
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
        with pytest.MonkeyPatch.context() as monkeypatch:
            died = die_before(step, monkeypatch)
            with suppress(Killed):
                restore("", folder, target, force=True)
            dead = died()
        if was_interrupted(folder):
            noticed += 1
            with pytest.raises(StorageError, match=r"a restore of .* was interrupted.*--force"):
                await jobs_in(folder)
            with pytest.raises(StorageError, match="was interrupted"):
                restore("", folder, target)
            with pytest.raises(StorageError, match="was interrupted"):
                backup("", folder, tmp_path / "another.tar", version=VERSION)
        else:
            done = any(path.name.startswith(ASIDE) for path in folder.iterdir())
            assert await jobs_in(folder) == (2 if done else 3)
        restore("", folder, target, force=True)
        assert await jobs_in(folder) == 2
        assert not (folder / STAGING).exists()
        kept = [path for path in folder.iterdir() if path.name.startswith(ASIDE)]
        assert any((path / DATABASE).is_file() and (path / "blobs").is_dir() for path in kept)
    assert noticed > 5  # with the marker, each entry aside, each in


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


@posix
async def test_a_restore_that_is_told_to_stop_takes_everything_back(backed_up: tuple[Path, Path]) -> None:
    folder, target = backed_up
    with started("command", folder, "restore", str(target)) as process:
        assert await asyncio.to_thread(line, process) == "working"
        assert was_interrupted(folder)
        process.terminate()
        assert await asyncio.to_thread(process.wait) == 128 + signal.SIGTERM
    assert not (folder / STAGING).exists()
    assert await jobs_in(folder) == 3


def test_operators_are_told_where_it_was(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANTAIN_STORAGE__PATH", "relative")
    settings = load_settings(None)
    assert run_restore(settings, good, force=False) == 0
    assert f"{tmp_path / 'relative'}: restored 1 pictures" in capsys.readouterr().out
    assert run_migrate(settings) == 0
    assert capsys.readouterr().out == f"The database in {tmp_path / 'relative'} is up to date.\n"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
async def test_what_root_restores_belongs_to_the_folder_s_owner(
    backed_up: tuple[Path, Path], tmp_path: Path
) -> None:
    _, target = backed_up
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    roots = elsewhere / "lost+found"
    roots.mkdir()
    os.chown(elsewhere, NOBODY, NOBODY)
    for force in (False, True):
        restore("", elsewhere, target, force=force)
        owners = {path.relative_to(elsewhere): path.lstat().st_uid for path in elsewhere.rglob("*")}
        assert owners.pop(Path("lost+found")) == 0
        assert set(owners.values()) == {NOBODY}
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    os.chown(fresh, NOBODY, NOBODY)
    await bring_up_to_date("", fresh)
    assert {path.lstat().st_uid for path in fresh.rglob("*")} == {NOBODY}


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


def test_a_restore_onto_a_full_disk_names_the_folder(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("storage.restore.write_all", full)
    with pytest.raises(StorageFull, match=rf"no space is left for {re.escape(str(tmp_path / 'data'))}:"):
        restore("", tmp_path / "data", good)
    assert names(tmp_path / "data") == [LOCK]


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


async def test_the_archive_may_lie_in_the_folder_itself(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    inside = Path(shutil.move(good, folder / "backup.tar"))
    assert restore("", folder, inside)[1] is None
    async with open_store("", folder) as store:
        assert await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs") == [(2,)]
    assert "backup.tar" in names(folder)


# --- archives that are not what they should be --------------------------------------------------------------

Members = dict[str, bytes]


def repacked(source: Path, target: Path, change: Callable[[Members], None], *, honest: bool = True) -> None:
    """Write an archive again with other members; `honest` gives it a manifest that fits them."""
    with tarfile.open(source) as archive:
        members = {entry.name: file.read() for entry in archive if (file := archive.extractfile(entry))}
    change(members)
    manifest = json.loads(members.pop(MANIFEST))
    if honest:
        manifest["files"] = {
            name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in members.items()
        }
    with tarfile.open(target, "w") as archive:
        for name, data in {**members, MANIFEST: json.dumps(manifest).encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


@pytest.fixture
async def good(tmp_path: Path) -> Path:
    folder, target = tmp_path / "data", tmp_path / "good.tar"
    async with open_store("", folder) as store:
        await fill(store)
    backup("", folder, target, version=VERSION)
    shutil.rmtree(folder)
    return target


def picture_of(members: Members) -> str:
    return next(name for name in members if name.startswith("blobs/"))


@pytest.mark.parametrize(
    ("change", "honest", "sentence"),
    [
        (lambda m: m.update({"../outside": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"/etc/cron.d/x": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"blobs/ab/../../x": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"config.toml": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({picture_of(m): b"another"}), True, "was changed"),
        (lambda m: m.update({"answers/job00002-0.json": b"{}"}), False, "1 files differ"),
        (lambda m: m.pop(picture_of(m)), False, "1 files differ"),
        (lambda m: m.pop(SQLITE), True, "no database"),
        (lambda m: m.update({SQLITE: b"no database at all" * 500}), True, "no Plantain database"),
        (lambda m: m.update({MANIFEST: b'{"format": "other"}'}), False, "format 'other'"),
        (lambda m: m.update({MANIFEST: b"[]"}), False, "cannot be read"),
    ],
)
def test_what_is_no_whole_backup_changes_nothing(
    good: Path, tmp_path: Path, change: Callable[[Members], None], honest: bool, sentence: str
) -> None:
    bad, folder = tmp_path / "bad.tar", tmp_path / "data"
    repacked(good, bad, change, honest=honest)
    with pytest.raises(StorageError, match=sentence):
        restore("", folder, bad)
    assert [path.name for path in folder.iterdir() if path.name != "plantain.lock"] == []
    assert names(tmp_path) == ["bad.tar", "data", "good.tar"]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_an_archive_that_is_cut_off_changes_nothing(good: Path, tmp_path: Path, part: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(StorageError, match=r"cut off|no backup"):
        restore("", tmp_path / "data", good)
    assert not (tmp_path / "data" / DATABASE).exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    with tarfile.open(bad, "w") as archive:
        entry = tarfile.TarInfo("answers/a-0.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(StorageError, match="no plain file"):
        restore("", tmp_path / "data", bad)


def test_a_manifest_of_a_newer_version_is_refused_whatever_the_database(good: Path, tmp_path: Path) -> None:
    """What is in a dump of PostgreSQL nobody can see before it is restored."""
    with tarfile.open(good) as archive:
        file = archive.extractfile(MANIFEST)
        assert file is not None
        manifest = json.loads(file.read())
    assert Manifest.from_json(manifest).migrations == len(known_migrations())
    del manifest["newest_migration"]
    assert Manifest.from_json(manifest).migrations == 0  # an older backup stays readable

    def newer(members: Members) -> None:
        members[MANIFEST] = json.dumps({**manifest, "newest_migration": "0099_future"}).encode()
        members["database.pgdump"] = members.pop(SQLITE)

    repacked(good, tmp_path / "newer.tar", newer)
    with pytest.raises(StorageTooNew, match="0099_future"):
        restore("postgresql://nobody@127.0.0.1:1/none", tmp_path / "data", tmp_path / "newer.tar")


async def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store, store.engine.transaction() as connection:
        await connection.execute("INSERT INTO schema_migrations VALUES (99, '0099_future', 'x', 0)")
    backup("", folder, target, version=VERSION)
    with pytest.raises(StorageTooNew, match="0099_future"):
        restore("", tmp_path / "elsewhere", target)


async def test_backups_of_the_other_database_are_refused(good: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"another kind of database.*storage\.url"):
        restore("postgresql://nobody@127.0.0.1:1/none", tmp_path / "data", good)


# --- PostgreSQL ---------------------------------------------------------------------------------------------


@pytest.fixture
async def databases(postgres_url: str) -> AsyncIterator[list[str]]:
    """The URLs of two databases of their own: a dump is one of a whole database."""
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    asyncpg = pytest.importorskip("asyncpg")
    names = [f"backup_{secrets.token_hex(4)}" for _ in range(2)]
    admin = await asyncpg.connect(postgres_url)
    try:
        for name in names:
            await admin.execute(f"CREATE DATABASE {name}")
        yield [urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}")) for name in names]
    finally:
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


async def test_postgres_is_dumped_by_its_own_program(databases: list[str], tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store(databases[0], folder) as store:
        digest = await fill(store)
        made = backup(databases[0], folder, target, version=VERSION)
    assert made.manifest.database == "database.pgdump"
    assert restore(databases[1], tmp_path / "elsewhere", target)[1] is None
    async with open_store(databases[1], tmp_path / "elsewhere") as store:
        assert (await stored(store, "job00002")).state is JobState.CREATED
        assert store.blobs.path(digest).read_bytes() == b"a picture"
    with pytest.raises(StorageError, match=r"holds database\.pgdump"):
        restore("", tmp_path / "sqlite", target)


async def test_a_postgres_database_is_replaced_only_by_force_and_kept(
    databases: list[str], tmp_path: Path
) -> None:
    (url, other), folder, target = databases, tmp_path / "data", tmp_path / "backup.tar"
    async with open_store(url, folder) as store:
        await fill(store)
    backup(url, folder, target, version=VERSION)
    async with open_store(url, folder) as store:
        await put(store, make_job(3))
    # Into an empty folder, and a database that is not.
    with pytest.raises(StorageError, match=r"there is data in that PostgreSQL database.*--force replaces it"):
        restore(url, tmp_path / "empty", target)
    assert not (tmp_path / "empty" / "blobs").exists()
    _, aside = restore(url, folder, target, force=True)
    assert aside is not None
    assert names(aside) == ["answers", "blobs", "database.pgdump"]
    assert await jobs_in(folder, url) == 2
    postgres_tools.restore(other, aside / "database.pgdump", replace=False)
    assert await jobs_in(tmp_path / "before", other) == 3


async def test_a_postgres_database_that_a_bot_works_on_is_left_alone(
    databases: list[str], tmp_path: Path
) -> None:
    url, folder, target = databases[0], tmp_path / "data", tmp_path / "backup.tar"
    async with open_store(url, folder) as store:
        await fill(store)
        backup(url, folder, target, version=VERSION)
        async with open_store(url, tmp_path / "beside"):  # several bots share it
            pass
        with pytest.raises(StorageInUse, match="a bot or another restore is at work"):
            restore(url, folder, target, force=True)
        assert not (folder / STAGING).exists()
    with postgres_tools.session(url) as session:
        session.own()
        with pytest.raises(StorageInUse, match="a restore is at work"):
            await jobs_in(folder, url)
    assert await jobs_in(folder, url) == 2


async def test_a_bot_whose_connection_breaks_says_anew_that_it_is_at_work(postgres_url: str) -> None:
    asyncpg = pytest.importorskip("asyncpg")
    from storage.postgres_session import NAME, at_work

    admin = await asyncpg.connect(postgres_url)
    try:
        async with at_work(postgres_url) as presence:
            await presence.look()
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", NAME
            )
            await presence.look()
            with pytest.raises(StorageInUse), postgres_tools.session(postgres_url) as session:
                session.own()
        with postgres_tools.session(postgres_url) as session:
            session.own()
    finally:
        await admin.close()


async def test_a_dump_that_cannot_be_read_leaves_folder_and_database(
    databases: list[str], tmp_path: Path
) -> None:
    url, folder, target = databases[0], tmp_path / "data", tmp_path / "backup.tar"
    async with open_store(url, folder) as store:
        await fill(store)
    backup(url, folder, target, version=VERSION)
    bad = tmp_path / "bad.tar"
    repacked(target, bad, lambda members: members.update({"database.pgdump": b"no dump at all"}))
    before = names(folder)
    with pytest.raises(StorageError, match="pg_restore failed"):
        restore(url, folder, bad, force=True)
    assert [name for name in names(folder) if name != LOCK] == before
    assert await jobs_in(folder, url) == 2


async def test_a_restore_that_died_while_the_database_was_replaced_keeps_what_was_there(
    databases: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (url, other), folder, target = databases, tmp_path / "data", tmp_path / "backup.tar"
    async with open_store(url, folder) as store:
        await fill(store)
    backup(url, folder, target, version=VERSION)
    async with open_store(url, folder) as store:
        await put(store, make_job(3))

    def die(url: str, source: Path, *, replace: bool) -> None:
        tools_restore(url, source, replace=replace)
        raise KeyboardInterrupt

    tools_restore = postgres_tools.restore
    monkeypatch.setattr(postgres_tools, "restore", die)
    with pytest.raises(KeyboardInterrupt):
        restore(url, folder, target, force=True)
    monkeypatch.undo()
    with pytest.raises(StorageError, match="was interrupted"):
        await jobs_in(folder, url)
    with pytest.raises(StorageError, match="no backup"):  # which does not make it whole
        restore(url, folder, Path(__file__), force=True)
    assert was_interrupted(folder)
    _, aside = restore(url, folder, target, force=True)
    assert not (folder / STAGING).exists()
    assert await jobs_in(folder, url) == 2
    assert aside is not None and (aside / "blobs").is_dir()
    postgres_tools.restore(other, aside / "database.pgdump", replace=False)
    assert await jobs_in(tmp_path / "before", other) == 3


async def test_pictures_that_are_gone_are_named_on_postgres(databases: list[str], tmp_path: Path) -> None:
    url, folder = databases[0], tmp_path / "data"
    async with open_store(url, folder) as store:
        digest = await fill(store)
        store.blobs.path(digest).unlink()
        made = backup(url, folder, tmp_path / "backup.tar", version=VERSION)
    assert made.missing == (digest,)


async def test_a_postgres_database_without_tables_is_not_backed_up(
    databases: list[str], tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="no tables of Plantain"):
        backup(databases[0], tmp_path, tmp_path / "backup.tar", version=VERSION)
    assert names(tmp_path) == []


def test_a_machine_without_pg_dump_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match=r"pg_dump was not found\. Install PostgreSQL's client programs"):
        backup("postgresql://bot:hunter22@db/plantain", tmp_path, tmp_path / "backup.tar", version=VERSION)


# --- orphans ------------------------------------------------------------------------------------------------


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

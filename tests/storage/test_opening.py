"""Opening the store where something is wrong: a clear error each time, and nothing is harmed."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.errors import StorageBusy, StorageError, StorageFull, StorageInUse
from storage import Store, open_store
from storage.store import DATABASE
from tests.fakes.other_program import locked
from tests.storage.conftest import Place
from tests.storage.processes import everything, line, started
from tests.storage.samples import make_job, make_request, open_reservations, put, stored

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


async def test_a_missing_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    async with open_store("", folder):
        pass
    assert (folder / DATABASE).exists()
    if os.name != "nt":
        assert folder.stat().st_mode & 0o777 == 0o700
        for path in folder.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path


async def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with pytest.raises(StorageError, match="data"):
        async with open_store("", tmp_path / "data"):
            pass
    assert (tmp_path / "data").read_text() == "mine"


async def test_a_url_of_another_kind_is_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"postgresql://") as caught:
        async with open_store("mysql://me:hush@host/db", tmp_path):
            pass
    assert "hush" not in str(caught.value)


# --- another process --------------------------------------------------------------------------------------


async def test_a_second_process_is_refused(sqlite_place: Place) -> None:
    with started("hold", sqlite_place.folder) as process:
        assert await asyncio.to_thread(line, process) == "open"
        with pytest.raises(StorageInUse, match=rf"{re.escape(str(sqlite_place.folder))}.*Stop it"):
            async with sqlite_place.open():
                pass
        process.communicate("", timeout=60)
        assert process.returncode == 0
    async with sqlite_place.open():
        pass


async def test_a_killed_process_leaves_no_lock(sqlite_place: Place) -> None:
    with started("hold", sqlite_place.folder) as process:
        assert await asyncio.to_thread(line, process) == "open"
        process.kill()
    async with sqlite_place.open():
        pass


async def test_a_second_store_in_this_process_is_refused_too(
    sqlite_place: Place, sqlite_store: Store
) -> None:
    with pytest.raises(StorageInUse):
        async with sqlite_place.open():
            pass
    await put(sqlite_store, make_job())


# --- locked -----------------------------------------------------------------------------------------------


async def test_a_locked_database_is_busy_and_then_works(sqlite_place: Place) -> None:
    async with sqlite_place.open(busy_timeout=0.05) as store:
        async with locked(sqlite_place.folder / DATABASE):
            with pytest.raises(StorageBusy, match="another program"):
                await put(store, make_job())
            async with store.reading() as tx:  # a reader does not mind
                assert (await tx.jobs.unfinished())[JobState.CREATED] == 0
        await put(store, make_job())


async def test_opening_a_locked_database_is_busy(sqlite_place: Place) -> None:
    async with sqlite_place.open():
        pass
    with closing(sqlite3.connect(sqlite_place.folder / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageBusy):
            async with sqlite_place.open(busy_timeout=0.05):
                pass


async def test_a_member_that_stays_locked_is_busy(postgres_place: Place) -> None:
    async with postgres_place.open(busy_timeout=0.05) as store, store.transaction() as tx:
        await tx.lock_member(5)
        with pytest.raises(StorageBusy):
            async with store.transaction() as other:
                await other.lock_member(5)
        async with store.transaction() as other:
            await other.lock_member(6)


# --- read-only --------------------------------------------------------------------------------------------


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user can look into, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="plantain-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


@posix
def test_a_folder_that_cannot_be_written(public_folder: Path) -> None:
    assert everything("nobody", public_folder / "data") == ["open"]
    (public_folder / "data").chmod(0o555)
    (said,) = everything("nobody", public_folder / "data")
    assert said.startswith("StorageReadOnly")
    assert str(public_folder / "data") in said
    assert "writable" in said
    (public_folder / "data").chmod(0o755)


@posix
def test_a_folder_that_cannot_be_made(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    (said,) = everything("nobody", public_folder / "data")
    assert said.startswith("StorageReadOnly")
    assert str(public_folder / "data") in said


@posix
@pytest.mark.parametrize("name", ["blobs", "blobs/incoming", "answers"])
def test_a_folder_for_files_that_cannot_be_written_is_named_itself(public_folder: Path, name: str) -> None:
    assert everything("nobody", public_folder / "data") == ["open"]
    (public_folder / "data" / name).chmod(0o555)
    (said,) = everything("nobody", public_folder / "data")
    assert said.startswith(f"StorageReadOnly {public_folder / 'data' / name} cannot be written")
    (public_folder / "data" / name).chmod(0o755)


@posix
def test_a_database_that_cannot_be_written(public_folder: Path) -> None:
    assert everything("nobody", public_folder) == ["open"]
    (public_folder / DATABASE).chmod(0o444)
    (said,) = everything("nobody", public_folder)
    assert said.startswith("StorageReadOnly")
    assert "writable" in said


# --- damaged ----------------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database(sqlite_place: Place) -> None:
    sqlite_place.folder.mkdir()
    (sqlite_place.folder / DATABASE).write_bytes(b"<html>not found</html>" * 500)
    with pytest.raises(StorageError, match=r"damaged.*backup"):
        async with sqlite_place.open():
            pass
    assert (sqlite_place.folder / DATABASE).read_bytes().startswith(b"<html>")


async def test_a_database_with_a_hole(sqlite_place: Place) -> None:
    async with sqlite_place.open() as store:
        await put(store, *(make_job(number) for number in range(60)))
    path = sqlite_place.folder / DATABASE
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StorageError, match=r"damaged.*backup"):
        async with sqlite_place.open() as store:
            await stored(store, "job00030")


async def test_an_empty_file_is_a_new_database(sqlite_place: Place) -> None:
    """What a crash leaves between the creation of the file and the first migration."""
    sqlite_place.folder.mkdir()
    (sqlite_place.folder / DATABASE).touch()
    async with sqlite_place.open() as store:
        await put(store, make_job())


# --- full -------------------------------------------------------------------------------------------------


async def fill(store: Store) -> int:
    """Accept jobs until the disk is full; return how many were."""
    for number in range(1, 10_000):
        try:
            await put(store, make_job(number, request=make_request(prompt="p" * 20_000)))
        except StorageFull as exc:
            assert "space" in str(exc)
            return number - 1
    raise AssertionError("the disk never got full")


async def check_full(store: Store, accepted: int) -> None:
    """Whatever was accepted is whole, and nothing else is there."""
    async with store.reading() as tx:
        assert (await tx.jobs.unfinished())[JobState.CREATED] == accepted
        assert len(await open_reservations(store)) == accepted
        if accepted:
            assert await tx.jobs.get(f"job{accepted:05}") is not None


async def test_a_full_database_loses_nothing_and_recovers(sqlite_store: Store) -> None:
    """SQLite's own limit on the pages of a file is met like the end of a disk: SQLITE_FULL."""
    async with sqlite_store.engine.transaction() as connection:
        await connection.fetch_all("PRAGMA max_page_count = 200")
    accepted = await fill(sqlite_store)
    await check_full(sqlite_store, accepted)
    results = await asyncio.gather(
        *(put(sqlite_store, make_job(9000 + n, request=make_request(prompt="p" * 90_000))) for n in range(8)),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {StorageFull}
    await check_full(sqlite_store, accepted)
    async with sqlite_store.engine.transaction() as connection:
        await connection.fetch_all("PRAGMA max_page_count = 100000")
    await put(sqlite_store, make_job(accepted + 1))
    await check_full(sqlite_store, accepted + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB, where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


async def test_a_full_disk_loses_nothing_and_recovers(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 1_000_000)
    async with open_store("", small_disk) as store:
        accepted = await fill(store)
        assert accepted > 0
        await check_full(store, accepted)
        with pytest.raises(StorageFull):
            async with store.blobs.spool() as spool:
                await spool.write(os.urandom(1_500_000))
                await spool.commit()
        with pytest.raises(StorageFull):
            await store.blobs.ensure_room()
        filler.unlink()
        await put(store, make_job(accepted + 1))
        await check_full(store, accepted + 1)
        async with store.blobs.spool() as spool:
            await spool.write(os.urandom(300_000))
            await spool.commit()
    assert leftovers(small_disk) == []


@posix
def test_a_picture_that_cannot_be_written_whole(tmp_path: Path) -> None:
    picture, answer = everything("spool", tmp_path)
    assert picture.startswith("StorageFull") and picture.endswith("EFBIG")
    assert answer.startswith("StorageFull")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- PostgreSQL -------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("asyncpg")
    with pytest.raises(StorageError, match=r"cannot be reached.*storage\.url") as caught:
        async with open_store(f"postgresql://me:hush@/db?host={tmp_path}", tmp_path):
            pass
    assert "hush" not in str(caught.value)


async def test_a_url_that_cannot_be_read_is_not_quoted(tmp_path: Path) -> None:
    pytest.importorskip("asyncpg")
    with pytest.raises(StorageError, match="no PostgreSQL URL") as caught:
        async with open_store("postgresql://me:hu/sh@host:port/db", tmp_path):
            pass
    assert "hu" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_database_that_does_not_exist(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere.*storage\.url"):
        async with open_store(postgres_url.replace("/postgres?", "/nowhere?"), tmp_path):
            pass


async def test_a_connection_that_breaks_is_replaced(postgres_place: Place) -> None:
    async with postgres_place.open() as store:
        with pytest.raises(StorageError):
            async with store.engine.transaction() as connection:
                await connection.fetch_all("SELECT pg_terminate_backend(pg_backend_pid())")
        await put(store, make_job())


def test_without_asyncpg_the_extra_is_named(tmp_path: Path) -> None:
    """In a process of its own, where the package cannot be imported."""
    program = """
import asyncio, pathlib, sys
sys.modules["asyncpg"] = None
from storage import open_store
async def main():
    async with open_store("postgresql://host/db", pathlib.Path(sys.argv[1])):
        pass
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "PostgreSQL needs the package asyncpg" in done.stderr

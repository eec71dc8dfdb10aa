"""Backups of PostgreSQL: dumped by its own program, replaced by force alone, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.jobs import JobState
from bot.errors import StorageError, StorageInUse
from storage import postgres_tools
from storage.safety import STAGING, was_interrupted
from storage.store import LOCK, backup, open_store, restore
from tests.storage.backups import VERSION, fill, grown, jobs_in, names, repacked
from tests.storage.samples import stored


async def saved(url: str, folder: Path, target: Path) -> None:
    """Make data, and a backup of it."""
    async with open_store(url, folder) as store:
        await fill(store)
    backup(url, folder, target, version=VERSION)


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
    await grown(folder, target, url)
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
    await saved(url, folder, target)
    async with open_store(url, folder):
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
    await saved(url, folder, target)
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
    await grown(folder, target, url)

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

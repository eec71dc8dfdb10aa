"""Migrations: what was upgraded equals what is fresh, and nothing is lost or half done on the way."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.jobs import JobState
from bot.errors import StorageError, StorageTooNew
from storage import Store
from storage.migrate import Migration, known_migrations
from storage.store import DATABASE
from tests.storage.conftest import Place
from tests.storage.history import dump_of, restore
from tests.storage.samples import make_job, open_reservations, put, select, stored
from tests.storage.server_samples import GUILD

KNOWN = known_migrations()
NEXT = f"{len(KNOWN) + 1:04}"  # the number of the migration that a newer version would add

SQLITE_SCHEMA = """
SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name
"""
POSTGRES_SCHEMA = """
SELECT 'column' AS type, table_name AS tbl_name, column_name AS name,
    data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') AS sql
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, replace(indexdef, current_schema() || '.', '')
FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname,
    replace(pg_get_triggerdef(pg_trigger.oid), current_schema() || '.', '')
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
ORDER BY 1, 2, 3
"""


async def schema(store: Store) -> list[tuple[Any, ...]]:
    """Everything that makes up the schema, white space apart."""
    sql = SQLITE_SCHEMA if store.engine.dialect == "sqlite" else POSTGRES_SCHEMA
    rows = await select(store, sql, "type", "name", "tbl_name", "sql")
    return [(kind, name, table, " ".join((text or "").split())) for kind, name, table, text in rows]


def one_more(text: str, **texts: str) -> tuple[Migration, ...]:
    """What a newer version of Plantain would have."""
    name = f"{NEXT}_test"
    return (*KNOWN, Migration(int(NEXT), name, {"sqlite": text, "postgres": text} | texts))


ADD_COLUMN = one_more(
    """
CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
ALTER TABLE jobs ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm; very';
-- A comment; with a semicolon.
CREATE INDEX jobs_by_mood ON jobs (mood);
"""
)


async def test_opening_applies_what_is_missing_and_records_it(place: Place) -> None:
    async with place.open() as store:
        assert store.migrated == tuple(migration.name for migration in KNOWN)
        recorded = await select(store, "SELECT * FROM schema_migrations ORDER BY number", "number", "name")
        assert recorded == [(migration.number, migration.name) for migration in KNOWN]
    async with place.open() as store:
        assert store.migrated == ()


async def empty(place: Place) -> None:
    """Make the place as if nothing had ever been there."""
    if not place.url:
        shutil.rmtree(place.folder)
        return
    async with place.open(migrations=ADD_COLUMN) as store, store.engine.transaction() as connection:
        row = await connection.fetch_one("SELECT current_schema() AS name")
        assert row is not None
        await connection.run_script(f"DROP SCHEMA {row['name']} CASCADE; CREATE SCHEMA {row['name']}")


async def test_step_by_step_equals_fresh(place: Place) -> None:
    for migration in ADD_COLUMN:
        async with place.open(migrations=ADD_COLUMN[: migration.number]) as store:
            assert store.migrated == (migration.name,)
    async with place.open(migrations=ADD_COLUMN) as store:
        assert store.migrated == ()
        upgraded = await schema(store)
    await empty(place)
    async with place.open(migrations=ADD_COLUMN) as store:
        assert len(store.migrated) == len(ADD_COLUMN)
        assert await schema(store) == upgraded
    assert ("jobs_by_mood" in str(upgraded)) and ("ledger_keeps_entries" in str(upgraded))


@pytest.mark.parametrize("migration", KNOWN, ids=lambda migration: migration.name)
async def test_the_database_of_each_earlier_version_is_upgraded(migration: Migration, tmp_path: Path) -> None:
    """A new migration needs its dump: run ``python -m tests.storage.history`` once and commit the file."""
    assert dump_of(migration).exists()
    restore(migration, tmp_path / "old")
    async with Place("", tmp_path / "fresh").open() as store:
        fresh = await schema(store)
    async with Place("", tmp_path / "old").open() as store:
        assert store.migrated == tuple(later.name for later in KNOWN[migration.number :])
        assert await schema(store) == fresh
        async with store.engine.reading() as connection:
            rows = await connection.fetch_all("SELECT state FROM jobs")
            assert sorted(row["state"] for row in rows) == sorted(JobState)
        async with store.reading() as tx:
            assert [image.id for image in await tx.images.of_job("job00004")] == ["job00004p0"]
            assert len(await tx.answers.of_job("job00004")) == 1
            assert len(await open_reservations(store)) == 3
            assert list(await tx.deliveries.kept_for(make_job().origin.member_id)) == ["job00005"]
            since_0002 = 1 if migration.number >= 2 else 0
            assert (await tx.settings.of_server(GUILD)).version == since_0002
            assert len(await tx.presets.of_server(GUILD)) == since_0002
            assert len(await tx.characters.of_server(GUILD)) == since_0002
            assert len(await tx.audit.of_server(GUILD, limit=9)) == since_0002
        await put(store, make_job(6))


async def test_rows_survive_an_upgrade(place: Place) -> None:
    async with place.open() as store:
        await put(store, *(make_job(number) for number in range(5)))
    async with place.open(migrations=ADD_COLUMN) as store:
        assert await stored(store, "job00003") == make_job(3)
        moods = await select(store, "SELECT DISTINCT mood FROM jobs", "mood")
        assert moods == [("calm; very",)]


async def test_a_migration_that_fails_leaves_no_trace(place: Place) -> None:
    async with place.open() as store:
        await put(store, make_job())
        before = await schema(store)
    broken = one_more(
        "CREATE TABLE half (id TEXT);\nDELETE FROM deliveries;\nALTER TABLE nothing ADD COLUMN a TEXT;\n"
    )
    with pytest.raises(StorageError):
        async with place.open(migrations=broken):
            pass
    async with place.open() as store:
        assert await schema(store) == before
        async with store.reading() as tx:
            assert await tx.deliveries.get("job00001") is not None


async def test_a_newer_database_is_refused_and_left_alone(place: Place) -> None:
    async with place.open(migrations=ADD_COLUMN) as store:
        await put(store, make_job())
        before = await schema(store)
    with pytest.raises(StorageTooNew, match=rf"newer version of Plantain.*{NEXT}_test.*backup"):
        async with place.open():
            pass
    async with place.open(migrations=ADD_COLUMN) as store:
        assert await schema(store) == before


async def test_a_migration_whose_text_changed_is_refused(place: Place) -> None:
    async with place.open(migrations=ADD_COLUMN):
        pass
    changed = one_more("CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY);\n")
    with pytest.raises(StorageError, match=f"{NEXT}_test is not the one"):
        async with place.open(migrations=changed):
            pass


async def test_two_processes_that_start_at_once_migrate_once(postgres_place: Place) -> None:
    async def start() -> tuple[str, ...]:
        async with postgres_place.open() as store:
            return store.migrated

    started = await asyncio.gather(*(start() for _ in range(4)))
    assert sorted(name for names in started for name in names) == [migration.name for migration in KNOWN]


# --- SQLite -----------------------------------------------------------------------------------------------


def backups(place: Place) -> list[str]:
    return sorted(path.name for path in place.folder.glob("*.bak*"))


async def test_before_an_upgrade_the_file_is_copied(sqlite_place: Place) -> None:
    async with sqlite_place.open() as store:
        await put(store, make_job())
    assert backups(sqlite_place) == []
    async with sqlite_place.open(migrations=ADD_COLUMN):
        pass
    assert backups(sqlite_place) == [f"database.sqlite3.before-{NEXT}.bak"]
    copy = sqlite_place.folder / f"database.sqlite3.before-{NEXT}.bak"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT id FROM jobs").fetchall() == [("job00001",)]
        assert database.execute("SELECT MAX(number) FROM schema_migrations").fetchone() == (len(KNOWN),)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_an_earlier_copy_is_never_overwritten(sqlite_place: Place) -> None:
    async with sqlite_place.open():
        pass
    earlier = sqlite_place.folder / f"database.sqlite3.before-{NEXT}.bak"
    earlier.write_text("precious")
    async with sqlite_place.open(migrations=ADD_COLUMN):
        pass
    assert earlier.read_text() == "precious"
    assert backups(sqlite_place) == [
        f"database.sqlite3.before-{NEXT}.2.bak",
        f"database.sqlite3.before-{NEXT}.bak",
    ]


async def test_a_table_can_be_rebuilt_although_others_point_at_it(sqlite_place: Place) -> None:
    rebuild = one_more(
        "",
        sqlite="""
CREATE TABLE new_deliveries AS SELECT * FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE new_deliveries RENAME TO deliveries;
CREATE TABLE new_jobs AS SELECT * FROM jobs;
DROP TABLE jobs;
CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY);
INSERT INTO jobs (id) SELECT id FROM new_jobs;
DROP TABLE new_jobs;
""",
    )
    async with sqlite_place.open() as store:
        await put(store, make_job())
    async with sqlite_place.open(migrations=rebuild) as store:
        assert await select(store, "SELECT id FROM jobs", "id") == [("job00001",)]
        with pytest.raises(StorageError):  # foreign keys are checked again
            async with store.engine.transaction() as connection:
                await connection.execute("DELETE FROM jobs")


async def test_a_migration_that_leaves_orphans_is_taken_back(sqlite_place: Place) -> None:
    async with sqlite_place.open() as store:
        await put(store, make_job())
    with pytest.raises(StorageError, match="point at nothing"):
        async with sqlite_place.open(migrations=one_more("DELETE FROM jobs;\n")):
            pass
    async with sqlite_place.open() as store:
        assert await stored(store, "job00001") == make_job()


async def test_a_backup_is_whole_while_work_goes_on(sqlite_store: Store, sqlite_place: Place) -> None:
    await put(sqlite_store, make_job(1))
    target = sqlite_place.folder / "copy"
    async with sqlite_store.transaction() as tx:
        await tx.jobs.insert(make_job(2))
        await sqlite_store.engine.backup(target)
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("SELECT id FROM jobs").fetchall() == [("job00001",)]
    with pytest.raises(StorageError, match="exists already"):
        await sqlite_store.engine.backup(target)
    assert not list(sqlite_place.folder.glob("*.part*"))


# --- the files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["0001_a.sql", "0003_b.sql"], "without a gap"),
        (["0001_a.sql", "0001_b.sql"], "two migrations"),
        (["0001_a.sql", "0001_b.sqlite.sql"], "two migrations"),
        (["0001_a.sql", "notes.sql"], "no name"),
    ],
)
def test_files_are_named_and_numbered(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1;\n")
    with pytest.raises(ValueError, match=message):
        known_migrations(tmp_path)


def test_line_ends_make_no_other_migration(tmp_path: Path) -> None:
    for folder, end in (("unix", "\n"), ("windows", "\r\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "0001_a.sql").write_bytes(f"SELECT 1;{end}SELECT 2;{end}".encode())
    unix, windows = known_migrations(tmp_path / "unix"), known_migrations(tmp_path / "windows")
    assert unix[0].checksum("sqlite") == windows[0].checksum("sqlite")


async def test_a_database_of_something_else_is_refused(sqlite_place: Place) -> None:
    sqlite_place.folder.mkdir()
    with closing(sqlite3.connect(sqlite_place.folder / DATABASE)) as database:
        database.execute("CREATE TABLE jobs (mine TEXT)")
    with pytest.raises(StorageError, match="jobs already exists"):
        async with sqlite_place.open():
            pass

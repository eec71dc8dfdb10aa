"""Looking at the data from beside the bot: no lock is taken, nothing is written, nothing is migrated."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.ledger import Difference
from bot.errors import StorageError, StorageTooNew
from storage.blob_folder import ANSWERS, kept_blobs
from storage.blob_state import BlobState, compare_blobs
from storage.encoding import from_text
from storage.engine import Connection, Engine
from storage.ledger import LedgerRepository
from storage.migrate import LIST_APPLIED, Migration, known_migrations, newest_applied
from storage.orphans import IS_USED
from storage.safety import HAS_SCHEMA_POSTGRES, refuse_half_restored, refuse_without_database
from storage.sqlite_copy import integrity_faults, looking_into
from storage.sqlite_units import read_one

T = TypeVar("T")

CHANNELS = ("desk_channel", "log_channel")  # settings of a server that name one
MOST_DIFFERENCES = 100  # that are told

HAS_SCHEMA_SQLITE = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'"
LIST_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
LIST_TEXTS = """
SELECT table_name AS name, column_name AS column FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type = 'text'
"""
# What is shown to somebody must be there; a picture that was deleted may be gone.
LIST_SHOWN = """
SELECT sha256 FROM images WHERE deleted_at IS NULL UNION SELECT sha256 FROM character_pictures
"""
# Where the bot is not any more, nothing is to be written to.
LIST_SETTINGS = """
SELECT guild_id, data FROM server_settings
WHERE guild_id NOT IN (SELECT guild_id FROM departures) ORDER BY guild_id
"""
LIST_SIZES = """
SELECT sha256, size FROM images WHERE deleted_at IS NULL UNION SELECT sha256, size FROM character_pictures
"""
LIST_MISCOUNTED = """
SELECT ledger.job_id FROM ledger WHERE ledger.kind = 'settle' AND ledger.settled_images <> (
    SELECT COUNT(*) FROM images WHERE images.job_id = ledger.job_id
)
"""

# A job is written together with its reservation, and no entry is ever removed.
LIST_BEREFT = """
SELECT id FROM jobs
WHERE state IN ('succeeded', 'failed') AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE ledger.job_id = jobs.id AND ledger.kind = 'reserve'
)
ORDER BY created_at, id
"""

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What is to be said about a database. `faults` is empty too where nobody looked for them."""

    server: str  # SQLite 3.40.1, PostgreSQL 15.3
    newest: str  # the latest migration that was applied; empty for none
    behind: int  # how many migrations this version would apply
    ahead: bool  # a newer version of Plantain wrote it
    faults: tuple[str, ...] = ()
    refused: str = ""  # what the next start will say of its migrations, unless it is only `ahead`
    gaps: tuple[str, ...] = ()  # migrations that are not recorded although later ones are
    journal: str = ""  # SQLite's journal mode

    @property
    def is_current(self) -> bool:
        """Whether the schema is this version's: other questions make no sense before."""
        return not self.behind and not self.ahead


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Jobs whose entries do not agree with what happened, by what is wrong."""

    unclosed: tuple[str, ...]  # ended, and the reservation stands open
    unreserved: tuple[str, ...]  # not finished, and nothing is reserved
    miscounted: tuple[str, ...]  # settled another number of images than were made
    bereft: tuple[str, ...]  # ended, and their entries are gone
    differences: tuple[Difference, ...]  # sums that are not what the entries amount to


class Inspector:
    """One installation, looked at. Use with ``async with``; raises StorageError where it cannot be read."""

    def __init__(self, url: str, folder: Path, database: Path) -> None:
        self._url = url
        self._folder = folder
        self._database = database
        self._engine: Engine | None = None

    async def __aenter__(self) -> Inspector:
        await asyncio.to_thread(refuse_half_restored, self._folder)
        if not self._url:
            # Not Path.is_file: it raises where this user may not look into the folder.
            if not await asyncio.to_thread(os.path.isfile, self._database):
                await asyncio.to_thread(refuse_without_database, self._folder)
                raise StorageError(f"there is no database in {self._folder} yet")
            await self._refuse_without_schema(HAS_SCHEMA_SQLITE)
            return self
        try:
            from storage.postgres import PostgresEngine
        except ModuleNotFoundError as exc:
            raise StorageError("PostgreSQL needs the package asyncpg: install the extra `postgres`") from exc
        self._engine = await PostgresEngine(self._url).__aenter__()
        try:
            await self._refuse_without_schema(HAS_SCHEMA_POSTGRES)
        except BaseException:
            await self._engine.aclose()
            raise
        return self

    async def _refuse_without_schema(self, sql: str) -> None:
        if not (await self._read(sql))[0][0]:
            await asyncio.to_thread(refuse_without_database, self._folder)

    async def __aexit__(self, *exc_info: object) -> None:
        if self._engine is not None:
            await self._engine.aclose()

    async def database(self, *, thorough: bool) -> DatabaseState:
        """Read version and migrations; `thorough` reads every page and index, too."""
        applied = {int(number): str(name) for number, name, _ in await self._read(LIST_APPLIED)}
        known = await asyncio.to_thread(known_migrations)
        number = max(applied, default=0)
        faults: Sequence[str] = ()
        journal = ""
        if self._engine is None:
            server = f"SQLite {sqlite3.sqlite_version}"
            journal = str((await self._read("PRAGMA journal_mode"))[0][0])
            if thorough:
                faults = await asyncio.to_thread(self._integrity)
        else:
            server = f"PostgreSQL {(await self._read('SHOW server_version'))[0][0]}"
        return DatabaseState(
            server,
            applied.get(number, ""),
            max(0, len(known) - number),
            number > len(known),
            tuple(faults),
            await self._refused(known),
            tuple(each.name for each in known if each.number < number and each.number not in applied),
            journal,
        )

    async def _refused(self, known: Sequence[Migration]) -> str:
        """What the next start refuses this database with; empty where it takes it, or where it is newer."""
        dialect = "sqlite" if self._engine is None else self._engine.dialect
        try:
            await self.read(lambda connection: newest_applied(connection, dialect, known))
        except StorageTooNew:
            return ""
        except StorageError as error:
            return str(error)
        return ""

    async def is_current(self) -> bool:
        """Whether the schema is this version's."""
        return (await self.database(thorough=False)).is_current

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Read with a repository: `work` gets a connection, and waits for nothing else (`Store.read`)."""
        if self._engine is not None:
            return await self._engine.read(work)
        return await asyncio.to_thread(self._read_unit, work)

    async def ledger(self) -> LedgerState:
        """Reconcile the ledger with the jobs and their images."""
        miscounted = tuple(str(row[0]) for row in await self._read(LIST_MISCOUNTED))
        bereft = tuple(str(row[0]) for row in await self._read(LIST_BEREFT))

        async def read(connection: Connection) -> LedgerState:
            ledger = LedgerRepository(connection)
            return LedgerState(
                tuple(entry.job_id for entry in await ledger.left_open()),
                tuple(await ledger.unreserved()),
                miscounted,
                bereft,
                tuple(await ledger.differences(MOST_DIFFERENCES)),
            )

        return await self.read(read)

    async def set_channels(self) -> list[tuple[int, str, int]]:
        """The channels that servers have set: server, which setting, channel."""
        found = []
        for guild_id, data in await self._read(LIST_SETTINGS):
            settings = from_text(data)
            found += [(int(guild_id), name, int(settings[name])) for name in CHANNELS if settings.get(name)]
        return found

    async def blobs(self) -> BlobState:
        """Compare the pictures on the disk with what the database names, and read some of them."""
        # The files first: a picture is on the disk before a row names it.
        present = await asyncio.to_thread(lambda: {path.name: path for path in kept_blobs(self._folder)})
        named = await self._named()
        named |= await asyncio.to_thread(self._named_by_answers)
        shown = {str(row[0]) for row in await self._read(LIST_SHOWN)}
        lengths = [(str(digest), int(size)) for digest, size in await self._read(LIST_SIZES)]
        state = await asyncio.to_thread(compare_blobs, present, named, shown, lengths)
        return replace(state, used=bool(await self._read(IS_USED)))

    # --- reading ------------------------------------------------------------------------------------------

    async def _read(self, sql: str) -> list[tuple[Any, ...]]:
        if self._engine is None:
            return await asyncio.to_thread(self._read_sqlite, sql)
        async with self._engine.reading() as connection:
            rows: Sequence[Any] = await connection.fetch_all(sql)
        return [tuple(row) for row in rows]

    def _read_sqlite(self, sql: str) -> list[tuple[Any, ...]]:
        with looking_into(self._database) as raw:
            return raw.execute(sql).fetchall()

    def _read_unit(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        with looking_into(self._database) as raw:
            return read_one(raw, self._database, work)

    def _integrity(self) -> list[str]:
        with looking_into(self._database) as raw:
            return integrity_faults(raw)

    async def _named(self) -> set[str]:
        """Every SHA-256 in any text of any table: also of tables that this module has never heard of."""
        if self._engine is None:
            return await asyncio.to_thread(self._named_sqlite)
        named: set[str] = set()
        for table, column in await self._read(LIST_TEXTS):
            for row in await self._read(_select(table, column)):
                named.update(_DIGEST.findall(row[0]))
        return named

    def _named_sqlite(self) -> set[str]:
        named: set[str] = set()
        with looking_into(self._database) as raw:
            for (table,) in raw.execute(LIST_TABLES).fetchall():
                for column in [str(row[1]) for row in raw.execute(f"PRAGMA table_info({_quoted(table)})")]:
                    for (text,) in raw.execute(_select(table, column)):
                        named.update(_DIGEST.findall(str(text)))
        return named

    def _named_by_answers(self) -> set[str]:
        named: set[str] = set()
        for path in (self._folder / ANSWERS).glob("*.json"):
            try:
                named.update(_DIGEST.findall(path.read_text(encoding="ascii", errors="replace")))
            except FileNotFoundError:
                continue
        return named


def _select(table: str, column: str) -> str:
    """A statement for every text that is long enough; both names are those of the database itself."""
    name = _quoted(column)
    return f"SELECT {name} FROM {_quoted(table)} WHERE length({name}) >= 64"  # noqa: S608 - names of the schema


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""Numbered migrations: SQL files, applied once each, recorded in the same database in the same transaction.

``0002_name.sql`` holds what is valid on both databases; ``0002_name.sqlite.sql`` and
``0002_name.postgres.sql``, where they exist, run after it on that database alone. What has been released
never changes: a database remembers the checksum of what it was given.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import StorageError, StorageTooNew
from storage.engine import MIGRATIONS, Connection, Engine

log = logging.getLogger(__name__)

DIALECTS = ("sqlite", "postgres")
FOLDER = Path(__file__).with_name("migrations")
_FILE_NAME = re.compile(r"(?P<name>(?P<number>\d{4})_[a-z0-9_]+)(?:\.(?P<dialect>sqlite|postgres))?\.sql")

CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
)
"""
GET_NEWEST = "SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1"
LIST_APPLIED = "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
RECORD_APPLIED = """
INSERT INTO schema_migrations (number, name, checksum, applied_at)
VALUES (:number, :name, :checksum, :applied_at)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: the text for each database."""

    number: int
    name: str
    texts: Mapping[str, str]  # by dialect

    def checksum(self, dialect: str) -> str:
        """Return the SHA-256 of the text for a database."""
        return hashlib.sha256(self.texts[dialect].encode()).hexdigest()


def known_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """Read the migrations that this version of Plantain has, in order."""
    names: dict[int, str] = {}
    parts: dict[tuple[int, str], str] = {}
    for path in sorted(folder.glob("*.sql")):
        found = _FILE_NAME.fullmatch(path.name)
        if found is None:
            raise ValueError(f"{path.name} is no name for a migration")
        number = int(found["number"])
        if names.setdefault(number, found["name"]) != found["name"]:
            raise ValueError(f"two migrations have the number {number}")
        # Line ends depend on how the files came here; the checksum must not.
        parts[number, found["dialect"] or ""] = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    if sorted(names) != list(range(1, len(names) + 1)):
        raise ValueError("migrations are numbered from 1 without a gap")

    def texts(number: int) -> dict[str, str]:
        return {kind: parts.get((number, ""), "") + parts.get((number, kind), "") for kind in DIALECTS}

    return tuple(Migration(number, name, texts(number)) for number, name in sorted(names.items()))


async def migrate(
    engine: Engine,
    migrations: Sequence[Migration],
    *,
    before_first: Callable[[], Awaitable[None]] | None = None,
) -> tuple[str, ...]:
    """Bring a database up to date; return the names of what was applied.

    `before_first` is called where no migration was applied yet: what it raises leaves the database as it is.
    Raises StorageTooNew where the database has migrations that this version does not know, and StorageError
    where one that it knows has another text than the applied one.
    """
    async with engine.schema_change() as connection:
        await connection.lock(MIGRATIONS)
        await connection.run_script(CREATE_TABLE + ";\n")
        newest = await newest_applied(connection, engine.dialect, migrations)
        if not newest and before_first is not None:
            await before_first()
    if newest and newest < len(migrations):
        await engine.before_upgrade(newest + 1)
    applied = []
    for migration in migrations:
        if migration.number > newest and await _apply(engine, migration, migrations):
            applied.append(migration.name)
    return tuple(applied)


async def _apply(engine: Engine, migration: Migration, migrations: Sequence[Migration]) -> bool:
    """Apply one migration unless another process was faster."""
    async with engine.schema_change() as connection:
        await connection.lock(MIGRATIONS)
        if await newest_applied(connection, engine.dialect, migrations) >= migration.number:
            return False
        await connection.run_script(migration.texts[engine.dialect])
        await connection.execute(
            RECORD_APPLIED,
            {
                "number": migration.number,
                "name": migration.name,
                "checksum": migration.checksum(engine.dialect),
                "applied_at": time.time_ns() // 1_000_000,
            },
        )
    log.info("the database has been brought to %s", migration.name)
    return True


async def newest_applied(connection: Connection, dialect: str, migrations: Sequence[Migration]) -> int:
    """Return the number of the newest applied migration, 0 where there is none."""
    known = {migration.number: migration for migration in migrations}
    newest = 0
    for row in await connection.fetch_all(LIST_APPLIED):
        newest = int(row["number"])
        if newest not in known:
            raise StorageTooNew(
                f"the database was written by a newer version of Plantain (it has {row['name']}). "
                "Start that version, or restore a backup from before its first start"
            )
        if row["checksum"] != known[newest].checksum(dialect):
            raise StorageError(
                f"the migration {row['name']} is not the one that this database was made with. "
                "Restore the released files of storage/migrations"
            )
    return newest

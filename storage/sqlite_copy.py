"""A whole copy of a SQLite database, and looking into one without opening it for work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import StorageError
from storage.faults import file_faults, reading_faults, sqlite_faults
from storage.files import PART, create, sync_file, sync_folder

BUSY_TIMEOUT = 5.0  # seconds
_SHOWN_FAULTS = 5


def copy_database(database: Path, target: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
    """Write a copy of `database` to the new file `target`; whoever works on it may go on meanwhile.

    It is one snapshot, made by SQLite's backup in a single step through a connection of its own.
    """
    part = target.with_name(f"{target.name}{PART}")
    with file_faults(target), sqlite_faults(target):
        if target.exists():
            raise StorageError(f"{target} exists already. Name another file")
        part.unlink(missing_ok=True)
        try:
            create(part)
            source = sqlite3.connect(database, timeout=busy_timeout)
            with closing(source), closing(sqlite3.connect(part)) as copy, reading_faults(database):
                source.backup(copy)
            sync_file(part)
            part.rename(target)
            sync_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def looking_into(
    database: Path, *, busy_timeout: float = BUSY_TIMEOUT, named: Path | None = None
) -> Iterator[sqlite3.Connection]:
    """Open a database to read from it, beside whoever works on it.

    `named` is what messages name instead: of a copy that nobody will see, what it was made from.
    """
    with sqlite_faults(named or database):
        # Not mode=ro: a write-ahead log that nobody has open can be read only by whoever may write.
        name = f"{database.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(name, uri=True, timeout=busy_timeout, isolation_level=None)) as raw:
            raw.row_factory = sqlite3.Row
            raw.execute("PRAGMA query_only = ON")
            yield raw


def integrity_faults(raw: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with the whole database: pages, indexes, foreign keys."""
    found = [str(row[0]) for row in raw.execute(f"PRAGMA integrity_check({_SHOWN_FAULTS})")]
    faults = [] if found == ["ok"] else found
    dangling = raw.execute("PRAGMA foreign_key_check").fetchone()
    if dangling is not None:
        faults.append(f"rows of {dangling[0]} point at rows of {dangling[2]} that are not there")
    return faults

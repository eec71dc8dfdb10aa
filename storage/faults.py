"""What SQLite and the file system report, turned into Plantain's errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StorageBusy, StorageDamaged, StorageError, StorageFull, StorageReadOnly

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

# What a call into aiosqlite raises: SQLite's errors, an integer beyond 64 bits, a connection that was closed.
_SQLITE_RAISES = (sqlite3.Error, OverflowError, ValueError)


@contextmanager
def sqlite_faults(database: Path) -> Iterator[None]:
    """Turn SQLite's errors into StorageErrors."""
    try:
        yield
    except _SQLITE_RAISES as exc:
        raise _from_sqlite(exc, database) from exc


@contextmanager
def reading_faults(database: Path) -> Iterator[None]:
    """Turn SQLite's errors that are about what is read into StorageErrors, and let the others be.

    For a copy: whether the old or the new file is meant, only the error's kind can tell.
    """
    try:
        yield
    except sqlite3.Error as exc:
        code = (getattr(exc, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _DAMAGED or code in _LOCKED or code == sqlite3.SQLITE_CANTOPEN:
            raise _from_sqlite(exc, database) from exc
        raise


@contextmanager
def file_faults(path: Path) -> Iterator[None]:
    """Turn the operating system's errors about a file into StorageErrors."""
    try:
        yield
    except OSError as exc:
        raise _from_os(exc, path) from exc


def _from_sqlite(exc: Exception, database: Path) -> StorageError:
    # The low byte is the primary code, what is above it a detail (sqlite.org/rescode.html).
    code = (getattr(exc, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _LOCKED:
        return StorageBusy(f"{database} stayed locked: another program works on it. Close that program")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StorageReadOnly(
            f"{database} cannot be written: {exc}. Make the file and its folder writable for this user"
        )
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(f"no space is left for {database}. Free some on its disk")
    if code in _DAMAGED:
        return StorageDamaged(
            f"{database} is damaged or is no Plantain database: {exc}. "
            "Stop the bot, move the file away and put a backup in its place"
        )
    if code == sqlite3.SQLITE_CANTOPEN:
        return StorageError(f"{database} cannot be opened. Check that its folder is there and writable")
    if code == sqlite3.SQLITE_IOERR:
        return StorageError(f"{database}: {exc}. Look at the disk, its quota and the system's log")
    return StorageError(f"SQLite: {exc}")


def _from_os(exc: OSError, path: Path) -> StorageError:
    reason = exc.strerror or type(exc).__name__
    if exc.errno in _FULL:
        return StorageFull(f"no space is left for {path}: {reason}. Free some on its disk")
    if exc.errno in _READ_ONLY:
        return StorageReadOnly(f"{path} cannot be written: {reason}. Make it writable for this user")
    return StorageError(f"{path}: {reason}")

"""Putting a backup back: everything is read and checked before anything of the folder changes."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

from bot.errors import StorageError, StorageTooNew
from storage import postgres_tools
from storage.archive import CHUNK, POSTGRES, SQLITE, Hashing, Manifest, read_archive
from storage.faults import file_faults
from storage.files import create, make_folder, sync_file, sync_folder
from storage.migrate import known_migrations
from storage.sqlite_copy import integrity_faults, looking_into

STAGING = ".restoring"
ASIDE = "before-restore"

GET_NEWEST = "SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1"


def restore_backup(
    url: str, folder: Path, database: str, archive: Path, *, force: bool, left_alone: frozenset[str]
) -> tuple[Manifest, Path | None]:
    """Put a backup into `folder` (and PostgreSQL); return what it held, and where older data was moved.

    `database` is the name of SQLite's file; entries named in `left_alone` do not count as data. Raises
    StorageError, also where there is data and no `force`: with it, what was there is moved aside, and a
    PostgreSQL database is replaced. The caller holds the folder's lock.
    """
    staging = folder / STAGING
    with file_faults(folder):
        kept = [path for path in folder.iterdir() if _is_data(path, left_alone) and not _same(path, archive)]
        if kept and not force:
            raise StorageError(
                f"{folder} is not empty. Restore into an empty folder, or with --force: "
                "what is there is moved aside then"
            )
        if staging.exists():
            shutil.rmtree(staging)
        make_folder(staging)
        try:
            manifest = _unpack(archive, staging, bool(url))
            if url:
                postgres_tools.restore(url, staging / POSTGRES, replace=force)
                (staging / POSTGRES).unlink()
            else:
                _check(staging / SQLITE)
                (staging / SQLITE).rename(staging / database)
            aside = _set_aside(folder, kept) if kept else None
            for path in sorted(staging.iterdir()):
                path.rename(folder / path.name)
            sync_folder(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return manifest, aside


def _is_data(path: Path, left_alone: frozenset[str]) -> bool:
    return path.name not in {*left_alone, STAGING} and not path.name.startswith(ASIDE)


def _same(path: Path, archive: Path) -> bool:
    """Whether an entry of the folder is the backup itself: a container has no other place for it."""
    return archive.exists() and path.samefile(archive)


def _unpack(archive: Path, staging: Path, postgres: bool) -> Manifest:
    wanted, other = (POSTGRES, SQLITE) if postgres else (SQLITE, POSTGRES)
    made = {staging}

    def take(name: str, file: Hashing) -> None:
        if name == other:
            raise StorageError(
                f"{archive} holds {name}, and the settings name another kind of database (storage.url)"
            )
        path = staging / name
        if path.parent not in made:
            make_folder(path.parent)
            made.add(path.parent)
        create(path)
        with path.open("wb") as written:
            while data := file.read(CHUNK):
                written.write(data)
        sync_file(path)

    with file_faults(archive):
        manifest = read_archive(archive, take)
    for made_folder in made:
        sync_folder(made_folder)
    if wanted not in manifest.members:
        raise StorageError(f"{archive} holds no database")
    return manifest


def _check(database: Path) -> None:
    with looking_into(database) as raw:
        if faults := integrity_faults(raw):
            raise StorageError(f"the backup's database is damaged: {'; '.join(faults)}")
        try:
            number, name = raw.execute(GET_NEWEST).fetchone() or (0, "")
        except sqlite3.OperationalError as exc:
            raise StorageError("the backup's database is none of Plantain's") from exc
    if number > len(known_migrations()):
        raise StorageTooNew(
            f"the backup was written by a newer version of Plantain (it has {name}). Restore it with that one"
        )


def _set_aside(folder: Path, paths: list[Path]) -> Path:
    aside = folder / f"{ASIDE}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    make_folder(aside)
    for path in paths:
        path.rename(aside / path.name)
    return aside

"""Putting a backup back: everything is read and checked before anything of the folder changes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StorageError, StorageTooNew
from storage import postgres_tools
from storage.archive import CHUNK, POSTGRES, SQLITE, Hashing, Manifest, read_archive
from storage.exchange import ASIDE, FILES, Database, exchange, take_up_interrupted
from storage.faults import file_faults
from storage.files import create, make_folder, sync_file, sync_folder, write_all
from storage.migrate import GET_NEWEST, known_migrations
from storage.owner import give, owner_beside_root
from storage.safety import STAGING, was_interrupted
from storage.sqlite_copy import integrity_faults, looking_into

if TYPE_CHECKING:
    from storage.postgres_session import Session

MOUNTS = Path("/proc/self/mountinfo")


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
        earlier = take_up_interrupted(folder, force=force) if was_interrupted(folder) else None
        kept = [path for path in folder.iterdir() if _is_data(path, left_alone) and not _same(path, archive)]
        if kept and not force:
            raise StorageError(
                f"{folder} is not empty. Restore into an empty folder, or with --force: "
                "what is there is moved aside then"
            )
        _refuse_mounts(folder, kept)
        for left in (staging / FILES, *(() if earlier else (staging,))):
            if left.exists():
                shutil.rmtree(left)
        make_folder(staging / FILES)
        try:
            manifest = _unpack(archive, staging / FILES, bool(url))
            _refuse_newer(manifest.migrations, manifest.newest)
            if url:
                (staging / FILES / POSTGRES).rename(staging / POSTGRES)
                _give_away(folder)
                with postgres_tools.session(url) as session:
                    aside = exchange(folder, kept, earlier, _owned(session, url, staging / POSTGRES, force))
            else:
                _check(staging / FILES / SQLITE)
                (staging / FILES / SQLITE).rename(staging / FILES / database)
                _give_away(folder)
                aside = exchange(folder, kept, earlier, None)
        finally:
            if not was_interrupted(folder):
                shutil.rmtree(staging, ignore_errors=True)
    return manifest, aside


def _give_away(folder: Path) -> None:
    """Let what was unpacked belong to whoever the folder belongs to: root may do this for them."""
    owner = owner_beside_root(folder)
    if owner is not None:
        give(folder / STAGING / FILES, owner)


def _is_data(path: Path, left_alone: frozenset[str]) -> bool:
    return path.name not in {*left_alone, STAGING} and not path.name.startswith(ASIDE)


def _same(path: Path, archive: Path) -> bool:
    """Whether an entry of the folder is the backup itself: a container has no other place for it."""
    return archive.exists() and path.samefile(archive)


def _refuse_mounts(folder: Path, paths: Iterable[Path]) -> None:
    """Raise StorageError where something cannot be moved, because it is a file system of its own."""
    here = folder.stat().st_dev
    mounted = _mount_points()
    for path in paths:
        if path.lstat().st_dev != here or str(path.absolute()) in mounted:
            raise StorageError(
                f"{path} is a mount of its own and cannot be moved aside. Nothing was changed: unmount it, "
                "restore, and move what was restored onto it"
            )


def _mount_points() -> set[str]:
    """Where file systems are mounted, as far as the system tells: a bind mount has its folder's device."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return {line.split(" ")[4].replace("\\040", " ") for line in lines if line.count(" ") > 4}


def _unpack(archive: Path, files: Path, postgres: bool) -> Manifest:
    wanted, other = (POSTGRES, SQLITE) if postgres else (SQLITE, POSTGRES)
    made = {files}

    def take(name: str, file: Hashing) -> None:
        if name == other:
            raise StorageError(
                f"{archive} holds {name}, and the settings name another kind of database (storage.url)"
            )
        path = files / name
        with file_faults(files.parent.parent):  # its disk is full, not the archive's
            if path.parent not in made:
                make_folder(path.parent)
                made.add(path.parent)
            create(path)
        with path.open("wb", buffering=0) as written:
            while data := file.read(CHUNK):
                with file_faults(files.parent.parent):
                    write_all(written, data)
        with file_faults(files.parent.parent):
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
    _refuse_newer(number, name)


def _refuse_newer(number: int, name: str) -> None:
    if number > len(known_migrations()):
        raise StorageTooNew(
            f"the backup was written by a newer version of Plantain (it has {name}). Restore it with that one"
        )


def _owned(session: Session, url: str, dump: Path, force: bool) -> Database:
    """Take a PostgreSQL database for this restore alone, as long as the session lasts."""
    session.own()
    full = session.has_tables()
    if full and not force:
        raise StorageError("there is data in that PostgreSQL database already. --force replaces it")
    return Database(url, dump, full)

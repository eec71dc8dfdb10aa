"""Putting a backup back: everything is read and checked before anything of the folder changes.

::

    .restoring/files/…   what the archive holds, checked
    .restoring/began     there while anything changes: which entries go where
    before-restore-…/    what was there before

What is there is moved aside (of a PostgreSQL database a dump), then what was checked is moved in, and at last
the PostgreSQL database is replaced, in one transaction. When a step fails, all are taken back. When the
process is killed, `began` stays: nobody works on the folder then (`storage.safety`), and the next restore
takes the steps back and begins anew.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StorageError, StorageTooNew
from storage import postgres_tools
from storage.archive import CHUNK, POSTGRES, SQLITE, Hashing, Manifest, read_archive
from storage.faults import file_faults
from storage.files import PART, create, make_folder, sync_file, sync_folder, write_all, write_whole
from storage.migrate import known_migrations
from storage.owner import give, owner_beside_root
from storage.safety import BEGAN, STAGING, refuse_half_restored, was_interrupted
from storage.sqlite_copy import integrity_faults, looking_into

if TYPE_CHECKING:
    from storage.postgres_session import Session

FILES = "files"
ASIDE = "before-restore"
MOUNTS = Path("/proc/self/mountinfo")

GET_NEWEST = "SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Steps:
    """What a restore changes in a folder, so that it can be taken back."""

    aside: str  # the folder that takes what was there
    old: tuple[str, ...]  # entries that go there
    new: tuple[str, ...]  # entries that come in, after all of the others went
    replacing: bool = False  # a PostgreSQL database is being replaced: whether it was, nobody can tell


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
        earlier = _take_up_interrupted(folder, force=force) if was_interrupted(folder) else None
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
                    aside = _exchange(folder, kept, earlier, _owned(session, url, staging / POSTGRES, force))
            else:
                _check(staging / FILES / SQLITE)
                (staging / FILES / SQLITE).rename(staging / FILES / database)
                _give_away(folder)
                aside = _exchange(folder, kept, earlier, None)
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


# --- the change -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL database that is to be replaced, and that nobody else works on."""

    url: str
    dump: Path  # what it gets
    full: bool  # there is something in it

    def keep(self, target: Path) -> None:
        """Write what is there to a new file, unless a restore that was interrupted has done so."""
        if self.full and not target.exists():
            part = target.with_name(f"{target.name}{PART}")
            postgres_tools.dump(self.url, part)
            sync_file(part)
            part.rename(target)

    def replace(self) -> None:
        """Put the dump in its place: all of it, or nothing."""
        postgres_tools.restore(self.url, self.dump, replace=self.full)


def _owned(session: Session, url: str, dump: Path, force: bool) -> Database:
    """Take a PostgreSQL database for this restore alone, as long as the session lasts."""
    session.own()
    full = session.has_tables()
    if full and not force:
        raise StorageError("there is data in that PostgreSQL database already. --force replaces it")
    return Database(url, dump, full)


def _exchange(
    folder: Path, kept: list[Path], earlier: Steps | None, database: Database | None
) -> Path | None:
    """Move what is there aside and what was unpacked in; all of it, or nothing."""
    files = folder / STAGING / FILES
    steps = Steps(
        earlier.aside if earlier else _free_name(folder),
        tuple(sorted(path.name for path in kept)),
        tuple(sorted(path.name for path in files.iterdir())),
        replacing=earlier is not None,
    )
    aside = folder / steps.aside
    _write_down(folder, steps)
    unsure = steps.replacing
    try:
        if steps.old or (database and database.full):
            make_folder(aside)
        if database:
            database.keep(aside / POSTGRES)
        _set_aside(folder, steps)
        for name in steps.new:
            _move(files / name, folder / name)
        sync_folder(folder)
        if database:
            _write_down(folder, replace(steps, replacing=True))
            unsure = True
            try:
                database.replace()
            except StorageError:
                unsure = steps.replacing  # its transaction did not end: it is what it was
                raise
    except BaseException:
        _take_back(folder, steps)
        if unsure:
            _write_down(folder, Steps(steps.aside, (), (), replacing=True))
        else:
            _throw_away(aside)
            _forget(folder)
        raise
    _forget(folder)
    return aside if aside.exists() else None


def _throw_away(aside: Path) -> None:
    """Remove a folder for older data from which all was moved back; the database's dump is not needed."""
    for name in (POSTGRES, f"{POSTGRES}{PART}"):
        (aside / name).unlink(missing_ok=True)
    with suppress(OSError):  # there is none, or it holds something else
        aside.rmdir()


def _free_name(folder: Path) -> str:
    """A name for what is moved aside, which is nobody's yet."""
    name = first = f"{ASIDE}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    more = 1
    while (folder / name).exists():
        more += 1
        name = f"{first}-{more}"
    return name


def _set_aside(folder: Path, steps: Steps) -> None:
    for name in steps.old:
        _move(folder / name, folder / steps.aside / name)
    if steps.old:
        sync_folder(folder / steps.aside)
        sync_folder(folder)


def _move(path: Path, target: Path) -> None:
    """Rename; where that fails, say what could not be moved."""
    try:
        path.rename(target)
    except OSError as exc:
        raise StorageError(
            f"{path} cannot be moved: {exc.strerror}. What was there is back in its place"
        ) from exc


def _take_back(folder: Path, steps: Steps) -> None:
    """Undo as many of the steps as were made, in the opposite order. To do it again does no harm."""
    files, aside = folder / STAGING / FILES, folder / steps.aside
    with file_faults(folder):
        for name in steps.new:
            # Nothing came in before all of the old entries were aside.
            moved_in = (folder / name).exists() and not (files / name).exists()
            if moved_in and (name not in steps.old or (aside / name).exists()):
                make_folder(files)
                (folder / name).rename(files / name)
        for name in steps.old:
            if os.path.lexists(aside / name):
                (aside / name).rename(folder / name)
        sync_folder(folder)


def _write_down(folder: Path, steps: Steps) -> None:
    """Put the steps on disk, before the first of them."""
    write_whole(folder / STAGING / BEGAN, json.dumps(asdict(steps)).encode())


def _forget(folder: Path) -> None:
    """Say that the folder is whole again."""
    (folder / STAGING / BEGAN).unlink()
    sync_folder(folder / STAGING)


def _take_up_interrupted(folder: Path, *, force: bool) -> Steps | None:
    """Take back what a restore that was killed had done, so that this one can begin.

    Where it may have replaced a PostgreSQL database, that cannot be taken back: its note is returned and
    stays until a restore came to its end. Its dump of what was there before stays with it.
    """
    if not force:
        refuse_half_restored(folder)
    try:
        found = json.loads((folder / STAGING / BEGAN).read_bytes())
        steps = Steps(str(found["aside"]), tuple(found["old"]), tuple(found["new"]), bool(found["replacing"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise StorageError(f"{folder / STAGING / BEGAN} is damaged. Put the folder right by hand") from exc
    _take_back(folder, steps)
    if steps.replacing:
        left = Steps(steps.aside, (), (), replacing=True)
        _write_down(folder, left)
        return left
    _throw_away(folder / steps.aside)
    _forget(folder)
    return None

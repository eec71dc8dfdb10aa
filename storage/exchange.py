"""The change that a restore makes to a data folder: all of it, or nothing.

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
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bot.errors import StorageError
from storage import postgres_tools
from storage.archive import POSTGRES
from storage.faults import file_faults
from storage.files import PART, make_folder, sync_file, sync_folder, write_whole
from storage.safety import BEGAN, STAGING, refuse_half_restored

FILES = "files"
ASIDE = "before-restore"


@dataclass(frozen=True, slots=True)
class Steps:
    """What a restore changes in a folder, so that it can be taken back."""

    aside: str  # the folder that takes what was there
    old: tuple[str, ...]  # entries that go there
    new: tuple[str, ...]  # entries that come in, after all of the others went
    replacing: bool = False  # a PostgreSQL database is being replaced: whether it was, nobody can tell


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


def exchange(folder: Path, kept: list[Path], earlier: Steps | None, database: Database | None) -> Path | None:
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


def take_up_interrupted(folder: Path, *, force: bool) -> Steps | None:
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

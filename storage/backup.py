"""Writing a backup while the bot is at work.

The lock of a running bot is not needed: SQLite gives a snapshot, pictures never change, and what is only
added after the snapshot does no harm. The order makes the two fit: answers that are on disk are read
before the snapshot and after it, pictures after it.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.errors import StorageError
from storage import postgres_tools
from storage.archive import MANIFEST, POSTGRES, SQLITE, Hashing, Manifest, Member, read_archive, skip
from storage.blob_folder import ANSWERS, BLOBS, kept_blobs
from storage.faults import file_faults
from storage.files import create, sync_file, sync_folder
from storage.migrate import GET_NEWEST
from storage.postgres_tools import session as postgres_session
from storage.safety import HAS_SCHEMA_POSTGRES
from storage.scratch import scratch
from storage.sqlite_copy import copy_database, integrity_faults, looking_into

ARCHIVE = "backup.tar"  # while it is being written
_SNAPSHOTS = 3

# Jobs whose answers have to be on disk.
LIST_STORING = """
SELECT id FROM jobs
WHERE state = 'storing' AND NOT EXISTS (SELECT 1 FROM answers WHERE answers.job_id = jobs.id)
"""
# A picture that was deleted may be gone; what is shown to anybody may not.
LIST_SHOWN = """
SELECT sha256 FROM images WHERE deleted_at IS NULL UNION SELECT sha256 FROM character_pictures
"""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read again."""

    manifest: Manifest
    size: int  # bytes
    missing: tuple[str, ...]  # SHA-256 of pictures that the database names and that are not on the disk
    damaged: tuple[str, ...]  # of those whose bytes are others; they are left out


def write_backup(url: str, folder: Path, database: Path, target: Path, *, version: str) -> Backup:
    """Write database and files to the new file `target`, read it again, and say what it holds.

    `url` and `folder` are those of `open_store`, `database` is SQLite's file. Raises StorageError.
    """
    with file_faults(target):
        if target.exists():
            raise StorageError(f"{target} exists already. Name another file")
        if not url and not database.is_file():
            raise StorageError(f"there is no database in {folder}. Is storage.path right?")
        with scratch(target.parent) as private:
            part = private / ARCHIVE
            create(part)
            dump, answers = _snapshot(url, folder, database, private)
            shown, newest = _asked(url) if url else _looked_up(dump, database)
            manifest, damaged = _write(part, dump, answers, folder, version, newest)
            dump.unlink()
            if read_archive(part, skip) != manifest:
                raise StorageError(f"{target} was not written as it should be. Look at the disk")
            sync_file(part)
            part.rename(target)
            sync_folder(target.parent)
        held = {name.rpartition("/")[2] for name in manifest.members if name.startswith(f"{BLOBS}/")}
        missing = tuple(sorted(shown - held - {*damaged}))
        return Backup(manifest, target.stat().st_size, missing, damaged)


def _snapshot(url: str, folder: Path, database: Path, private: Path) -> tuple[Path, dict[str, bytes]]:
    """Return a checked copy of the database, and the answers that belong to it."""
    if url:
        dump, answers = private / POSTGRES, _answers(folder)
        postgres_tools.dump(url, dump)
        return dump, {**answers, **_answers(folder)}
    dump = private / SQLITE
    for _ in range(_SNAPSHOTS):
        dump.unlink(missing_ok=True)
        answers = _answers(folder)
        copy_database(database, dump)
        answers |= _answers(folder)
        with looking_into(dump, named=database) as raw:
            if faults := integrity_faults(raw):
                raise StorageError(f"{database} is damaged: {'; '.join(faults)}. Restore an earlier backup")
            storing = {str(row[0]) for row in raw.execute(LIST_STORING)}
        # A job that began to store and ended while we looked took its answers away: look once more.
        if storing <= {name.rpartition("-")[0] for name in answers}:
            break
    return dump, answers


def _answers(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted((folder / ANSWERS).glob("*.json")):
        try:
            found[path.stem] = path.read_bytes()
        except FileNotFoundError:
            continue  # stored meanwhile
        except OSError as exc:
            raise StorageError(f"cannot read {path}: {exc.strerror}") from exc
    return found


def _pictures(folder: Path) -> list[Path]:
    try:
        return list(kept_blobs(folder))
    except OSError as exc:
        raise StorageError(f"cannot read {exc.filename or folder}: {exc.strerror}") from exc


def _looked_up(dump: Path, database: Path) -> tuple[set[str], str]:
    """Return the pictures that are shown to anybody, and the name of the newest migration."""
    with looking_into(dump, named=database) as raw:
        newest = raw.execute(GET_NEWEST).fetchone()
        return {str(row[0]) for row in raw.execute(LIST_SHOWN)}, str(newest[1]) if newest else ""


def _asked(url: str) -> tuple[set[str], str]:
    """The same of a PostgreSQL database: what it shows now is on the disk, as what it showed before."""
    with postgres_session(url) as session:
        if not session.fetch(HAS_SCHEMA_POSTGRES)[0][0]:
            raise StorageError(
                "the PostgreSQL database has no tables of Plantain. Does storage.url name the right one?"
            )
        newest = session.fetch(GET_NEWEST)
        return {str(row[0]) for row in session.fetch(LIST_SHOWN)}, str(newest[0][1]) if newest else ""


def _write(
    part: Path, dump: Path, answers: dict[str, bytes], folder: Path, version: str, newest: str
) -> tuple[Manifest, tuple[str, ...]]:
    members: dict[str, Member] = {}
    damaged = []
    with part.open("wb") as file, tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        with dump.open("rb") as copy:
            members[dump.name] = _add(archive, dump.name, copy, dump.stat().st_size)
        for stem, data in answers.items():
            name = f"{ANSWERS}/{stem}.json"
            members[name] = _add(archive, name, io.BytesIO(data), len(data))
        for path in _pictures(folder):
            try:
                data = path.read_bytes()  # a provider's picture is bounded: `bot.providers.base.Limits`
            except FileNotFoundError:
                continue  # erased meanwhile
            except OSError:  # its disk, or its rights: as good as damaged, and the others are kept
                damaged.append(path.name)
                continue
            if hashlib.sha256(data).hexdigest() != path.name:
                damaged.append(path.name)
                continue
            name = f"{BLOBS}/{path.parent.name}/{path.name}"
            members[name] = _add(archive, name, io.BytesIO(data), len(data))
        manifest = Manifest(version, time.time_ns() // 1_000_000, members, newest)
        text = json.dumps(manifest.to_json()).encode()
        _add(archive, MANIFEST, io.BytesIO(text), len(text))
    return manifest, tuple(damaged)


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes], size: int) -> Member:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, time.time()
    reading = Hashing(file)
    archive.addfile(entry, reading)
    return reading.member()

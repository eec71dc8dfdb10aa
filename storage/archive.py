"""A backup's file: a tar archive with the database, the pictures and the answers that are not stored yet.

::

    database.sqlite3 or database.pgdump
    answers/<job>-<position>.json
    blobs/ab/abcdef…
    manifest.json                 at the end: without it the archive is not whole

The manifest names every other file with its size and SHA-256; a picture's name is its SHA-256 as well.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bot.errors import StorageError

FORMAT = "plantain-backup-1"
MANIFEST = "manifest.json"
SQLITE, POSTGRES = "database.sqlite3", "database.pgdump"
CHUNK = 1024 * 1024
_LARGEST_MANIFEST = 1024 * 2**20

_NAME = re.compile(
    rf"{re.escape(SQLITE)}|{re.escape(POSTGRES)}|answers/[A-Za-z0-9_-]{{1,80}}\.json"
    r"|blobs/(?P<prefix>[0-9a-f]{2})/(?P<sha256>(?P=prefix)[0-9a-f]{62})"
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. Times are UTC milliseconds."""

    version: str  # Plantain's
    created_at: int
    members: Mapping[str, Member] = field(default_factory=dict)
    newest: str = ""  # the database's newest migration, such as 0012_cases; empty where nobody wrote it down

    @property
    def database(self) -> str:
        """The name of the database's file."""
        return SQLITE if SQLITE in self.members else POSTGRES

    @property
    def migrations(self) -> int:
        """The number of the newest migration; 0 where it is not known."""
        found = self.newest.partition("_")[0]
        return int(found) if found.isdecimal() else 0

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        return sum(name.startswith("blobs/") for name in self.members)

    def to_json(self) -> dict[str, Any]:
        files = {name: [member.size, member.sha256] for name, member in self.members.items()}
        return {
            "format": FORMAT,
            "version": self.version,
            "created_at": self.created_at,
            "newest_migration": self.newest,
            "files": files,
        }

    @classmethod
    def from_json(cls, data: Any) -> Manifest:
        """Read what `to_json` wrote; StorageError for anything else."""
        try:
            if data["format"] != FORMAT:
                raise StorageError(f"the archive has the format {data['format']!r}, not {FORMAT!r}")
            members = {
                str(name): Member(int(size), str(digest)) for name, (size, digest) in data["files"].items()
            }
            newest = str(data.get("newest_migration", ""))
            return cls(str(data["version"]), int(data["created_at"]), members, newest)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise StorageError("the archive's manifest cannot be read") from exc


class Hashing:
    """A file that is read, with the SHA-256 and the number of what was read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def member(self) -> Member:
        """Return what was read so far."""
        return Member(self.size, self._hash.hexdigest())


def read_archive(path: Path, take: Callable[[str, Hashing], None]) -> Manifest:
    """Give every file to `take` as it comes, which reads it whole; return the manifest that fits them all.

    Raises StorageError where the archive is cut off, changed, or holds anything else: names come from
    outside, so only those of a backup are let through, and only plain files.
    """
    found: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(path, "r|") as archive:
            for entry, file in _files(archive):
                if manifest is not None or entry.name in found:
                    raise StorageError(f"{path} holds {entry.name!r} where nothing may stand")
                if entry.name == MANIFEST:
                    manifest = Manifest.from_json(json.loads(file.read(_LARGEST_MANIFEST)))
                    continue
                checked = _NAME.fullmatch(entry.name)
                if checked is None:
                    raise StorageError(f"{path} holds {entry.name!r}, which is no file of a backup")
                reading = Hashing(file)
                take(entry.name, reading)
                found[entry.name] = reading.member()
                if checked["sha256"] not in (None, found[entry.name].sha256):
                    raise StorageError(f"{path}: the picture {entry.name} was changed")
    except (tarfile.TarError, EOFError, ValueError) as exc:
        raise StorageError(f"{path} is no backup of Plantain, or it is cut off: {exc}") from exc
    if manifest is None:
        raise StorageError(f"{path} is cut off: its manifest is missing")
    if dict(manifest.members) != found:
        different = {*manifest.members.items()} ^ {*found.items()}
        raise StorageError(f"{path} is damaged: {len({name for name, _ in different})} files differ")
    return manifest


def skip(_: str, file: Hashing) -> None:
    """Take a file by reading it."""
    while file.read(CHUNK):
        pass


def _files(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for entry in archive:
        file = archive.extractfile(entry) if entry.isreg() else None
        if file is None:
            raise StorageError(f"the archive holds {entry.name!r}, which is no plain file")
        yield entry, file

"""What a start needs of the disk, looked at without opening anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.blob_folder import ANSWERS, BLOBS, INCOMING


@dataclass(frozen=True, slots=True)
class DiskState:
    """Where the data is, looked at without the database."""

    free: int  # bytes
    wal: int  # bytes of SQLite's write-ahead log
    closed: tuple[Path, ...]  # what this user may not write, and the bot has to


def look_at_disk(folder: Path, files: Sequence[str], wal: str) -> DiskState:
    """Look at what a start needs of the disk, by the names of its files in `folder`. It blocks."""
    # Not Path.exists: it raises where this user may not look into a folder.
    nearest = next(each for each in (folder, *folder.absolute().parents) if os.path.exists(each))
    closed = [] if os.access(nearest, os.W_OK | os.X_OK) else [nearest]
    if nearest == folder:
        closed += _closed(folder, files)
    try:
        long = os.stat(folder / wal).st_size
    except OSError:
        long = 0
    return DiskState(shutil.disk_usage(nearest).free, long, tuple(closed))


def _closed(folder: Path, files: Sequence[str]) -> Iterator[Path]:
    """What there is of a folder and may not be written."""
    for path in (folder / name for name in files):
        if os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK):
            yield path
    blobs = folder / BLOBS
    for path in (blobs, blobs / INCOMING, folder / ANSWERS, *sorted(blobs.glob("[0-9a-f][0-9a-f]"))):
        if os.path.exists(path) and not os.access(path, os.W_OK | os.X_OK):
            yield path

"""Files that are whole or not there, also after a power cut."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from io import RawIOBase
from pathlib import Path

PART = ".part"
CACHES = ("cache", "incoming")  # folders beside the data


def make_folder(path: Path) -> None:
    """Make a folder that only this user can look into, where it is missing."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put a folder's list of names on disk: a new file's name is as volatile as its bytes."""
    if os.name == "nt":
        return  # Windows opens no folders; NTFS journals its names
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def part_of(folder: Path) -> Path:
    """Return a name for a file in `folder` that is still being written."""
    return folder / f"{secrets.token_hex(16)}{PART}"


def create(path: Path) -> None:
    """Create an empty file that only this user can read; it must not exist."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def sync_file(path: Path) -> None:
    """Put a file's bytes on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_all(file: RawIOBase, data: bytes | bytearray) -> None:
    """Write all of `data` to an unbuffered file, which may take it in parts."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file durably; when it fails, what was there before is still there."""
    part = part_of(path.parent)
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", buffering=0) as file:
            write_all(file, data)
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_parts(folder: Path, *, before: float) -> int:
    """Remove what a crash left unfinished in `folder`, untouched since `before` (seconds since the epoch)."""
    removed = 0
    for part in folder.glob(f"*{PART}"):
        if part.stat().st_mtime <= before:
            part.unlink(missing_ok=True)
            removed += 1
    return removed


def _size_of(folder: Path) -> int:
    """Bytes of the files in a folder; one that goes away meanwhile counts nothing."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def disk_sizes(folder: Path, database: str) -> dict[str, int]:
    """Return bytes: `free` and `total` on the disk of `folder`, of SQLite's files there `database` and `wal`,
    and `cache`: what is on its way in, or was made to be thrown away."""
    disk = shutil.disk_usage(folder)
    sizes = {"free": disk.free, "total": disk.total, "cache": sum(_size_of(folder / name) for name in CACHES)}
    for what, name in (("database", database), ("wal", f"{database}-wal")):
        try:
            sizes[what] = folder.joinpath(name).stat().st_size
        except FileNotFoundError:
            continue
    return sizes

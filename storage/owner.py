"""Whose files are: what root makes in somebody else's folder has to be theirs, for their bot to open it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.blob_folder import BLOBS


def owner_beside_root(folder: Path) -> tuple[int, int] | None:
    """Return user and group of a folder where this process is root and the folder another user's."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    found = folder.stat()
    return (found.st_uid, found.st_gid) if found.st_uid else None


def give(path: Path, owner: tuple[int, int]) -> None:
    """Give a file, or a folder with all that is in it, to a user. Only for what this process made itself."""
    os.chown(path, *owner, follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for each in path.iterdir():
            give(each, owner)


@contextmanager
def for_the_owner(folder: Path) -> Iterator[None]:
    """Give what is new in a data folder at the end to whoever the folder belongs to.

    What was there before stays whose it is: a link to somebody else's file must not become theirs.
    """
    before = _entries(folder)
    try:
        yield
    finally:
        owner = owner_beside_root(folder)
        if owner is not None:
            for path in sorted(_entries(folder) - before):
                os.chown(path, *owner, follow_symlinks=False)


def _entries(folder: Path) -> set[Path]:
    """What a start makes is there and beside the pictures, no deeper."""
    inner = folder / BLOBS
    return {*folder.iterdir(), *(inner.iterdir() if inner.is_dir() else ())}

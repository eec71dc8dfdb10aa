"""The files of a data folder as they lie there, looked at from beside the bot."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

BLOBS, INCOMING, ANSWERS = "blobs", "incoming", "answers"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1024 * 1024


def kept_blobs(folder: Path) -> Iterator[Path]:
    """The pictures' files, by name; what has any other name is none."""
    for prefix in sorted((folder / BLOBS).glob("[0-9a-f][0-9a-f]")):
        for path in sorted(prefix.iterdir()):
            if _SHA256.fullmatch(path.name) and path.name.startswith(prefix.name):
                yield path


def is_whole(path: Path) -> bool:
    """Whether a picture's bytes are those that its name says."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            found.update(data)
    return found.hexdigest() == path.name


def older_blobs(folder: Path, before: float) -> dict[str, Path]:
    """The pictures that nobody has written or named anew since `before` (seconds since the epoch)."""
    found = {}
    for path in kept_blobs(folder):
        try:
            if path.stat().st_mtime < before:
                found[path.name] = path
        except FileNotFoundError:
            continue
    return found


def remove_orphans(paths: Collection[Path], before: float) -> tuple[int, int]:
    """Remove pictures that no row names; return how many files and bytes went. The bot may be at work.

    Whoever brings the same picture again meanwhile touches the file (`blobs.Spool`), or finds it gone and
    writes it anew. So a file is taken away first and looked at then: one that was touched is put back.
    """
    removed = size = 0
    for path in paths:
        aside = path.parent.parent / INCOMING / f"{secrets.token_hex(16)}.part"
        try:
            path.rename(aside)
        except FileNotFoundError:
            continue
        state = aside.stat()
        if state.st_mtime >= before:
            aside.replace(path)
            continue
        aside.unlink()
        removed, size = removed + 1, size + state.st_size
    return removed, size

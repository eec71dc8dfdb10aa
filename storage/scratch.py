"""A folder for what a backup writes before it is whole, which no backup leaves behind for good.

It lies beside the backup's file and holds a copy of everything, so that one whose process was killed has to
go. A lock tells: the system lets go of it when its holder dies, also in a container.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = ".plantain-backup-"
LOCK = "lock"
OURS = ("database.", "backup.tar", LOCK)  # how the names begin that such a folder holds
# Where a file system has no locks, so long nobody has written there.
FORGOTTEN_AFTER = 86_400.0  # seconds


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Make a folder in `folder` that only this user can look into; at the end it is gone.

    What earlier backups left in `folder` is removed before.
    """
    _remove_left_over(folder)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as made:
        lock = _lock(Path(made))
        _try(lock)
        try:
            yield Path(made)
        finally:
            lock.release()


def _remove_left_over(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        if not _is_ours(path):
            continue
        lock = _lock(path)
        held = _try(lock)
        if held or (held is None and _is_forgotten(path)):
            shutil.rmtree(path, ignore_errors=True)
        lock.release()


def _is_ours(path: Path) -> bool:
    """Whether a folder is certainly one that a backup made: nothing else is in it, and it got its lock."""
    if path.is_symlink() or not os.access(path, os.R_OK | os.W_OK | os.X_OK) or not path.is_dir():
        return False
    names = os.listdir(path)
    return LOCK in names and all(name.startswith(OURS) for name in names)


def _is_forgotten(path: Path) -> bool:
    newest = max(each.stat().st_mtime for each in (path, *path.iterdir()))
    return newest < time.time() - FORGOTTEN_AFTER


def _lock(path: Path) -> FileLock:
    return FileLock(path / LOCK, timeout=0, mode=0o600, thread_local=False)


def _try(lock: FileLock) -> bool | None:
    """Take a lock; return whether that is done, None where the file system has no locks."""
    try:
        lock.acquire()
    except Timeout:
        return False
    except (OSError, NotImplementedError):
        return None
    return True

"""What is looked at before data is worked on: whether database and files are those of one another.

Files that no row names are removed every day (`bot.studio.retention`). With a database that was lost,
emptied or put back by half that would be every picture there is, so nobody gets as far as that.
"""

from __future__ import annotations

import os
from pathlib import Path

from bot.errors import StorageError
from storage.blob_folder import ANSWERS, kept_blobs
from storage.faults import file_faults
from storage.files import PART

STAGING = ".restoring"
BEGAN = "began"  # there from before the first change of a restore until after its last one
HAS_SCHEMA_POSTGRES = "SELECT to_regclass('schema_migrations') IS NOT NULL"


def has_files(folder: Path) -> bool:
    """Whether pictures or answers are kept in a data folder."""
    with file_faults(folder):
        answers = (path for path in (folder / ANSWERS).glob("*") if path.suffix != PART)
        return any(True for _ in kept_blobs(folder)) or any(True for _ in answers)


def refuse_without_database(folder: Path) -> None:
    """Raise StorageError where files are kept; called where their database is missing or has no tables."""
    if has_files(folder):
        raise StorageError(
            f"pictures are in {folder} and their database is not (any more). Look at storage.path and "
            "storage.url, put a backup back with `python -m bot restore --force`, or move blobs and answers "
            "away to begin anew"
        )


def was_interrupted(folder: Path) -> bool:
    """Whether a restore began to change a data folder and did not come to its end."""
    # Not Path.exists: it raises where this user may not look into the folder.
    return os.path.exists(folder / STAGING / BEGAN)


def refuse_half_restored(folder: Path) -> None:
    """Raise StorageError where a restore did not come to its end."""
    if was_interrupted(folder):
        raise StorageError(
            f"a restore of {folder} was interrupted and left it half done. Run the restore again with --force"
        )

"""``python -m bot backup`` and ``restore``: what an operator is told about them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from bot import __version__
from bot.config import Settings
from storage.store import backup, restore

_MEBIBYTE = 2**20


def run_backup(settings: Settings, target: Path) -> int:
    """Write a backup and say what it holds; 1 where pictures are missing from it."""
    made = backup(settings.storage.url, settings.storage.path, target, version=__version__)
    manifest = made.manifest
    print(
        f"{target}: the database and {manifest.pictures} pictures, {made.size / _MEBIBYTE:.1f} MiB, verified."
    )
    for names, what in ((made.missing, "missing from the disk"), (made.damaged, "damaged, and left out")):
        if names:
            print(f"Pictures that are {what}: {len(names)}, such as {names[0]}.", file=sys.stderr)
    return 1 if made.missing or made.damaged else 0


def run_restore(settings: Settings, archive: Path, *, force: bool) -> int:
    """Put a backup back and say what was done."""
    manifest, aside = restore(settings.storage.url, settings.storage.path, archive, force=force)
    made = datetime.fromtimestamp(manifest.created_at / 1000, UTC)
    print(
        f"{settings.storage.path}: restored {manifest.pictures} pictures and the database as of "
        f"{made:%Y-%m-%d %H:%M} UTC (Plantain {manifest.version})."
    )
    if aside is not None:
        print(f"What was there before is in {aside}. Remove it when you no longer need it.")
    return 0

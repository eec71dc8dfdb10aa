"""``python -m bot backup``, ``restore`` and ``migrate``: what an operator is told about them."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from bot import __version__
from bot.config import Settings
from storage.store import backup, bring_up_to_date, restore

_MEBIBYTE = 2**20


def run_backup(settings: Settings, target: Path) -> int:
    """Write a backup and say what it holds; 1 where pictures are missing from it."""
    with _stopping_cleanly():
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
    folder = settings.storage.path.absolute()
    with _stopping_cleanly():
        manifest, aside = restore(settings.storage.url, folder, archive, force=force)
    made = datetime.fromtimestamp(manifest.created_at / 1000, UTC)
    print(
        f"{folder}: restored {manifest.pictures} pictures and the database as of "
        f"{made:%Y-%m-%d %H:%M} UTC (Plantain {manifest.version})."
    )
    if aside is not None:
        print(f"What was there before is in {aside}. Remove it when you no longer need it.")
    return 0


def run_migrate(settings: Settings) -> int:
    """Bring the database up to date and say where it is."""
    folder = settings.storage.path.absolute()
    asyncio.run(bring_up_to_date(settings.storage.url, folder))
    where = "The database that storage.url names" if settings.storage.url else f"The database in {folder}"
    print(f"{where} is up to date.")
    return 0


@contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """Let SIGTERM and a terminal that closes end a command as Ctrl-C does: what it began is taken back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    there = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    wanted = [each for each in there if signal.getsignal(each) is not signal.SIG_IGN]  # nohup has its reasons

    def stop(number: int, _: FrameType | None) -> None:
        for each in wanted:  # whoever is impatient must not keep us from tidying up
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, stop) for each in wanted}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

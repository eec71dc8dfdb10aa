"""The data: database, pictures, disk."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.doctor.findings import Finding, fail, ok, warn
from bot.errors import StorageError
from storage.blob_folder import older_blobs, remove_orphans
from storage.blob_state import BlobState
from storage.blobs import LEAST_ROOM
from storage.disk_state import look_at_disk
from storage.inspection import DatabaseState, Inspector
from storage.safety import STAGING, has_files, was_interrupted
from storage.store import DATABASE, LOCK

_MEBIBYTE = 2**20
_LITTLE_ROOM = 1024 * _MEBIBYTE
_LONG_WAL = 256 * _MEBIBYTE  # it is begun anew at 64 MB, while nobody reads an old snapshot
_OLD_ENOUGH = 86_400.0  # seconds, after which a picture that no row names will not get one
_NAMED = 3

WRITTEN_BESIDE = "Somebody wrote to the database beside the bot: compare with a backup, and look who may"
CLOSED = "Make it writable for the user that the bot runs as; the doctor looks with the rights of its own"


@dataclass(frozen=True, slots=True)
class Data:
    """Where an installation's data is."""

    url: str
    folder: Path
    told: set[str] = field(default_factory=set)  # why it cannot be read, once somebody has said so

    def inspector(self) -> Inspector:
        return Inspector(self.url, self.folder, self.folder / DATABASE)

    def is_new(self) -> bool:
        """Whether nothing is missing although there is no database: nobody has started the bot yet."""
        # Not Path.exists: it raises where this user may not look into the folder.
        if self.url or os.path.exists(self.folder / DATABASE):
            return False
        return not has_files(self.folder) and not was_interrupted(self.folder)


async def look_at_database(data: Data, *, thorough: bool) -> Sequence[Finding]:
    """Return what is to be said about the database's version, wholeness and migrations."""
    area = "database"
    try:
        async with data.inspector() as inspector:
            state = await inspector.database(thorough=thorough)
    except StorageError as error:
        return [unreadable(area, data, error)]
    findings = [*_migrations(state)]
    findings += [
        fail(area, f"it is damaged: {fault}", "Stop the bot and restore a backup") for fault in state.faults
    ]
    if state.journal not in ("", "wal"):
        findings.append(
            warn(
                area,
                f"its journal mode is {state.journal} instead of wal",
                "The next start sets it. Look which other program works on the database",
            )
        )
    if not findings:
        checked = "every page and index checked" if thorough and not data.url else "it answers"
        findings.append(ok(area, f"{state.server}, schema {state.newest}, {checked}"))
    return findings


def _migrations(state: DatabaseState) -> list[Finding]:
    """What is to be said about the migrations that the database has, and has not."""
    area, findings = "database", []
    if state.ahead:
        findings.append(
            fail(
                area,
                f"it was written by a newer version of Plantain (it has {state.newest})",
                "Start that version, or restore a backup from before its first start",
            )
        )
    elif state.behind:
        findings.append(
            warn(
                area,
                f"{state.behind} migrations are due after {state.newest or 'nothing'}",
                "Make a backup; the next start, or `python -m bot migrate`, applies them",
            )
        )
    if state.refused:
        findings.append(fail(area, state.refused, "The bot cannot start like this"))
    if state.gaps:
        findings.append(
            fail(area, f"the record of its migrations has gaps: {', '.join(state.gaps)}", WRITTEN_BESIDE)
        )
    return findings


async def look_at_data_folder(data: Data) -> Sequence[Finding]:
    """Return whether the bot could write where it has to, and how much room there is."""
    area, wal = "disk", f"{DATABASE}-wal"
    files = () if data.url else (DATABASE, wal, f"{DATABASE}-shm", LOCK)
    state = await asyncio.to_thread(look_at_disk, data.folder, files, wal)
    findings = []
    if state.closed:
        more = len(state.closed) - 1
        others = f", nor can {more} more" if more else ""
        findings.append(fail(area, f"{state.closed[0]} cannot be written{others}", CLOSED))
    seen = f"{state.free / _MEBIBYTE:.0f} MiB are free for {data.folder}"
    if state.free < LEAST_ROOM:
        findings.append(fail(area, f"{seen}: no request is accepted", "Free some space"))
    elif state.free < _LITTLE_ROOM:
        findings.append(warn(area, seen, "Free some space, or move storage.path to a larger disk"))
    else:
        findings.append(ok(area, seen))
    if state.wal > _LONG_WAL:
        findings.append(
            warn(
                "database",
                f"the write-ahead log has {state.wal / _MEBIBYTE:.0f} MiB",
                "Something keeps reading an old snapshot: close other programs that have the database open",
            )
        )
    return [*findings, *_left_over(data)]


async def set_channels(data: Data) -> list[tuple[int, str, int]]:
    """The channels that servers have set; none where the database's own findings say why."""
    try:
        async with data.inspector() as inspector:
            return await inspector.set_channels() if await inspector.is_current() else []
    except StorageError:
        return []


def _left_over(data: Data) -> list[Finding]:
    """What a restore left that was killed before it changed anything."""
    staging = data.folder / STAGING
    if not os.path.exists(staging):
        return []
    return [
        warn(
            "database",
            f"a restore was interrupted before it changed anything, and left {staging}",
            "It only takes room: the next restore removes it, or you do",
        )
    ]


async def look_at_blobs(data: Data, *, repair: bool) -> Sequence[Finding]:
    """Compare pictures and database; with `repair` remove those that no row has named for a day."""
    area = "pictures"
    try:
        async with data.inspector() as inspector:
            if not await inspector.is_current():
                return [not_looked_at(area)]
            state = await inspector.blobs()
    except StorageError as error:
        return [unreadable(area, data, error)]
    except OSError as error:
        return [
            fail(area, f"they cannot be read: {error.strerror}", "Look at the disk and the folder's rights")
        ]
    findings = []
    if state.missing:
        findings.append(
            fail(
                area,
                f"{len(state.missing)} are gone from the disk, such as {state.missing[0]}",
                "Restore their files from a backup: blobs/<first two characters>/<name>",
            )
        )
    if state.cut_off:
        findings.append(
            fail(
                area,
                f"{len(state.cut_off)} are cut off or have grown, such as {state.cut_off[0]}",
                "Look at the disk, and restore their files from a backup",
            )
        )
    if state.damaged:
        findings.append(
            fail(
                area,
                f"{len(state.damaged)} of {state.looked_at} are damaged, such as {state.damaged[0]}",
                "Look at the disk, and restore their files from a backup",
            )
        )
    findings += await _orphans(data, state, repair)
    if not findings:
        size = f"{state.size / _MEBIBYTE:.1f} MiB"
        findings.append(
            ok(area, f"{state.count} ({size}), all there; {state.looked_at} read and found whole, no orphans")
        )
    return findings


async def _orphans(data: Data, state: BlobState, repair: bool) -> list[Finding]:
    before = time.time() - _OLD_ENOUGH
    older = await asyncio.to_thread(older_blobs, data.folder, before)
    orphans = [path for path in state.orphans if path.name in older]
    if not orphans:
        return []
    if not state.used:
        return [
            warn(
                "pictures",
                f"{len(orphans)} are here and the database has had no request yet: it is not theirs",
                "Put a backup back, or move them away; nothing removes them",
            )
        ]
    if repair:
        removed, size = await asyncio.to_thread(remove_orphans, orphans, before)
        return [ok("pictures", f"{removed} orphans were removed ({size / _MEBIBYTE:.1f} MiB)")]
    return [
        warn(
            "pictures",
            f"{len(orphans)} are older than a day and no row of the database names them",
            "They only take room: `python -m bot doctor --repair` removes them",
        )
    ]


def unreadable(area: str, data: Data, error: StorageError) -> Finding:
    """The finding for data that cannot be read; the cause is told once."""
    if str(error) in data.told:
        return not_looked_at(area)
    data.told.add(str(error))
    if data.is_new():
        return warn(
            area, str(error), "The first start makes it. If there should be data, look at storage.path"
        )
    return fail(area, str(error), "See what it says; the bot cannot start like this")


def not_looked_at(area: str) -> Finding:
    """The finding for what the database would have to say, where its own finding says why it does not."""
    return warn(area, "it was not looked at", "See to what is said about the database, and repeat this")

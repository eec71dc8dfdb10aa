"""The data: database, ledger, audit, pictures, disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.clock import SystemClock
from bot.doctor.findings import Finding, fail, ok, warn
from bot.domain.ledger import Difference
from bot.errors import StorageError, StorageInUse
from bot.studio.reconcile import check_sums, reconcile
from storage.audit import AuditRepository
from storage.blob_folder import older_blobs, remove_orphans
from storage.blobs import LEAST_ROOM
from storage.inspection import BlobState, Inspector
from storage.safety import STAGING, has_files, was_interrupted
from storage.store import DATABASE, open_store

_MEBIBYTE = 2**20
_LITTLE_ROOM = 1024 * _MEBIBYTE
_LONG_WAL = 256 * _MEBIBYTE  # it is begun anew at 64 MB, while nobody reads an old snapshot
_OLD_ENOUGH = 86_400.0  # seconds, after which a picture that no row names will not get one
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Data:
    """Where an installation's data is."""

    url: str
    folder: Path

    def inspector(self) -> Inspector:
        return Inspector(self.url, self.folder, self.folder / DATABASE)

    def is_new(self) -> bool:
        """Whether nothing is missing although there is no database: nobody has started the bot yet."""
        if self.url or (self.folder / DATABASE).exists():
            return False
        return not has_files(self.folder) and not was_interrupted(self.folder)


async def look_at_database(data: Data, *, thorough: bool) -> Sequence[Finding]:
    """Return what is to be said about the database's version, wholeness and files."""
    area = "database"
    try:
        async with data.inspector() as inspector:
            state = await inspector.database(thorough=thorough)
            sizes = await inspector.sizes()
    except StorageError as error:
        return [_unreadable(area, data, error)]
    findings = []
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
    findings += [
        fail(area, f"it is damaged: {fault}", "Stop the bot and restore a backup") for fault in state.faults
    ]
    if not findings:
        checked = "every page and index checked" if thorough and not data.url else "it answers"
        findings.append(ok(area, f"{state.server}, schema {state.newest}, {checked}"))
    return [*findings, *_left_over(data), *_room(data, sizes)]


def _left_over(data: Data) -> list[Finding]:
    """What a restore left that was killed before it changed anything."""
    staging = data.folder / STAGING
    if not staging.exists():
        return []
    return [
        warn(
            "database",
            f"a restore was interrupted before it changed anything, and left {staging}",
            "It only takes room: the next restore removes it, or you do",
        )
    ]


async def look_at_ledger(data: Data, *, repair: bool) -> Sequence[Finding]:
    """Reconcile what was reserved and settled with the jobs, and the sums with the entries."""
    area = "ledger"
    try:
        async with data.inspector() as inspector:
            if not await inspector.is_current():
                return []  # the database's own finding says so
            state = await inspector.ledger()
        if repair and (state.unclosed or state.differences):
            return await _put_ledger_right(data)
    except StorageInUse:
        return [fail(area, "it cannot be put right while the bot is at work", "Stop the bot and repeat this")]
    except StorageError as error:
        return [_unreadable(area, data, error)]
    report = "Please report it with the log"
    wrong = [
        (state.unclosed, "ended and still hold a reservation", "The next start, or --repair, closes them"),
        (state.unreserved, "are not finished and have no reservation", report),
        (state.miscounted, "were settled for another number of images than they have", report),
    ]
    findings = [
        fail(area, f"{len(jobs)} jobs {what}, such as {', '.join(jobs[:_NAMED])}", remedy)
        for jobs, what, remedy in wrong
        if jobs
    ]
    if state.differences:
        seen = f"{len(state.differences)} sums differ from the entries: {_sums(state.differences)}"
        remedy = "Stop the bot; `python -m bot doctor --repair` makes them anew"
        findings.append(fail(area, seen, remedy))
    return findings or [ok(area, "every reservation belongs to a living job, settlements and sums are right")]


async def _put_ledger_right(data: Data) -> list[Finding]:
    """Close what is left open and make the sums anew, alone with the data."""
    area = "ledger"
    async with open_store(data.url, data.folder) as store:
        found = await reconcile(store, SystemClock())
        differences = await check_sums(store, repair=True)
    closed = [
        (found.released, "released what these jobs still held although they had ended"),
        (found.settled, "settled these jobs, whose pictures had not been charged"),
    ]
    done = [ok(area, f"{what}: {', '.join(jobs[:_NAMED])} ({len(jobs)})") for jobs, what in closed if jobs]
    if differences:
        done.append(ok(area, f"made the sums anew, because these differed: {_sums(differences)}"))
    return done


async def look_at_audit(data: Data) -> Sequence[Finding]:
    """Follow the audit's chain: whether an entry was changed or taken away."""
    area = "audit"
    try:
        async with data.inspector() as inspector:
            if not await inspector.is_current():
                return []
            chain = await inspector.read(lambda connection: AuditRepository(connection).verify())
    except StorageError as error:
        return [_unreadable(area, data, error)]
    if chain.whole:
        return [ok(area, f"its chain is whole: {chain.links} links")]
    seen = f"its chain is broken: link {chain.broken} {chain.fault}"
    remedy = "Somebody wrote to the database beside the bot: compare with a backup, and look who may"
    return [fail(area, seen, remedy)]


def _sums(differences: Sequence[Difference]) -> str:
    named = [f"{item.account} {item.account_id} by {item.images} images" for item in differences[:_NAMED]]
    return ", ".join(named)


async def look_at_blobs(data: Data, *, repair: bool) -> Sequence[Finding]:
    """Compare pictures and database; with `repair` remove those that no row has named for a day."""
    area = "pictures"
    try:
        async with data.inspector() as inspector:
            if not await inspector.is_current():
                return []
            state = await inspector.blobs()
    except StorageError as error:
        return [_unreadable(area, data, error)]
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


def _room(data: Data, sizes: dict[str, int]) -> list[Finding]:
    area, findings = "disk", []
    free = sizes["free"]
    seen = f"{free / _MEBIBYTE:.0f} MiB are free for {data.folder}"
    if free < LEAST_ROOM:
        findings.append(fail(area, f"{seen}: no request is accepted", "Free some space"))
    elif free < _LITTLE_ROOM:
        findings.append(warn(area, seen, "Free some space, or move storage.path to a larger disk"))
    else:
        findings.append(ok(area, seen))
    if sizes.get("wal", 0) > _LONG_WAL:
        findings.append(
            warn(
                "database",
                f"the write-ahead log has {sizes['wal'] / _MEBIBYTE:.0f} MiB",
                "Something keeps reading an old snapshot: close other programs that have the database open",
            )
        )
    return findings


def _unreadable(area: str, data: Data, error: StorageError) -> Finding:
    if data.is_new():
        return warn(
            area, str(error), "The first start makes it. If there should be data, look at storage.path"
        )
    return fail(area, str(error), "See what it says; the bot cannot start like this")

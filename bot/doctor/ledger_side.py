"""What is written down to be held against what happened: the ledger and the audit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clock import SystemClock
from bot.doctor.data_side import WRITTEN_BESIDE, Data, not_looked_at, unreadable
from bot.doctor.findings import Finding, fail, ok
from bot.domain.ledger import Difference
from bot.errors import StorageError, StorageInUse
from bot.studio.reconcile import check_sums, reconcile
from storage.audit import AuditRepository
from storage.store import open_store

_MICROS = 1_000_000  # in a dollar
_NAMED = 3


async def look_at_ledger(data: Data, *, repair: bool) -> Sequence[Finding]:
    """Reconcile what was reserved and settled with the jobs, and the sums with the entries."""
    area = "ledger"
    try:
        async with data.inspector() as inspector:
            if not await inspector.is_current():
                return [not_looked_at(area)]
            state = await inspector.ledger()
        if repair and not state.bereft and (state.unclosed or state.differences):
            return await _put_ledger_right(data)
    except StorageInUse:
        return [fail(area, "it cannot be put right while the bot is at work", "Stop the bot and repeat this")]
    except StorageError as error:
        return [unreadable(area, data, error)]
    report = "Please report it with the log"
    wrong = [
        (state.unclosed, "ended and still hold a reservation", "The next start, or --repair, closes them"),
        (state.unreserved, "are not finished and have no reservation", report),
        (state.miscounted, "were settled for another number of images than they have", report),
        # The sums are the last that knows of them: --repair leaves everything as it is then.
        (state.bereft, "ended and have no entries any more", WRITTEN_BESIDE),
    ]
    findings = [
        fail(area, f"{len(jobs)} jobs {what}, such as {', '.join(jobs[:_NAMED])}", remedy)
        for jobs, what, remedy in wrong
        if jobs
    ]
    if state.differences:
        seen = f"{len(state.differences)} sums differ from the entries: {_sums(state.differences)}"
        remedy = (
            WRITTEN_BESIDE
            if state.bereft
            else "Did somebody write to the database? Compare it with a backup. Then stop the bot;"
            " `python -m bot doctor --repair` makes them anew from the entries"
        )
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
                return [not_looked_at(area)]
            chain = await inspector.read(lambda connection: AuditRepository(connection).verify())
    except StorageError as error:
        return [unreadable(area, data, error)]
    if chain.whole:
        return [ok(area, f"its chain is whole: {chain.links} links")]
    seen = f"its chain is broken: link {chain.broken} {chain.fault}"
    return [fail(area, seen, WRITTEN_BESIDE)]


def _sums(differences: Sequence[Difference]) -> str:
    return ", ".join(_sum(item) for item in differences[:_NAMED])


def _sum(item: Difference) -> str:
    """Whose sum it is, and by how much it is too high."""
    parts = [f"{item.images} images"] if item.images else []
    if item.micros:
        parts.append(f"{'-' * (item.micros < 0)}${abs(item.micros) / _MICROS:.6f}")
    return f"{item.account} {item.account_id} by {' and '.join(parts)}"

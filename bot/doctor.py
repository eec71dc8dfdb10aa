"""``python -m bot doctor``: what is wrong with the data, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.ledger import Difference
from bot.studio.ports import Clock, Store
from bot.studio.reconcile import check_sums, reconcile

SHOWN = 10


async def examine(store: Store, clock: Clock) -> tuple[list[str], bool]:
    """Put the ledger right; return what to print, and whether all was well before.

    Not while a bot works on the same data: a sum that is made anew would miss what it writes meanwhile.
    """
    found = await reconcile(store, clock)
    differences = await check_sums(store, repair=True)
    lines = [
        *_jobs("released what these jobs still held although they had ended", found.released),
        *_jobs("settled these jobs, whose pictures had not been charged", found.settled),
        *_jobs("these jobs wait or run without a reservation, tell the developers", found.unreserved),
        *_differences(differences),
    ]
    if not lines:
        return ["ledger: every reservation belongs to a living job, and all sums are right"], True
    return lines, False


def _jobs(what: str, jobs: Sequence[str]) -> list[str]:
    return [f"ledger: {what}: {_some(list(jobs))}"] if jobs else []


def _differences(differences: Sequence[Difference]) -> list[str]:
    if not differences:
        return []
    named = [f"{item.account} {item.account_id} by {item.images} images" for item in differences]
    return [f"ledger: made the sums anew, because these differed from the entries: {_some(named)}"]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

"""Putting the ledger right: at every start, and by `doctor`.

Every reservation belongs to a job that will close it. One whose job has ended (a bug, a database that was
edited or restored by hand) would hold a member's images for ever.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.jobs import JobState
from bot.domain.ledger import Difference, Entry
from bot.errors import StaleState
from bot.studio.closing import release_job, settle_job
from bot.studio.ports import Clock
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

MOST_DIFFERENCES = 100  # that are named


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found and done."""

    released: tuple[str, ...] = ()  # jobs that had ended without a picture, and held something back
    settled: tuple[str, ...] = ()  # jobs whose pictures were not charged
    unreserved: tuple[str, ...] = ()  # unfinished jobs with no reservation: they go on, and fail to settle
    differences: tuple[Difference, ...] = ()  # sums that were wrong, where they were checked


async def reconcile(store: Store, clock: Clock) -> Reconciled:
    """Close the reservations that nobody will close any more. Safe to repeat, and beside other processes."""
    async with store.reading() as tx:
        left_open = await tx.ledger.left_open()
        unreserved = tuple(await tx.ledger.unreserved())
    released, settled = [], []
    for reservation in left_open:
        job_id = reservation.job_id
        try:
            was_settled = await _close(store, reservation, clock.now())
        except StaleState:
            continue  # another process was faster
        if was_settled:
            settled.append(job_id)
            log.warning("job %s had made its pictures and was not charged: it is settled now", job_id)
        else:
            released.append(job_id)
            held = reservation.reserved_images
            log.warning("job %s had ended and still held %d images: they are released now", job_id, held)
    for job_id in unreserved:
        log.error("job %s is not finished and has no reservation", job_id)
    return Reconciled(tuple(released), tuple(settled), unreserved)


async def check_sums(store: Store, *, repair: bool) -> tuple[Difference, ...]:
    """Compare the sums with all entries, and make them anew where they differ. Not while others write."""
    async with store.reading() as tx:
        found = tuple(await tx.ledger.differences(MOST_DIFFERENCES))
    if found and repair:
        async with store.transaction() as tx:
            await tx.ledger.sum_up_again()
        log.warning("the ledger's sums differed from its entries and were made anew: %s", found)
    return found


async def _close(store: Store, reservation: Entry, now: int) -> bool:
    """Close one reservation; return whether its job had made something."""
    async with store.transaction() as tx:
        job = await tx.jobs.get(reservation.job_id)
        images = len(await tx.images.of_job(reservation.job_id))
        made = images or not reservation.reserved_images  # a description has no image
        if job is not None and job.state is JobState.SUCCEEDED and made:
            micros = reservation.reserved_micros if job.cost_micros is None else job.cost_micros
            await settle_job(
                tx, reservation, images=min(images, reservation.reserved_images), micros=micros, now=now
            )
            return True
        await release_job(tx, reservation, now=now)
        return False

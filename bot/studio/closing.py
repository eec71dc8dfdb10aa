"""The end of a job's reservation, within the transaction that justifies it."""

from __future__ import annotations

from bot.domain.grants import return_entry, returns_for
from bot.domain.ledger import Entry, lose, release, settle
from bot.studio.store_ports import Transaction


async def settle_job(tx: Transaction, reservation: Entry, *, images: int, micros: int, now: int) -> None:
    """Charge what was made, and give back the rest of what was held."""
    await tx.ledger.append(settle(reservation, images=images, micros=micros, now=now))
    await _give_back(tx, reservation, images, now)


async def release_job(tx: Transaction, reservation: Entry, *, now: int, lost_micros: int = 0) -> None:
    """Give back all of what was held. `lost_micros` is what the provider charges for nevertheless."""
    await tx.ledger.append(release(reservation, now=now))
    if lost_micros:
        await tx.ledger.append_loss(lose(reservation, micros=lost_micros, now=now))
    await _give_back(tx, reservation, 0, now)


async def _give_back(tx: Transaction, reservation: Entry, settled: int, now: int) -> None:
    """Return to the grants what was drawn on them and is not used: nothing, where all of it was."""
    if settled == reservation.reserved_images:
        return
    draws = await tx.grants.draws_of(reservation.job_id)
    for back in returns_for(draws, reservation.reserved_images, settled):
        await tx.grants.append(return_entry(back, reservation.job_id, reservation.charged_at, now))

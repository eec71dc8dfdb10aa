"""Taking back what nobody has begun to work on."""

from __future__ import annotations

from bot.domain.conversations import Turn, TurnState
from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.errors import StaleState
from bot.studio.closing import release_job
from bot.studio.ports import Transaction


async def cancel_waiting(tx: Transaction, turn: Turn, now: int) -> Job | None:
    """Cancel a turn that waits, and release what it held back; return its job, or None where it is at work.

    Who asked by a message is not answered: it is their own doing, or there is nowhere left to answer. A card
    of an interaction is still to be told.
    """
    job = await tx.jobs.get(turn.job_id)
    if job is None or job.state is not JobState.CREATED:
        return None
    reservation = await tx.ledger.reservation_of(job.id)
    delivery = await tx.deliveries.get(job.id)
    if reservation is None or delivery is None:
        raise LookupError(f"job {job.id} has no reservation or no delivery")
    cancelled = job.to(JobState.FAILED, now, failure=Failure(FailureCode.CANCELLED))
    try:
        await tx.jobs.save(cancelled, JobState.CREATED, FailureCode.CANCELLED)
    except StaleState:  # a worker was faster
        return None
    await release_job(tx, reservation, now=now)
    state = DeliveryState.PENDING if job.origin.message_id is None else DeliveryState.SENT
    await tx.deliveries.save(delivery.evolve(state=state, updated_at=now))
    await tx.conversations.save_turn(turn.evolve(state=TurnState.FAILED))
    return cancelled

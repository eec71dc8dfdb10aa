"""Taking back what nobody has begun to work on."""

from __future__ import annotations

from bot.domain.conversations import Turn, TurnState
from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.errors import StaleState
from bot.studio.closing import release_job
from bot.studio.store_ports import Transaction


async def take_back(tx: Transaction, job: Job, now: int, *, delivery: DeliveryState) -> Job:
    """Cancel a job that waits, release what it held back, and take its turn out of its conversation.

    `delivery` is what becomes of its answer. Raises StaleState where a worker was faster.
    """
    if job.state is not JobState.CREATED:
        raise StaleState(f"job {job.id} does not wait any more")
    reservation = await tx.ledger.reservation_of(job.id)
    if reservation is None:
        raise LookupError(f"job {job.id} has no reservation")
    cancelled = job.to(JobState.FAILED, now, failure=Failure(FailureCode.CANCELLED))
    await tx.jobs.save(cancelled, JobState.CREATED, FailureCode.CANCELLED)
    await release_job(tx, reservation, now=now)
    await tx.deliveries.set_state(job.id, delivery, now=now)
    turn = await tx.turns.get(job.id)
    if turn is not None:
        await tx.turns.save(turn.evolve(state=TurnState.FAILED))
    return cancelled


async def take_back_turn(tx: Transaction, turn: Turn, now: int) -> Job | None:
    """Cancel a turn that waits; return its job, or None where it is at work.

    Who asked by a message is not answered: it is their own doing, or there is nowhere left to answer. A card
    of an interaction is still to be told.
    """
    job = await tx.jobs.get(turn.job_id)
    if job is None or job.state is not JobState.CREATED:
        return None
    by_message = job.origin.message_id is not None
    try:
        return await take_back(
            tx, job, now, delivery=DeliveryState.SENT if by_message else DeliveryState.PENDING
        )
    except StaleState:  # a worker was faster
        return None

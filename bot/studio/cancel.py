"""Cancelling a request: for nothing while it waits, and while it is made as far as that saves money.

A call that is under way is paid for whether somebody waits for its end or not, so it goes on and its picture
is kept; what has not begun is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.audit import JOB_CANCELLED, AuditEntry, entry_id
from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import Job, JobState
from bot.errors import Gone, NotAllowed, StaleState
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction
from bot.studio.taking_back import take_back
from bot.studio.work import Workers


class Cancelling(StrEnum):
    """What came of it."""

    DONE = "done"  # it waited: nothing was made, nothing is charged
    REST = "rest"  # it was at work: what had not begun is left out
    TOO_LATE = "too_late"  # everything was under way or done: it costs the same
    AGAIN = "again"  # somebody cancelled it before


@dataclass(frozen=True, slots=True)
class CancelResult:
    """What came of it, and how many pictures are left out by it."""

    what: Cancelling
    left_out: int = 0


class Cancellations:
    """Cancels jobs for their owners, and for the moderators of the server they are made in."""

    def __init__(self, store: Store, workers: Workers, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._workers = workers
        self._clock = clock
        self._new_id = new_id

    async def cancel(self, job_id: str, person: Person) -> CancelResult:
        """Cancel a job as far as that is still possible.

        Raises Gone where there is no such job for this person, NotAllowed where it is somebody else's.
        """
        for _ in range(2):
            async with self._store.reading() as tx:
                job = await tx.jobs.get(job_id)
            if job is None:
                raise Gone
            _check(person, job)
            if job.state is not JobState.CREATED:
                return await self._cancel_running(job, person)
            try:
                await self._cancel_waiting(job, person)
            except StaleState:
                continue  # a worker took it in this very moment
            self._workers.deliver(job.id)
            return CancelResult(Cancelling.DONE, job.request.options.count)
        return CancelResult(Cancelling.TOO_LATE)

    async def _cancel_waiting(self, job: Job, person: Person) -> None:
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await take_back(tx, job, now, delivery=DeliveryState.PENDING)
            await self._note(tx, job, person, now)

    async def _cancel_running(self, job: Job, person: Person) -> CancelResult:
        if job.state is not JobState.RUNNING:
            return CancelResult(Cancelling.TOO_LATE)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            noted = await tx.jobs.cancel_running(job.id, now)
            if noted is not None:
                await self._note(tx, job, person, now)
        if noted is None:
            return CancelResult(Cancelling.AGAIN if job.cancelled_at is not None else Cancelling.TOO_LATE)
        left_out = self._workers.cancel(job.id)
        if left_out is None:  # another process works on it: it is told there
            return CancelResult(Cancelling.REST)
        return CancelResult(Cancelling.REST if left_out else Cancelling.TOO_LATE, left_out)

    async def _note(self, tx: Transaction, job: Job, person: Person, now: int) -> None:
        """What is done to others is in the audit."""
        if person.id == job.origin.member_id:
            return
        entry = AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=job.origin.guild_id,
            actor_id=person.id,
            at=now,
            action=JOB_CANCELLED,
            target=job.id,
            data={"member_id": job.origin.member_id},
        )
        await tx.audit.append(entry)


def _check(person: Person, job: Job) -> None:
    origin = job.origin
    if person.id == origin.member_id:
        return
    if job.request.private or person.guild_id is None or person.guild_id != origin.guild_id:
        raise Gone
    if not person.moderator:
        raise NotAllowed("cancel")

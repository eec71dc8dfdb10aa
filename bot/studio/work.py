"""The workers: claim what may run next, run it, keep its lease, and stop in good order."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Container, Sequence

from bot.domain.jobs import Job
from bot.domain.progress import Ticket
from bot.errors import StorageError
from bot.studio.about import tell
from bot.studio.bounds import Bounds
from bot.studio.claims import Claims
from bot.studio.deliver import Deliverer
from bot.studio.job_guard import SECONDS_TO_GIVE_BACK, JobGuard, Work
from bot.studio.job_tasks import JobTasks, end_now
from bot.studio.lanes import Lanes
from bot.studio.notifier_ports import Notifier
from bot.studio.patience import Patience
from bot.studio.perform import Performer
from bot.studio.ports import Clock, Waits
from bot.studio.store_ports import Store, Transaction
from bot.studio.watch import Watch

log = logging.getLogger(__name__)

# With more in one transaction, the first of them would wait for the others' statements.
CLAIMED_TOGETHER = 16

EVER = 2**62  # later than every lease


class Workers:
    """Runs jobs. `wake` says that there may be something to claim; `run` goes on until `drain`.

    Every running job is a named task that this object holds. Where a test world has to recognise waiting,
    it goes through `waits`: for work here, for a turn and for the provider in `Asker`.
    """

    def __init__(
        self,
        *,
        store: Store,
        performer: Performer,
        deliverer: Deliverer,
        notifier: Notifier,
        lanes: Lanes,
        watch: Watch,
        clock: Clock,
        owner: str,
        waits: Waits,
        bounds: Bounds,
    ) -> None:
        self._store = store
        self._performer = performer
        self._deliverer = deliverer
        self._notifier = notifier
        self._guard = JobGuard(store, performer, clock)
        self._lanes = lanes
        self._watch = watch
        self._clock = clock
        self._owner = owner
        self._waits = waits
        self.bounds = bounds  # may be set anew while the bot runs
        self._patiently = Patience(clock, waits)
        self._wake = asyncio.Event()
        self._stopping = False
        self._claims = Claims()
        # What tasks of jobs begin with, whoever starts them: nothing that an interaction is about.
        self._context: contextvars.Context | None = None
        self._jobs = JobTasks()
        self._deliveries = JobTasks()

    def wake(self) -> None:
        """Say that there may be work."""
        self._wake.set()

    @property
    def running(self) -> int:
        """How many jobs run in this process."""
        return len(self._jobs)

    @property
    def jobs(self) -> Container[str]:
        """The ids of the jobs that run in this process."""
        return self._jobs

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping

    async def run(self) -> None:
        """Claim and start jobs until `drain` is called."""
        self._context = contextvars.copy_context()
        while not self._stopping:
            await self._notifier.acknowledged()  # in a burst, nothing begins before everybody was answered
            self._wake.clear()
            try:
                await self._patiently(self._claim_all, "claiming")
            except StorageError as error:
                log.error("no job can be claimed, upkeep tries again: %s", error)
            await self._waits(self._wake.wait(), "work")

    async def recover(self) -> None:
        """Bring what an earlier run left unfinished back on its way, in the background."""
        await self._lanes.load()
        await self.take_over()
        await self.deliver_left()
        self.wake()

    def deliver(self, job_id: str) -> None:
        """Deliver a finished job in the background."""
        if job_id not in self._deliveries:
            self._deliveries.start(job_id, self._deliver_guarded(job_id), "deliver")

    def cancel(self, job_id: str) -> int | None:
        """Make no more calls for a job; return how many had not begun, None where it does not run here."""
        if job_id not in self._jobs:
            return None
        return self._performer.cancel(job_id)

    async def drain(self, seconds: float) -> None:
        """Stop claiming, let what runs finish within `seconds`, then give the rest back."""
        self._stopping = True
        self.wake()
        ending = asyncio.create_task(self._end_of_all(), name="drain")
        deadline = asyncio.create_task(self._sleep(seconds), name="drain deadline")
        try:
            await asyncio.wait({ending, deadline}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_now(ending, deadline)
        await self._claims.end()
        while tasks := self._tasks():
            await end_now(*tasks)
        await self._let_go()

    async def _let_go(self) -> None:
        """Let other processes, and the next start, take the deliveries that were not finished here."""
        if self._deliverer.leases.sole:
            return
        try:
            async with asyncio.timeout(SECONDS_TO_GIVE_BACK), self._store.transaction() as tx:
                await self._deliverer.leases.release(tx)
        except (StorageError, TimeoutError) as error:
            log.warning("deliveries were not given back, their leases will end: %r", error)

    async def _end_of_all(self) -> None:
        """Return when nothing runs any more."""
        async with self._claims.settled():
            pass  # a claim that is under way becomes a task or nothing
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def _sleep(self, seconds: float) -> None:
        await self._waits(self._clock.sleep(seconds), "drain")

    # --- beginning where it is accepted -------------------------------------------------------------------

    async def accept(self, decide: Callable[[Transaction], Awaitable[Ticket]]) -> Ticket:
        """Accept a request, and begin its job at once where that may be (`beginning_ports.Beginner`)."""
        ready = self._context is not None and not self._stopping and self._claims.allowed
        begun = self.running + self._claims.beside  # what is under way has taken its place already
        begins = ready and self._notifier.calm and begun < self.bounds.running
        return await self._claims.aside(self._accept(decide, begins), claims=begins)

    async def _accept(self, decide: Callable[[Transaction], Awaitable[Ticket]], begins: bool) -> Ticket:
        ticket, job = await self._store.write(lambda tx: self._decide_and_claim(tx, decide, begins))
        if job is not None:
            self._start(job)
        elif not ticket.repeated:
            self.wake()
        return ticket

    async def _decide_and_claim(
        self, tx: Transaction, decide: Callable[[Transaction], Awaitable[Ticket]], begins: bool
    ) -> tuple[Ticket, Job | None]:
        """Accept a job, and claim it where it may begin and is the one that admission takes next.

        It changes nothing but the database, because it may run twice: who was claimed is what it returns.
        """
        ticket = await decide(tx)
        if not begins or ticket.repeated or ticket.ahead:
            return ticket, None
        return ticket, await self._claim_one(tx, ticket.job.id)

    # --- one job ------------------------------------------------------------------------------------------

    async def _claim_all(self) -> None:
        while await self._claim_next():
            pass

    async def _claim_next(self) -> bool:
        async with self._claims.in_turn():
            if self._stopping:
                return False
            jobs = await self._store.write(lambda tx: self._claim(tx, CLAIMED_TOGETHER))
            for job in jobs:
                self._start(job)
        return len(jobs) == CLAIMED_TOGETHER

    async def _claim(self, tx: Transaction, limit: int) -> Sequence[Job]:
        """Claim what may run now; the bounds count each one before the next."""
        jobs: list[Job] = []
        while len(jobs) < limit:
            job = await self._claim_one(tx)
            if job is None:
                break
            jobs.append(job)
        return jobs

    async def _claim_one(self, tx: Transaction, only: str | None = None) -> Job | None:
        now = self._clock.now()
        return await tx.jobs.claim(
            self._owner,
            now=now,
            lease_until=self.bounds.lease_from(now),
            max_running=self.bounds.running,
            max_per_member=self.bounds.per_member,
            only=only,
        )

    def _start(self, job: Job) -> None:
        """Work on a job that was claimed."""
        context = self._context or contextvars.copy_context()
        context.run(self._jobs.start, job.id, self._work_on(job, self._perform), "job")

    async def _perform(self, job: Job) -> bool:
        await self._performer.perform(job)
        return True

    async def _work_on(self, job: Job, work: Work) -> None:
        """Do a job's work, and have it delivered where it came to its end."""
        ended = await self._guard.run(job, work)
        self.wake()
        if ended:
            self._watch.ended(job)
            self.deliver(job.id)

    async def _deliver_guarded(self, job_id: str) -> None:
        tell(job=job_id)
        try:
            await self._deliverer.deliver(job_id)
        except Exception:
            log.exception("delivery of job %s broke, it is left to upkeep", job_id)

    # --- what was left behind -----------------------------------------------------------------------------

    async def take_over(self) -> None:
        """Go on with jobs that are at work by their state and that nobody works on."""
        now = self._clock.now()
        async with self._claims.settled():
            held = set(self._jobs)
            async with self._store.reading() as tx:
                at_work = await tx.jobs.abandoned(EVER)
            for job in at_work:
                if job.id not in held and job.id not in self._jobs and self._is_abandoned(job, now):
                    log.info("recovering job %s: %s after %d attempts", job.id, job.state, job.attempts)
                    self._jobs.start(job.id, self._work_on(job, self._performer.recover), "recover")

    def _is_abandoned(self, job: Job, now: int) -> bool:
        return self._deliverer.leases.sole or job.lease_owner == self._owner or (job.lease_until or 0) <= now

    async def deliver_left(self) -> None:
        """Deliver what is finished and nobody delivers, here or elsewhere."""
        async with self._store.reading() as tx:
            left = await self._deliverer.leases.left(tx)
        for job_id in left:
            if job_id not in self._jobs:
                self.deliver(job_id)

    async def cancel_told(self) -> None:
        """Stop what another process was told to cancel while it runs here."""
        if self._jobs:
            async with self._store.reading() as tx:
                cancelled = await tx.jobs.cancelled_of(self._owner)
            for job_id in cancelled:
                self.cancel(job_id)

    async def renew(self) -> None:
        """Renew the leases of what runs and what is delivered here."""
        if self._jobs:
            async with self._store.transaction() as tx:
                await tx.jobs.renew_leases(self._owner, until=self.bounds.lease_from(self._clock.now()))
        if self._deliveries and not self._deliverer.leases.sole:
            async with self._store.transaction() as tx:
                await self._deliverer.leases.renew(tx)

    # --- tasks --------------------------------------------------------------------------------------------

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*self._jobs.tasks, *self._deliveries.tasks]

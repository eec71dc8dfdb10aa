"""Who waits how long when one member asks for two hundred pictures: admission itself, on simulated time.

Nothing is measured here that depends on the machine: jobs of ten seconds are claimed by the real statement on
a real database, and the clock jumps from one end to the next.
"""

from __future__ import annotations

import heapq
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.report import Figure, Section
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.requests import Kind, Options, Origin, Request
from storage import Store, open_store

SECOND = 1000
TOOK = 10 * SECOND
START = 1_790_000_000_000
HOG = 1


@dataclass
class Simulation:
    """Workers that claim and finish jobs. `waits` has the milliseconds of each job by member."""

    store: Store
    workers: int
    now: int = START
    number: int = 0
    at_work: list[tuple[int, str]] = field(default_factory=list)
    running: dict[str, Job] = field(default_factory=dict)
    waits: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    async def ask(self, member: int, count: int = 1, priority: int = 0) -> None:
        """Accept requests of a member now."""
        async with self.store.transaction() as tx:
            for _ in range(count):
                self.number += 1
                request = Request(Kind.GENERATE, "a lighthouse", Options("gemini-nano-banana-2.1"))
                origin = Origin(f"i:{self.number}", 1, member, 1, 1, None, self.now, 10**7)
                job = Job(f"{self.number:07d}", JobState.CREATED, request, origin, self.now, self.now)
                await tx.jobs.insert(job.evolve(priority=priority))

    async def fill(self) -> None:
        """Claim as long as a worker is free."""
        while True:
            async with self.store.transaction() as tx:
                job = await tx.jobs.claim(
                    *("simulation",),
                    now=self.now,
                    lease_until=self.now + 10**9,
                    max_running=self.workers,
                    max_per_member=10_000,
                )
            if job is None:
                return
            self.waits[job.origin.member_id].append(self.now - job.created_at)
            self.running[job.id] = job
            heapq.heappush(self.at_work, (self.now + TOOK, job.id))

    async def step(self) -> bool:
        """Let the next job end, and claim; False where nothing is at work."""
        if not self.at_work:
            return False
        self.now, job_id = heapq.heappop(self.at_work)
        job = self.running.pop(job_id)
        async with self.store.transaction() as tx:
            ended = job.to(JobState.FAILED, self.now, failure=Failure(FailureCode.UNKNOWN))
            await tx.jobs.save(ended, JobState.RUNNING)
        await self.fill()
        return True

    def seconds(self, member: int) -> list[float]:
        """How long a member's requests waited, in order of their beginning."""
        return [wait / SECOND for wait in self.waits[member]]


async def one_hog(store: Store, workers: int, others: int = 9) -> Simulation:
    """One member asks for 200 pictures; half a minute later others ask for one, and later for ten each."""
    simulation = Simulation(store, workers)
    await simulation.ask(HOG, 200)
    await simulation.fill()
    for _ in range(3 * workers):
        await simulation.step()
    for member in range(2, 2 + others):
        await simulation.ask(member)
    for _ in range(2 * others):
        await simulation.step()
    for member in range(2, 2 + others):
        await simulation.ask(member, 10)
    while await simulation.step():
        pass
    return simulation


async def fairness(quick: bool) -> Section:
    """Print the waiting times."""
    workers = 4
    with tempfile.TemporaryDirectory(prefix="bench-fairness-") as folder:
        async with open_store("", Path(folder)) as store:
            simulation = await one_hog(store, workers, others=3 if quick else 9)
    others = [simulation.seconds(member) for member in simulation.waits if member != HOG]
    hog = simulation.seconds(HOG)
    rounds = -(-len(others) // workers)  # those who came at the same time wait for one another as well
    return Section(
        "fairness",
        "who waits how long (simulated seconds; nothing here depends on the machine)",
        [
            Figure("others' first request, longest", "s", max(w[0] for w in others), most=10.0 * rounds),
            Figure("others' next ten requests, median", "s", median(x for w in others for x in w[1:])),
            Figure("others' next ten requests, longest", "s", max(x for w in others for x in w[1:])),
            Figure("the 200 of one member, median", "s", median(hog)),
            Figure("the 200 of one member, longest", "s", max(hog)),
        ],
        [f"{workers} workers, 10 s a job; one member asks for 200 at once, {len(others)} others later"],
    )

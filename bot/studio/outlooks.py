"""What those who wait are told about time: from how long the same model took lately for the same size."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.catalogue import Catalogue
from bot.domain.jobs import Job
from bot.domain.outlook import Latency, Outlook, latency_of, outlook
from bot.errors import InvalidRequest
from bot.studio.lanes import Lanes
from bot.studio.ports import Clock
from bot.studio.store_ports import Transaction

SAMPLES = 50  # finished jobs
OLDEST = 24 * 60 * 60_000  # milliseconds: yesterday's speed says little
FRESH = 30.0  # seconds for which a latency is not looked up again


class Outlooks:
    """Estimates, with the latencies of models remembered for a moment."""

    def __init__(self, catalogue: Catalogue, lanes: Lanes, clock: Clock, places: int) -> None:
        self._catalogue = catalogue
        self._lanes = lanes
        self._clock = clock
        self._places = places
        self._known: dict[tuple[str, str], tuple[float, Latency | None]] = {}

    def begins_at_once(self, at_work: int, waiting: int) -> bool:
        """Whether one more job finds room although others are there."""
        return not self._lanes.limited and at_work + waiting < self._places

    def remembered(self, job: Job, ahead: int) -> Outlook:
        """Return what can be said about a job that `ahead` others go before, from what was looked up last."""
        lane, now = self._lanes.lane(job.model), self._clock.now()
        fallback = job.request.fallback
        if fallback is not None and lane.is_down(now) and not self._lanes.is_broken(fallback):
            return Outlook(trouble=lane.trouble(now), instead=fallback)
        latency = self._known.get(_key(job), (0.0, None))[1]
        return outlook(
            latency,
            ahead=ahead,
            places=self._places,
            per_minute=lane.pace.per_minute,
            trouble=lane.trouble(now),
            now=now,
        )

    async def of_waiting(self, tx: Transaction, waiting: Sequence[Job]) -> list[Outlook]:
        """Return the outlooks of jobs in the order in which they begin."""
        for job in {_key(job): job for job in waiting}.values():
            await self._look_up(tx, job)
        return [self.remembered(job, ahead) for ahead, job in enumerate(waiting)]

    async def _look_up(self, tx: Transaction, job: Job) -> None:
        """Remember how long a job's model took lately for its size."""
        model, size = _key(job)
        known = self._known.get((model, size))
        if known is not None and self._clock.monotonic() - known[0] < FRESH:
            return
        since = self._clock.now() - OLDEST
        took: list[int] = []
        for name in self._names_of(model, size):
            took += await tx.jobs.latencies(model, name, since=since, limit=SAMPLES)
        self._known[model, size] = self._clock.monotonic(), latency_of(took)

    def _names_of(self, model: str, size: str) -> set[str]:
        """A model's own size is asked for by its name as well as by none."""
        try:
            own = self._catalogue.resolve(model).model.sizes[0].name
        except InvalidRequest:
            return {size}
        return {"", own} if size in ("", own) else {size}


def _key(job: Job) -> tuple[str, str]:
    return job.model, job.request.options.size or ""

"""Requests that wait in vain: for longer than anybody should, or for calls that there will not be today."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from bot.domain.jobs import FailureCode, Job
from bot.errors import StaleState
from bot.studio.lanes import Lanes
from bot.studio.perform import Performer
from bot.studio.ports import Clock
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)


class WaitingInVain:
    """Fails what waits in vain. Every method gives the jobs that it has failed, to be delivered.

    `longest` is how long anybody may wait, in seconds from the request to the beginning of its work.
    """

    def __init__(
        self, *, store: Store, performer: Performer, lanes: Lanes, clock: Clock, longest: float
    ) -> None:
        self._store = store
        self._performer = performer
        self._lanes = lanes
        self._clock = clock
        self._longest = int(longest * 1000)

    async def too_long(self) -> AsyncIterator[Job]:
        """Fail what has waited for longer than anybody should."""
        async with self._store.reading() as tx:
            expired = await tx.jobs.waiting_since(self._clock.now() - self._longest)
        for job in expired:
            if await self._failed(job, FailureCode.EXPIRED):
                log.info("job %s waited too long", job.id)
                yield job

    async def without_quota(self) -> AsyncIterator[Job]:
        """Fail what finds the day's quota used up, where the next day begins too late."""
        await self._lanes.keep_up()
        now = self._clock.now()
        for lane in self._lanes.all:
            if not lane.day.is_used_up(now):
                continue
            async with self._store.reading() as tx:
                waiting = await tx.lanes.waiting_for(lane.model, lane.day.until - self._longest)
            for job in waiting:
                fallback = job.request.fallback
                if fallback is not None and not self._lanes.is_broken(fallback):
                    continue
                if await self._failed(job, FailureCode.QUOTA):
                    log.info("job %s finds the day's quota used up", job.id)
                    yield job

    async def _failed(self, job: Job, code: FailureCode) -> bool:
        """Fail a job; False where it was claimed, or cancelled, in this very moment."""
        try:
            await self._performer.fail(job, code)
        except StaleState:
            return False
        return True

"""The way to each model: whether calls may begin, what their ends say, and telling admission about it.

A lane is a value (`bot.domain.lanes`); here it is kept, for this process and in the database, where admission
reads it for every process. What is learnt is written down before anybody else is let in by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from bot.domain.breaker import POLICY, BreakerPolicy
from bot.domain.lanes import Lane, Trouble
from bot.domain.pace import LOWEST
from bot.domain.queue import MINUTE
from bot.errors import StorageError, Throttled
from bot.studio.ports import Clock, Waits
from bot.studio.quota_days import CallsOfDay, quota_day
from bot.studio.recent_calls import RecentCalls
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

SECONDS_TO_SEE = 2.0


class Lanes:
    """All models' ways. `limited` says whether anything is held back that time alone lets go."""

    def __init__(self, store: Store, clock: Clock, waits: Waits, policy: BreakerPolicy = POLICY) -> None:
        self._store = store
        self._clock = clock
        self._waits = waits
        self._policy = policy
        self._lanes: dict[str, Lane] = {}
        self._recent = RecentCalls()
        self._today = CallsOfDay()
        self._probes: dict[str, str] = {}  # the job whose call finds out whether the day has more, by model
        self._written: dict[str, tuple[int | None, ...]] = {}  # what admission knows of each lane
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Take up what an earlier run learnt, and what it has called today."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            self._lanes = {lane.model: lane for lane in await tx.lanes.all()}
            self._today.began_before(now, await tx.lanes.begun_since(quota_day(now).start))
        self._written = {model: _for_admission(lane) for model, lane in self._lanes.items()}
        self._close_days()

    def lane(self, model: str) -> Lane:
        """Return what is known about a model."""
        return self._lanes.get(model) or Lane(model)

    @property
    def all(self) -> tuple[Lane, ...]:
        """Everything that is known."""
        return tuple(self._lanes.values())

    @property
    def limited(self) -> bool:
        """Whether some jobs wait for nothing but time."""
        now = self._clock.now()
        return any(
            lane.at_once is not None or lane.pace.per_minute is not None or lane.paused_until > now
            for lane in self._lanes.values()
        )

    def trouble(self, model: str) -> Trouble | None:
        """Return what keeps calls of a model waiting now."""
        return self.lane(model).trouble(self._clock.now())

    def is_broken(self, model: str) -> bool:
        """Whether calls of a model are of little use now: it fails again and again, or its day is used up."""
        return self.lane(model).is_down(self._clock.now())

    def calls_today(self, model: str) -> int:
        """How many calls of a model the provider's day has had, as far as this process knows."""
        return self._today.of(model, self._clock.now())

    async def keep_up(self) -> None:
        """Count what other processes called, and write down what was learnt between calls."""
        now = self._clock.now()
        known = [model for model, lane in self._lanes.items() if lane.day.limit is not None]
        if known:
            async with self._store.reading() as tx:
                begun = {model: await tx.lanes.calls_of(model, quota_day(now).start) for model in known}
            for model, (calls, _waiting) in begun.items():
                self._today.count(model, now, max(0, calls - self._today.of(model, now)))
            self._close_days()
        for model in list(self._lanes):
            await self._write(model)

    def _close_days(self) -> None:
        """Close the days that have had their calls."""
        now = self._clock.now()
        for model, lane in self._lanes.items():
            if lane.day.is_reached(now, self._today.of(model, now)):
                self._lanes[model] = lane.with_day(lane.day.reached(now, until=quota_day(now).end))
                log.warning("%s has had the %s calls of its day", model, lane.day.limit)

    # --- before a call ------------------------------------------------------------------------------------

    async def clear(self, model: str, until: float | None = None) -> bool:
        """Wait until a call may begin; False where it may not before `until` (seconds, monotonic).

        Nor where the day is used up and the next one begins too late: among many who wait, one finds out.
        """
        while (wait := self._wait(model)) is None or wait > 0:
            left = None if until is None else until - self._clock.monotonic()
            day, now = self.lane(model).day, self._clock.now()
            least = (day.until - now) / 1000 if day.is_used_up(now) else wait or 0.0
            if left is not None and left < least + 0.001:
                return False
            seconds = min(part for part in (wait, left, MINUTE / 1000) if part is not None)
            await self._waits(self._pause(seconds), "lane")
        return True

    def begin(self, model: str, job_id: str) -> bool:
        """Count a call that begins now; False where it may not any more since `clear`."""
        if self._wait(model) != 0:
            return False
        now, lane = self._clock.now(), self.lane(model)
        self._recent.began(model, now)
        self._today.count(model, now)
        if lane.at_once is not None:
            lane = self._lanes[model] = lane.with_breaker(lane.breaker.began(job_id))
        if lane.day.is_doubtful(now):
            self._probes[model] = job_id
            self._lanes[model] = lane.with_day(lane.day.probing(now))
        else:
            self._close_days()
        return True

    def _wait(self, model: str) -> float | None:
        """Return the seconds before a call may begin; None where that depends on a probe."""
        lane, now = self.lane(model), self._clock.now()
        if not lane.breaker.may_call(now):
            opens = lane.breaker.open_until or 0
            return None if opens <= now else (opens - now) / 1000
        earliest = max(lane.pace.next_call(now, self._recent.starts(model)), lane.day.next_call(now))
        return (earliest - now) / 1000

    async def _pause(self, seconds: float) -> None:
        """Wait for a time, or until something changes."""
        changed = self._changed
        tasks = [
            asyncio.create_task(_plainly(self._clock.sleep(seconds)), name="lane pause"),
            asyncio.create_task(_plainly(changed.wait()), name="lane change"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- after a call -------------------------------------------------------------------------------------

    async def answered(self, model: str, job_id: str) -> None:
        """The service answered, whatever it said."""
        now = self._clock.now()
        self._recent.answered(model, now)
        self._tell()
        if model in self._lanes:
            lane = self.lane(model)
            probe = self._probes.get(model) == job_id
            if probe:
                del self._probes[model]
            after = (
                lane.with_breaker(lane.breaker.answered())
                .with_pace(lane.pace.at(now))
                .with_day(lane.day.answered(now, probe=probe))
            )
            if lane.at_once is not None and after.at_once is None:
                log.warning("%s answers again", model)
            await self._set(after)

    async def failed(self, model: str, job_id: str) -> bool:
        """The service was overloaded or out of reach; return whether this call was the probe."""
        lane = self.lane(model)
        probe = lane.breaker.probe == job_id
        after = lane.with_breaker(lane.breaker.failed(job_id, self._clock.now(), self._policy))
        if after.at_once is not None and (probe or lane.at_once is None):
            log.warning(
                "%s failed %d times in a row: no calls for %d s",
                *(model, after.breaker.failures, after.breaker.pause // 1000),
            )
        await self._set(after)
        return probe

    async def refused(self, model: str, job_id: str, error: Throttled) -> bool:
        """The provider refused a call as one too many; return whether it was only to find out.

        Such a job goes on waiting, if the next day begins soon enough for it.
        """
        now, lane = self._clock.now(), self.lane(model)
        lately = self._recent.number(model, now)
        self._recent.refused(model, now)
        often = self._recent.is_often_refused(model, now)
        probe = self._probes.get(model) == job_id and lane.day.is_used_up(now)
        self._tell()
        self._today.count(model, now, -1)
        if error.daily:
            self._probes.pop(model, None)
            day = lane.day.refused(
                now,
                today=self._today.of(model, now),
                until=quota_day(now).end,
                limit=error.limit,
                probe=probe,
                retry_after=error.retry_after,
            )
            if day.is_used_up(now) and (not lane.day.is_used_up(now) or day.limit != lane.day.limit):
                log.warning("%s has no more calls today: a day has %s", model, day.limit)
            lane = lane.with_day(day)
        else:
            pace = lane.pace.at(now).refused(
                now,
                lately=lately,
                retry_after=error.retry_after,
                limit=error.limit,
                burst=often and self._recent.is_answering(model, now),
                often=often,
            )
            if pace.per_minute != lane.pace.per_minute:
                log.warning("%s takes fewer calls: %s a minute", model, pace.per_minute)
            lane = lane.with_pace(pace)
        # It is there, only busy with others.
        await self._set(lane.with_breaker(lane.breaker.answered()))
        return error.daily and probe

    async def works(self, model: str, until: float) -> bool:
        """Whether a refusal is no more than a burst of ours at a door that works.

        Then the call belongs to the queue, and is made when its turn comes. An answer to another call proves
        it; that is waited for until `until` (seconds, monotonic).
        """
        # The first refusals of a burst cannot know yet that they are not the only ones.
        soon = min(until, self._clock.monotonic() + SECONDS_TO_SEE)
        while not self._recent.is_often_refused(model, self._clock.now()):
            left = soon - self._clock.monotonic()
            if left <= 0 or self._recent.number(model, self._clock.now()) <= LOWEST:
                return False
            await self._waits(self._pause(left), "lane")
        while not self._recent.is_answering(model, self._clock.now()):
            left = until - self._clock.monotonic()
            if left <= 0:
                return False
            await self._waits(self._pause(left), "lane")
        return True

    async def abandoned(self, model: str, job_id: str) -> None:
        """A call ended without saying anything about the service."""
        if model in self._lanes:
            lane = self.lane(model)
            await self._set(lane.with_breaker(lane.breaker.abandoned(job_id)))

    def _tell(self) -> None:
        """Wake who waits for something to change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _set(self, lane: Lane) -> None:
        if lane != self.lane(lane.model):
            self._lanes[lane.model] = lane
            self._tell()
        await self._write(lane.model)

    async def _write(self, model: str) -> None:
        """Let admission know what has changed for it."""
        before, known = self._written.get(model, _OPEN), _for_admission(self.lane(model))
        if known == before:
            return
        self._written[model] = known
        try:
            async with self._store.transaction() as tx:
                await tx.lanes.save(self.lane(model))
        except StorageError as error:
            self._written[model] = before
            log.warning("what was learnt about %s is not written down: %s", model, error)


def _for_admission(lane: Lane) -> tuple[int | None, ...]:
    """What admission reads, and what the next start has to know."""
    return lane.paused_until, lane.at_once, lane.pace.per_minute, lane.day.limit, lane.day.until


_OPEN = _for_admission(Lane(""))


async def _plainly(awaitable: Awaitable[object]) -> None:
    await awaitable

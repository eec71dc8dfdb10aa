"""The way to each model: whether calls may begin, what their ends say, and telling admission about it.

A lane is a value (`bot.domain.lanes`); here it is kept, for this process and in the database, where admission
reads it for every process. What is learnt is written down before anybody else is let in by it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.breaker import POLICY, BreakerPolicy
from bot.domain.lanes import Lane, Trouble
from bot.domain.pace import LOWEST
from bot.domain.queue import MINUTE
from bot.errors import StorageError, Throttled
from bot.studio.ports import Clock, Waits
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

# Quotas of a day begin anew at midnight Pacific time (ai.google.dev, Gemini API, rate limits).
QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
SECONDS_TO_SEE = 2.0
REFUSALS = 3  # in a minute: fewer say nothing about a rate
MOST_STARTS = 10_000  # calls of a minute that are remembered


class Lanes:
    """All models' ways. `limited` says whether anything is held back that time alone lets go."""

    def __init__(self, store: Store, clock: Clock, waits: Waits, policy: BreakerPolicy = POLICY) -> None:
        self._store = store
        self._clock = clock
        self._waits = waits
        self._policy = policy
        self._lanes: dict[str, Lane] = {}
        self._starts: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MOST_STARTS))
        self._refusals: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=REFUSALS))
        self._today: dict[str, tuple[str, int]] = {}
        self._answered_at: dict[str, int] = {}
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Take up what an earlier run learnt."""
        async with self._store.reading() as tx:
            self._lanes = {lane.model: lane for lane in await tx.lanes.all()}

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

    # --- before a call ------------------------------------------------------------------------------------

    async def clear(self, model: str, until: float | None = None) -> bool:
        """Wait until a call may begin; False where it may not before `until` (seconds, monotonic)."""
        while (wait := self._wait(model)) is None or wait > 0:
            left = None if until is None else until - self._clock.monotonic()
            if left is not None and left < (wait or 0.0) + 0.001:
                return False
            seconds = min(part for part in (wait, left, MINUTE / 1000) if part is not None)
            await self._waits(self._pause(seconds), "lane")
        return True

    def begin(self, model: str, job_id: str) -> bool:
        """Count a call that begins now; False where it may not any more since `clear`."""
        if self._wait(model) != 0:
            return False
        now, lane = self._clock.now(), self.lane(model)
        self._starts[model].append(now)
        day = datetime.fromtimestamp(now / 1000, tz=QUOTA_ZONE).date().isoformat()
        before = self._today.get(model, (day, 0))
        self._today[model] = (day, before[1] + 1 if before[0] == day else 1)
        if lane.at_once is not None:
            self._lanes[model] = lane.with_breaker(lane.breaker.began(job_id))
        return True

    def _wait(self, model: str) -> float | None:
        """Return the seconds before a call may begin; None where that depends on a probe."""
        lane, now = self.lane(model), self._clock.now()
        if not lane.breaker.may_call(now):
            opens = lane.breaker.open_until or 0
            return None if opens <= now else (opens - now) / 1000
        return (lane.pace.next_call(now, self._starts[model]) - now) / 1000

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

    async def answered(self, model: str) -> None:
        """The service answered, whatever it said."""
        now = self._clock.now()
        self._answered_at[model] = now
        self._tell()
        if model in self._lanes:
            lane = self.lane(model)
            if lane.at_once is not None:
                log.warning("%s answers again", model)
            await self._set(
                lane.with_breaker(lane.breaker.answered()).with_pace(lane.pace.at(now).answered())
            )

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

    async def refused(self, model: str, error: Throttled) -> None:
        """The provider refused a call as one too many."""
        now, lane = self._clock.now(), self.lane(model)
        lately = self._lately(model)
        self._refusals[model].append(now)
        often = self._is_often(model)
        self._tell()
        if error.daily:
            pace = lane.pace.day_refused(now, today=self._today.get(model, ("", 0))[1])
        else:
            pace = lane.pace.at(now).refused(
                now,
                lately=lately,
                retry_after=error.retry_after,
                limit=error.limit,
                burst=often and self._is_answering(model),
                often=often,
            )
        if pace.per_minute != lane.pace.per_minute or error.daily:
            log.warning("%s takes fewer calls: a minute %s, a day %s", model, pace.per_minute, pace.per_day)
        # It is there, only busy with others.
        await self._set(lane.with_breaker(lane.breaker.answered()).with_pace(pace))

    async def works(self, model: str, until: float) -> bool:
        """Whether a refusal is no more than a burst of ours at a door that works.

        Then the call belongs to the queue, and is made when its turn comes. An answer to another call proves
        it; that is waited for until `until` (seconds, monotonic).
        """
        # The first refusals of a burst cannot know yet that they are not the only ones.
        soon = min(until, self._clock.monotonic() + SECONDS_TO_SEE)
        while not self._is_often(model):
            left = soon - self._clock.monotonic()
            if left <= 0 or self._lately(model) <= LOWEST:
                return False
            await self._waits(self._pause(left), "lane")
        while not self._is_answering(model):
            left = until - self._clock.monotonic()
            if left <= 0:
                return False
            await self._waits(self._pause(left), "lane")
        return True

    def _is_often(self, model: str) -> bool:
        """Whether several of many calls were refused within the last minute."""
        now = self._clock.now()
        refusals = sum(at > now - MINUTE for at in self._refusals[model])
        return refusals >= REFUSALS and self._lately(model) > LOWEST

    def _is_answering(self, model: str) -> bool:
        """Whether a call was answered within the last minute."""
        return self._clock.now() - self._answered_at.get(model, -MINUTE) < MINUTE

    def _lately(self, model: str) -> int:
        """How many calls began within the last minute."""
        now = self._clock.now()
        return sum(start > now - MINUTE for start in self._starts[model])

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
        before = self.lane(lane.model)
        if lane == before:
            return
        self._lanes[lane.model] = lane
        self._tell()
        if _for_admission(lane) != _for_admission(before):
            try:
                async with self._store.transaction() as tx:
                    await tx.lanes.save(self.lane(lane.model))
            except StorageError as error:
                log.warning("what was learnt about %s is not written down: %s", lane.model, error)


def _for_admission(lane: Lane) -> tuple[int, int | None, int | None]:
    return lane.paused_until, lane.at_once, lane.pace.per_minute


async def _plainly(awaitable: Awaitable[object]) -> None:
    await awaitable

"""How many calls of a model the provider's key has in a day: learnt from the refusals (HTTP 429) that say so.

Two refusals close the day, or one that is beyond doubt: nothing is asked before it ends, but for one call
now and then that finds out whether there is more after all (a quota that was raised, another program that was
to blame). After a single one the next call decides. What was learnt is kept for the next days, so that their
last calls are not spent on refusals: a number that the provider named closes the day when it is reached, our
own count is a guess that the next call decides. An answer beyond it makes it forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bot.domain.queue import MINUTE

FIRST_PAUSE = 15 * MINUTE  # before the first call that finds out; twice as long before each next one
LONGEST_PAUSE = 60 * MINUTE
DOUBT_PAUSE = MINUTE  # for which the call that decides is waited for
LONG_DELAY = 600  # seconds: who asks for so much leaves no doubt
FEWEST = 10  # calls of ours that may be a day's: of fewer, somebody else's were the others


@dataclass(frozen=True, slots=True)
class DayQuota:
    """What is known about one model's days. Times are UTC milliseconds."""

    limit: int | None = None  # calls that a day has, as far as that is known
    named: bool = False  # the provider said so; else it is how many a day had when it was used up
    since: int = 0  # when the day was found to be used up
    until: int = 0  # when the next one begins; 0, or in the past: it is not used up
    probe_at: int = 0  # when one call may find out whether there is more
    pause: int = 0
    guess: bool = False  # that it is used up: the next call decides

    def is_doubtful(self, now: int) -> bool:
        """Whether calls are made one at a time at most, to find out."""
        return now < self.until

    def is_used_up(self, now: int) -> bool:
        """Whether there is nothing to be had today, as far as is known."""
        return self.is_doubtful(now) and not self.guess

    def is_reached(self, now: int, today: int) -> bool:
        """Whether a day that is open still has had its calls."""
        return self.limit is not None and today >= self.limit and not self.is_doubtful(now)

    def may_probe(self, now: int) -> bool:
        """Whether the call that finds out is due."""
        return now >= self.probe_at

    def next_call(self, now: int) -> int:
        """Return when the next call may begin."""
        return max(now, self.probe_at) if self.is_doubtful(now) else now

    def refused(
        self,
        now: int,
        *,
        today: int,
        until: int,
        limit: int | None = None,
        probe: bool = False,
        retry_after: float | None = None,
    ) -> DayQuota:
        """The provider refused a call because the day is used up, after `today` calls that it took.

        `limit` is what it says a day has, `retry_after` the seconds that it asks for; `until` is when the
        next day begins; `probe`: the call was the one that was to find out.
        """
        if limit is not None:
            known = replace(self, limit=limit, named=True)
        elif self.is_used_up(now) and self.limit is not None:
            # Calls that were under way are refused after the first one: those are none of the day's.
            known = self if self.named else replace(self, limit=min(today, self.limit))
        else:
            known = replace(self, limit=today if today >= FEWEST else None, named=False)
        if not self.is_doubtful(now):
            sure = (retry_after or 0) >= LONG_DELAY or (limit is not None and today >= limit)
            return known._closed(now, until) if sure else known._in_doubt(now, until)
        if self.guess:
            return known._closed(now, until)
        if not probe:
            return known
        pause = min(LONGEST_PAUSE, self.pause * 2)
        return replace(known, pause=pause, probe_at=min(self.until, now + pause))

    def reached(self, now: int, *, until: int) -> DayQuota:
        """As many calls were made as a day has. Where that is our own count, the next call finds out."""
        return self._closed(now, until) if self.named else self._in_doubt(now, until)

    def probing(self, now: int) -> DayQuota:
        """The call that finds out begins: the next one is not due before this one has said something."""
        return replace(self, probe_at=min(self.until, now + self.pause))

    def answered(self, now: int, *, probe: bool) -> DayQuota:
        """A call was answered: of this day it has to be the one that finds out, of the next one any."""
        if not self.until:
            return self
        if self.is_doubtful(now):
            return DayQuota() if probe else self  # there is more than was known
        return DayQuota(self.limit, self.named)

    def _closed(self, now: int, until: int) -> DayQuota:
        probe_at = min(until, now + FIRST_PAUSE)
        return DayQuota(self.limit, self.named, now, until, probe_at, FIRST_PAUSE)

    def _in_doubt(self, now: int, until: int) -> DayQuota:
        return DayQuota(self.limit, self.named, now, until, now, DOUBT_PAUSE, guess=True)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DayQuota:
        """Read what `to_json` wrote, in this version or another."""
        return cls(**{item.name: data[item.name] for item in fields(cls) if item.name in data})

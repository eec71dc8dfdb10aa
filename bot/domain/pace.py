"""How many calls a minute the provider's key takes: learnt from its refusals (HTTP 429).

Nothing is limited until the provider refuses. Then the limit is set below the rate that was refused
(multiplicative decrease), and while nothing is refused it rises again step by step (additive increase), until
it is so far above that rate that it is forgotten: quotas are raised, and other programs that share a key end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bot.domain.queue import MINUTE

LOWEST = 5  # calls a minute: no image model of Google's is sold with fewer
DECREASE = 0.7
INCREASE = 0.1  # of the rate that was refused, for every quiet minute
FORGET = 2.0  # times the rate that was refused
SAME_EVENT = 10_000  # milliseconds: refusals so close together are one piece of news
LONGEST_PAUSE = 60_000
DEFAULT_PAUSE = 2_000
SHORT_PAUSE = 5_000  # where it is not known that the key works at all: others have their own try soon


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known about one model's quota. Times are UTC milliseconds."""

    per_minute: int | None = None  # None: nothing was refused lately
    refused_at_rate: int = 0  # calls in the minute before the refusal
    changed_at: int = 0
    paused_until: int = 0

    def refused(
        self,
        now: int,
        *,
        lately: int,
        retry_after: float | None = None,
        limit: int | None = None,
        burst: bool = True,
        often: bool = True,
    ) -> Pace:
        """The provider refused a call for being one too many in a minute.

        `lately` calls began within the last minute; `retry_after` are the seconds that it asks for, `limit`
        the calls a minute that it names, where it does. `burst`: the key works, and it was our own burst.
        Only then everybody waits as long as it says; else the others shall not wait for words that are due.
        `often`: it is not the only refusal of this minute. A single one sets no limit.
        """
        longest = LONGEST_PAUSE if burst else SHORT_PAUSE
        pause = DEFAULT_PAUSE if retry_after is None else min(longest, int(retry_after * 1000))
        paused = replace(self, paused_until=max(self.paused_until, now + pause))
        if not often or (self.per_minute is not None and now - self.changed_at < SAME_EVENT):
            return paused
        rate = max(1, lately if self.per_minute is None else min(lately, self.per_minute))
        below = int(rate * DECREASE) if limit is None else min(limit, rate)
        return replace(paused, per_minute=max(LOWEST, below), refused_at_rate=rate, changed_at=now)

    def at(self, now: int) -> Pace:
        """Return what holds now: the limit rises with every quiet minute, until it is forgotten."""
        quiet = (now - self.changed_at) // MINUTE
        if self.per_minute is None or quiet < 1:
            return self
        step = max(1, round(self.refused_at_rate * INCREASE))
        raised = self.per_minute + step * quiet
        if raised >= max(LOWEST, self.refused_at_rate) * FORGET:
            return replace(self, per_minute=None, refused_at_rate=0, changed_at=now)
        return replace(self, per_minute=raised, changed_at=self.changed_at + quiet * MINUTE)

    def next_call(self, now: int, starts: Sequence[int]) -> int:
        """Return when the next call may begin; `starts` are the beginnings of the latest calls, in order."""
        earliest = max(now, self.paused_until)
        limit = self.at(now).per_minute
        if limit is not None and len(starts) >= limit:
            earliest = max(earliest, starts[-limit] + MINUTE)
        return earliest

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pace:
        """Read what `to_json` wrote, in this version or another."""
        return cls(**{item.name: data[item.name] for item in fields(cls) if item.name in data})

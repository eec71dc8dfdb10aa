"""Whether a model is worth calling: a breaker that opens when calls fail again and again.

::

    CLOSED ──(failures in a row)──> OPEN ──(pause over, one probe)──> HALF_OPEN
       ^                             ^                                  │   │
       └────────(any answer)─────────┼──────────(it answers)────────────┘   │
                                     └──────────(it fails: longer pause)────┘

An answer of any kind closes it, also a refusal: the service works. What counts as a failure is that it is
overloaded or out of reach (`Busy`); being asked too often is not (`Throttled`, see `bot.domain.pace`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class BreakerState(StrEnum):
    """Whether calls are made."""

    CLOSED = "closed"  # as many as there are
    OPEN = "open"  # none
    HALF_OPEN = "half_open"  # one at a time, to find out


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a row of failures is more than bad luck. Times in milliseconds.

    One request that fails with all of its tries opens nothing, nor does a moment in which many calls fail
    together: both would make others wait for nothing.
    """

    failures: int = 6  # in a row
    jobs: int = 3  # different ones among them
    span: int = 10_000  # from the first failure of the row to the last
    first_pause: int = 10_000
    longest_pause: int = 120_000


POLICY = BreakerPolicy()


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known about one model's failures. Times are UTC milliseconds."""

    failures: int = 0  # in a row, the latest included
    jobs: tuple[str, ...] = ()  # whose calls failed, as many as the policy asks for
    since: int = 0  # when the row began
    open_until: int | None = None  # None: closed
    pause: int = 0
    probe: str | None = None  # the job whose call is finding out

    def state(self, now: int) -> BreakerState:
        """Whether calls are made now."""
        if self.open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.open_until else BreakerState.HALF_OPEN

    def may_call(self, now: int) -> bool:
        """Whether a call may begin: always while closed, and as the one probe."""
        state = self.state(now)
        return state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and self.probe is None)

    def began(self, job_id: str) -> Breaker:
        """A call of this job begins; while the breaker is not closed it is the probe."""
        return self if self.open_until is None else replace(self, probe=job_id)

    def answered(self) -> Breaker:
        """The service answered, whatever it said."""
        return Breaker()

    def abandoned(self, job_id: str) -> Breaker:
        """A call ended without saying anything about the service."""
        return replace(self, probe=None) if self.probe == job_id else self

    def failed(self, job_id: str, now: int, policy: BreakerPolicy = POLICY) -> Breaker:
        """A call failed."""
        if self.open_until is not None:
            if self.probe != job_id:
                return replace(self, failures=self.failures + 1)  # it began before the breaker opened
            pause = min(policy.longest_pause, self.pause * 2)
            return replace(self, failures=self.failures + 1, open_until=now + pause, pause=pause, probe=None)
        jobs = self.jobs if job_id in self.jobs else (*self.jobs, job_id)[: policy.jobs]
        after = replace(self, failures=self.failures + 1, jobs=jobs, since=self.since or now)
        if (
            after.failures >= policy.failures
            and len(after.jobs) >= policy.jobs
            and now - after.since >= policy.span
        ):
            return replace(after, open_until=now + policy.first_pause, pause=policy.first_pause)
        return after

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values. Which call was the probe is not among them: it ends with its process."""
        return asdict(replace(self, probe=None))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Breaker:
        """Read what `to_json` wrote."""
        return cls(**{**data, "jobs": tuple(data.get("jobs", ()))})

"""What was made and what it cost, added up; and when somebody's spending is far from usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median

from bot.domain.jobs import FailureCode, JobState

QUARTER = 15 * 60_000  # milliseconds: every time zone begins its day at one of these
DAY_MS = 24 * 60 * 60_000
BAR = 12  # signs


@dataclass(frozen=True, slots=True)
class Spent:
    """Images that were made, and what they cost in micro-dollars."""

    images: int = 0
    micros: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.images + other.images, self.micros + other.micros)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of requests that have ended."""

    succeeded: int = 0
    blocked: int = 0  # refused for safety
    cancelled: int = 0
    failed: int = 0  # for any other reason

    @property
    def answered(self) -> int:
        """Requests that were not cancelled."""
        return self.succeeded + self.blocked + self.failed

    @property
    def success_rate(self) -> float | None:
        """The share that gave a picture; None where nothing was answered."""
        return self.succeeded / self.answered if self.answered else None

    @property
    def blocked_rate(self) -> float | None:
        """The share that was refused for safety."""
        return self.blocked / self.answered if self.answered else None

    @classmethod
    def of(cls, counts: Mapping[tuple[str, str | None], int]) -> Outcomes:
        """Return them from numbers by state and failure code; what has not ended does not count."""
        found = dict.fromkeys(("succeeded", "blocked", "cancelled", "failed"), 0)
        for (state, code), number in counts.items():
            if state == JobState.SUCCEEDED:
                found["succeeded"] += number
            elif state == JobState.FAILED:
                names = {FailureCode.SAFETY: "blocked", FailureCode.CANCELLED: "cancelled"}
                found[names.get(FailureCode(code), "failed") if code else "failed"] += number
        return cls(**found)


@dataclass(frozen=True, slots=True)
class ServerUsage:
    """What a server used in a period."""

    days: tuple[tuple[date, Spent], ...]  # every day, also those without anything
    models: tuple[tuple[str, Spent], ...]  # by id, the dearest first
    members: tuple[tuple[int, Spent], ...]  # the top ten
    outcomes: Outcomes
    median_seconds: float | None  # from the beginning of the work to its end
    slow_seconds: float | None  # 95 of 100 were not slower

    @property
    def total(self) -> Spent:
        """Everything together."""
        return sum((spent for _, spent in self.days), Spent())


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One request that has ended, as it is exported. Times are UTC milliseconds."""

    job_id: str
    asked_at: int
    member_id: int
    guild_id: int | None
    kind: str
    model: str
    size: str
    state: str
    failure: str
    images: int
    micros: int
    seconds: float | None


def by_day(
    quarters: Iterable[tuple[int, Spent]], first: date, last: date, zone: tzinfo
) -> tuple[tuple[date, Spent], ...]:
    """Add up what was used in quarters of an hour (by their beginning) to the days of a time zone."""
    days = {first + timedelta(days=number): Spent() for number in range((last - first).days + 1)}
    for start, spent in quarters:
        day = datetime.fromtimestamp(start / 1000, tz=zone).date()
        if day in days:
            days[day] += spent
    return tuple(days.items())


def from_histogram(buckets: Mapping[int, int], share: float, width: float) -> float | None:
    """Return a quantile of values that were counted in buckets of `width`; None where there are none."""
    wanted = share * sum(buckets.values())
    seen = 0
    for bucket, number in sorted(buckets.items()):
        seen += number
        if seen >= wanted:
            return (bucket + 0.5) * width
    return None


def bar(used: int, limit: int, length: int = BAR) -> str:
    """Return a small bar: ``▰▰▰▱▱``. What is used at all shows, and what is full is full."""
    if limit <= 0:
        return "▰" * length
    filled = min(length, -(-min(used, limit) * length // limit))
    if used < limit:
        filled = min(filled, length - 1)
    return "▰" * filled + "▱" * (length - filled)


# --- budgets ----------------------------------------------------------------------------------------------

BUDGET_MARKS = (50, 80, 100)  # per cent


def marks_reached(spent: int, budget: int) -> Sequence[int]:
    """Return which marks of a budget are reached, in per cent."""
    if budget <= 0:
        return ()
    return tuple(mark for mark in BUDGET_MARKS if spent * 100 >= budget * mark)


# --- unusual spending -------------------------------------------------------------------------------------

HISTORY_DAYS = 28
OWN_DAYS = 5  # days with spending that say what is usual for a member
SERVER_DAYS = 20  # days of members that say what is usual on a server
TIMES = 5
LEAST = 1_000_000  # micro-dollars: below that nobody is bothered


def usual_day(own: Sequence[int], of_server: Sequence[int]) -> int | None:
    """Return what a day costs usually, in micro-dollars; None where too little is known.

    Both are sums of single days of one member, days without spending left out: `own` of the member in
    question, `of_server` of all members. The median, so that one dear day changes little.
    """
    if len(own) >= OWN_DAYS:
        return int(median(own))
    if len(of_server) >= SERVER_DAYS:
        return int(median(of_server))
    return None


def is_unusual(spent: int, usual: int | None) -> bool:
    """Whether 24 hours cost far more than usual: more than `TIMES` as much, and not just cents."""
    return usual is not None and spent >= LEAST and spent > TIMES * usual

"""How much somebody may use in a period, and when the period ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.errors import CapReached, CapRule

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time, start included and end not, in UTC milliseconds."""

    start: int
    end: int


def day_of(now: int, zone: tzinfo) -> Period:
    """Return the day that holds `now` (UTC milliseconds) in a time zone.

    A day with a change of daylight saving has 23 or 25 hours: both ends are computed from local midnight.
    Where clocks are set back over midnight, the day that had begun goes on, so that days never overlap.
    """
    today = datetime.fromtimestamp(now / 1000, tz=zone).date()
    start, end = _midnight(today, zone), _midnight(today + DAY, zone)
    if now >= end:
        start, end = end, _midnight(today + 2 * DAY, zone)
    return Period(start, end)


def _midnight(day: date, zone: tzinfo) -> int:
    """The first moment of a day. Where midnight is skipped, that is when the clocks are set ahead."""
    return int(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).timestamp() * 1000)


def month_of(now: int, zone: tzinfo) -> Period:
    """Return the month that holds `now` (UTC milliseconds) in a time zone, from day to day as `day_of`."""
    today = datetime.fromtimestamp(day_of(now, zone).start / 1000, tz=zone).date()
    first = today.replace(day=1)
    following = (first + 31 * DAY).replace(day=1)
    return Period(_midnight(first, zone), _midnight(following, zone))


def days_between(earlier: int, later: int, zone: tzinfo) -> int:
    """Return how many whole days lie between the days that begin at two moments."""
    first, last = (datetime.fromtimestamp(at / 1000, tz=zone).date() for at in (earlier, later))
    return max(0, (last - first).days - 1)


@dataclass(frozen=True, slots=True)
class Use:
    """What was used in a period: reserved and settled together."""

    images: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Cap:
    """How much somebody may use in a period: images, or micro-dollars where the rule is about dollars."""

    limit: int
    period: Period
    rule: CapRule = CapRule.MEMBER_IMAGES
    until: int | None = None  # UTC milliseconds: when a larger one holds; None: nobody knows of one

    def check(self, used: int, wanted: int, extra: int = 0) -> None:
        """Raise CapReached when `wanted` more on top of `used` would exceed the cap.

        `extra` is what may be used beside it. What makes no image (a description: `wanted` is 0) exceeds
        nothing; a cap of 0 switches it off, too.
        """
        off = self.limit == 0 and not extra and self.rule in (CapRule.MEMBER_IMAGES, CapRule.STRIKES)
        if off or wanted > max(0, self.limit - used) + extra:
            raise CapReached(
                limit=self.limit,
                used=used,
                wanted=wanted,
                resets_at=self.period.end,
                rule=self.rule,
                extra=extra,
                until=self.until,
            )

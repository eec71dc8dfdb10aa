"""How much somebody may use in a period, and when the period ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.errors import CapReached

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


@dataclass(frozen=True, slots=True)
class Cap:
    """How many images somebody may use in a period."""

    images: int
    period: Period

    def check(self, used: int, wanted: int) -> None:
        """Raise CapReached when `wanted` more images on top of `used` would exceed the cap.

        What makes no image (a description: `wanted` is 0) exceeds nothing; a cap of 0 switches it off, too.
        """
        if self.images == 0 or (wanted > 0 and used + wanted > self.images):
            raise CapReached(limit=self.images, used=used, wanted=wanted, resets_at=self.period.end)

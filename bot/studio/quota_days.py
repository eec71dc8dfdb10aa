"""The days by which the provider counts its quotas, and how many calls each model has had in this one."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.domain.caps import Period, day_of

# Quotas of a day begin anew at midnight Pacific time (ai.google.dev, Gemini API, rate limits).
QUOTA_ZONE = ZoneInfo("America/Los_Angeles")


def quota_day(now: int) -> Period:
    """Return the provider's day that holds a moment (UTC milliseconds)."""
    return day_of(now, QUOTA_ZONE)


class CallsOfDay:
    """Counts calls by model. What an earlier run made is told with `began_before`."""

    def __init__(self) -> None:
        self._day = Period(0, 0)
        self._calls: dict[str, int] = {}

    def began_before(self, now: int, calls: Mapping[str, int]) -> None:
        """Take over what was counted of the day that holds `now`."""
        self._day, self._calls = quota_day(now), dict(calls)

    def of(self, model: str, now: int) -> int:
        """How many calls of a model the day has had."""
        return self._calls.get(model, 0) if self._day.start <= now < self._day.end else 0

    def count(self, model: str, now: int, calls: int = 1) -> None:
        """Count calls that begin; -1 for one that was refused, because the day has it still."""
        if not self._day.start <= now < self._day.end:
            self.began_before(now, {})
        self._calls[model] = max(0, self._calls.get(model, 0) + calls)

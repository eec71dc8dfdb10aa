"""One model's way: may a call begin now, and if not, why and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.breaker import Breaker, BreakerState
from bot.domain.day_quota import DayQuota
from bot.domain.pace import Pace


class TroubleKind(StrEnum):
    """Why calls of a model wait."""

    FAILING = "failing"  # the service fails again and again
    SLOWED = "slowed"  # it takes only so many calls a minute
    DAY_USED_UP = "day_used_up"  # the quota of the day is used up


@dataclass(frozen=True, slots=True)
class Trouble:
    """What those who wait are told. Times are UTC milliseconds."""

    kind: TroubleKind
    since: int
    until: int  # when it is tried again
    model: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """What is known about one model: whether it works, and how often it may be called."""

    model: str
    breaker: Breaker = Breaker()
    pace: Pace = Pace()
    day: DayQuota = DayQuota()

    def with_breaker(self, breaker: Breaker) -> Lane:
        """Return a copy with another breaker."""
        return replace(self, breaker=breaker)

    def with_pace(self, pace: Pace) -> Lane:
        """Return a copy with another pace."""
        return replace(self, pace=pace)

    def with_day(self, day: DayQuota) -> Lane:
        """Return a copy with another day's quota."""
        return replace(self, day=day)

    @property
    def paused_until(self) -> int:
        """When the next job may be claimed."""
        return max(self.pace.paused_until, self.breaker.open_until or 0, self.day.probe_at)

    @property
    def at_once(self) -> int | None:
        """How many jobs may be at work: one while it is in doubt whether calls are of any use."""
        return None if self.breaker.open_until is None and not self.day.until else 1

    def is_down(self, now: int) -> bool:
        """Whether another model is the better choice now, for whoever has one."""
        return self.breaker.state(now) is not BreakerState.CLOSED or self.day.is_used_up(now)

    def trouble(self, now: int) -> Trouble | None:
        """Return what keeps calls waiting, the gravest first; None where nothing does."""
        if self.breaker.state(now) is not BreakerState.CLOSED:
            until = max(now, self.breaker.open_until or 0)
            return Trouble(TroubleKind.FAILING, self.breaker.since, until, self.model)
        if self.day.is_used_up(now):
            return Trouble(TroubleKind.DAY_USED_UP, self.day.since, self.day.until, self.model)
        if now < self.pace.paused_until:
            return Trouble(TroubleKind.SLOWED, self.pace.changed_at, self.pace.paused_until, self.model)
        return None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "breaker": self.breaker.to_json(),
            "pace": self.pace.to_json(),
            "day": self.day.to_json(),
        }

    @classmethod
    def from_json(cls, model: str, data: Mapping[str, Any]) -> Lane:
        """Read what `to_json` wrote; what makes no sense in this version is forgotten."""
        try:
            return cls(
                model,
                Breaker.from_json(data["breaker"]),
                Pace.from_json(data["pace"]),
                DayQuota.from_json(data.get("day", {})),
            )
        except (KeyError, TypeError):
            return cls(model)

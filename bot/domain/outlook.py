"""What can honestly be said about how long something will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.lanes import Trouble

ENOUGH = 5  # finished jobs; with fewer nothing is said


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a model took lately, in seconds: the middle one, and nine of ten."""

    median: float
    slow: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a card says beside the stage. None: nothing is known."""

    soonest: int | None = None  # seconds from now
    latest: int | None = None
    trouble: Trouble | None = None
    instead: str = ""  # the model that makes it, where another one is in trouble


NOTHING_KNOWN = Outlook()


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie (nearest rank). `ordered` is not empty."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def latency_of(took: Sequence[int]) -> Latency | None:
    """Return what jobs that took so many milliseconds say; None where they are too few."""
    if len(took) < ENOUGH:
        return None
    ordered = [value / 1000 for value in sorted(took)]
    return Latency(quantile(ordered, 0.5), quantile(ordered, 0.9))


def outlook(
    latency: Latency | None,
    *,
    ahead: int,
    places: int,
    per_minute: int | None = None,
    trouble: Trouble | None = None,
    now: int = 0,
) -> Outlook:
    """Return when a waiting job will probably be done.

    `ahead` jobs begin before it and `places` run at once, so that it begins when as many have ended as are
    before it and cannot run beside it; no faster than `per_minute` allows.
    """
    if latency is None:
        return Outlook(trouble=trouble)
    rounds, rest = divmod(ahead, max(1, places))
    pause = 0.0 if trouble is None else max(0, trouble.until - now) / 1000
    if per_minute:
        pause = max(pause, 60.0 * (ahead // per_minute))
    soonest = pause + latency.median * (rounds + 1)
    latest = pause + latency.slow * (rounds + 1 + bool(rest))
    return Outlook(_plain(soonest), _plain(latest), trouble)


def _plain(seconds: float) -> int:
    """Round as people say it: to 5 seconds below a minute, to half a minute below ten, to minutes."""
    step = 5 if seconds < 60 else 30 if seconds < 600 else 60
    return max(step, math.ceil(seconds / step) * step)

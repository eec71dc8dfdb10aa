"""What this process saw of its calls within the last minute."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from bot.domain.pace import LOWEST
from bot.domain.queue import MINUTE

REFUSALS = 3  # in a minute: fewer say nothing about a rate
MOST_STARTS = 10_000  # calls of a minute that are remembered


class RecentCalls:
    """When calls began, were refused and answered, by model. Times are UTC milliseconds."""

    def __init__(self) -> None:
        self._starts: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=MOST_STARTS))
        self._refusals: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=REFUSALS))
        self._answered_at: dict[str, int] = {}

    def began(self, model: str, now: int) -> None:
        """A call begins."""
        self._starts[model].append(now)

    def refused(self, model: str, now: int) -> None:
        """A call was refused as one too many."""
        self._refusals[model].append(now)

    def answered(self, model: str, now: int) -> None:
        """The service answered, whatever it said."""
        self._answered_at[model] = now

    def starts(self, model: str) -> Sequence[int]:
        """When calls began, the oldest first."""
        return self._starts[model]

    def number(self, model: str, now: int) -> int:
        """How many calls began."""
        return sum(start > now - MINUTE for start in self._starts[model])

    def is_often_refused(self, model: str, now: int) -> bool:
        """Whether several of many calls were refused."""
        refusals = sum(at > now - MINUTE for at in self._refusals[model])
        return refusals >= REFUSALS and self.number(model, now) > LOWEST

    def is_answering(self, model: str, now: int) -> bool:
        """Whether a call was answered."""
        return now - self._answered_at.get(model, -MINUTE) < MINUTE

"""Time that a test sets, and waits that it knows by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from tests.fakes.changes import Changes

T = TypeVar("T")

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
# What the workers do for ever; a test lets it happen by `advance`.
ENDLESS = frozenset({"upkeep", "queue", "drain", "erasures", "retention"})

_reason: ContextVar[str] = ContextVar("reason", default="")


@dataclass(frozen=True, slots=True)
class Slept:
    """One call of `FakeClock.sleep`."""

    reason: str
    seconds: float


class FakeClock(Changes):
    """Stands still until somebody sleeps: sleeping moves it on at once.

    What sleeps for a reason in `held` does so until a test has advanced the clock far enough. `wait` is the
    studio's `Waits`: it makes the reasons known.
    """

    def __init__(self, start: datetime = NOON, held: Iterable[str] = ENDLESS) -> None:
        super().__init__()
        self.slept: list[Slept] = []
        self.held = set(held)
        self._start = start
        self._passed = 0.0
        self._advanced = 0.0

    def now(self) -> int:
        return int(self._start.timestamp() * 1000) + int(self._passed * 1000)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        reason = _reason.get()
        self.slept.append(Slept(reason, seconds))
        if reason in self.held:
            end = self._advanced + seconds
            self.changed()
            while self._advanced < end and reason in self.held:
                await self._next.wait()
        else:
            self.pass_by(seconds)
            await asyncio.sleep(0)

    async def wait(self, awaitable: Awaitable[T], reason: str) -> T:
        before = _reason.set(reason)
        try:
            return await awaitable
        finally:
            _reason.reset(before)

    def set(self, moment: datetime) -> None:
        """Make it that time of day; nothing that sleeps notices."""
        self._start = moment
        self._passed = 0.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass, as something takes that long; what is held sleeps on."""
        self._passed += seconds
        self.changed()

    def advance(self, seconds: float) -> None:
        """Let time pass and wake what was held until then."""
        self._advanced += seconds
        self.pass_by(seconds)

    def release(self, reason: str) -> None:
        """Let sleeping for this reason move the clock at once from now on."""
        self.held.discard(reason)
        self.changed()

    def naps(self, reason: str) -> list[float]:
        """How long was slept for a reason, each time."""
        return [slept.seconds for slept in self.slept if slept.reason == reason]

    async def until_asleep(self, reason: str, times: int = 1) -> None:
        """Return when somebody has gone to sleep for this reason so many times."""
        await self.until(lambda: len(self.naps(reason)) >= times)

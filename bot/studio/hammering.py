"""Keeping one member from hammering: everything that they do passes here first."""

from __future__ import annotations

from bot.domain.throttle import WINDOW, Throttle
from bot.errors import TooFast
from bot.studio.ports import Clock


class Hammering:
    """Refuses whoever comes too often, for a while. Kept in memory: a restart forgives."""

    def __init__(self, clock: Clock, *, most: int, cooldown: float) -> None:
        self._clock = clock
        self._throttle = Throttle(most, cooldown)
        self._forgot_at = clock.monotonic()

    def check(self, member_id: int) -> None:
        """Note that a member does something; raise TooFast where that is too much."""
        now = self._clock.monotonic()
        if now - self._forgot_at > WINDOW:
            self._throttle.forget(now)
            self._forgot_at = now
        if seconds := self._throttle.came(member_id, now):
            raise TooFast(seconds=seconds)

"""Against hammering: how many actions of one member are taken in a while, and how long the rest waits."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW = 60.0  # seconds


@dataclass(slots=True)
class _Recent:
    times: deque[float] = field(default_factory=deque)
    until: float = 0.0  # cooling down


class Throttle:
    """Remembers who came when, within a window. Times are seconds on a clock that never goes back.

    Whoever comes more than `most` times within `WINDOW` waits for `cooldown` seconds. Coming during the
    cooldown does not make it longer: somebody who presses once more should not be punished for asking.
    """

    def __init__(self, most: int, cooldown: float) -> None:
        self._most = most
        self._cooldown = cooldown
        self._recent: dict[int, _Recent] = {}

    def came(self, member_id: int, now: float) -> float:
        """Note that somebody came; return how many seconds they have to wait, 0.0 for none."""
        recent = self._recent.setdefault(member_id, _Recent())
        if now < recent.until:
            return recent.until - now
        while recent.times and recent.times[0] <= now - WINDOW:
            recent.times.popleft()
        if len(recent.times) >= self._most:
            recent.until = now + self._cooldown
            recent.times.clear()
            return self._cooldown
        recent.times.append(now)
        return 0.0

    def forget(self, now: float) -> None:
        """Forget everybody who has not come for a while."""
        gone = [
            member
            for member, recent in self._recent.items()
            if now >= recent.until and (not recent.times or recent.times[-1] <= now - WINDOW)
        ]
        for member in gone:
            del self._recent[member]

    def __len__(self) -> int:
        """How many members are remembered."""
        return len(self._recent)

"""How much runs at once, and how long things may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much runs at once, and how long a job is ours without a sign of life."""

    running: int = 64  # jobs at once in all
    per_member: int = 64
    lease_seconds: float = 60.0
    upkeep_seconds: float = 20.0
    queue_seconds: float = 5.0  # how often those who wait are told their place
    told_places: int = 100
    longest_wait: float = 3600.0  # seconds from the request to the beginning of its work

    def lease_from(self, now: int) -> int:
        """Return when a lease ends that is taken or renewed now (both UTC milliseconds)."""
        return now + int(self.lease_seconds * 1000)

"""How much waits and runs, at one moment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the database says about the work that is not done yet. Times are UTC milliseconds."""

    created: int  # jobs by state
    running: int
    storing: int
    oldest_created_at: int | None  # of the job that waits longest
    pending: int  # answers that are being delivered
    kept: int  # answers that reached nobody and wait for their member's next interaction

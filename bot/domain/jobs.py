"""The durable record of one request, and the states that it goes through.

::

    CREATED ──> RUNNING ──> STORING ──> SUCCEEDED
       │ ^         │ │         │
       │ └─────────┘ │         │      RUNNING ──> CREATED: given back (shutdown, crash)
       └──> FAILED <─┴─────────┘

A change of state is guarded: it says which state it expects and fails where it finds another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.requests import Origin, Request


class JobState(StrEnum):
    """Where a job stands."""

    CREATED = "created"
    RUNNING = "running"
    STORING = "storing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.CREATED: frozenset({JobState.RUNNING, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.CREATED, JobState.STORING, JobState.FAILED}),
    JobState.STORING: frozenset({JobState.SUCCEEDED, JobState.FAILED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset(),
}

FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED})

# A job that was claimed this often and never finished (the process died each time) is given up.
MAX_ATTEMPTS = 3


class FailureCode(StrEnum):
    """Why a job failed: what a person is told depends on it."""

    SAFETY = "safety"
    NO_IMAGE = "no_image"
    BUSY = "busy"
    QUOTA = "quota"  # the provider makes nothing more today
    REFUSED = "refused"  # the provider does not take the request
    RETIRED = "retired"  # its model is not there any more
    MISCONFIGURED = "misconfigured"  # the provider does not take our key
    STORAGE = "storage"  # the disk or the database failed
    INTERRUPTED = "interrupted"  # the program stopped too often while it ran
    CANCELLED = "cancelled"
    REMOVED = "removed"  # moderators removed a picture that it was to be made from
    WITHHELD = "withheld"  # what came out looks like a picture that moderators blocked; it is paid
    EXPIRED = "expired"  # it waited too long
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """How a job failed.

    `message` is the provider's own sentence where it has one; `reference` is what the log has too.
    """

    code: FailureCode
    message: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One request as it is worked on. Times are UTC milliseconds."""

    id: str
    state: JobState
    request: Request
    origin: Origin
    created_at: int
    updated_at: int
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: int | None = None
    failure: Failure | None = None
    started_at: int | None = None
    finished_at: int | None = None
    cost_micros: int | None = None  # settled, micro-dollars; None until it succeeded
    priority: int = 0  # higher goes first; as its member's tiers were when it was accepted
    max_running: int | None = None  # how many jobs of its member may run with it; None: as many as of others
    stand_in: str | None = None  # the model that made it, where that is not the one asked for
    cancelled_at: int | None = None  # somebody wanted no more of it while it was at work

    @property
    def model(self) -> str:
        """The id of the model that makes it, or made it."""
        return self.stand_in or self.request.options.model

    @property
    def is_final(self) -> bool:
        """Whether nothing will change this job any more."""
        return self.state in FINAL

    def evolve(self, **changes: Any) -> Job:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def to(self, state: JobState, now: int, **changes: Any) -> Job:
        """Return this job in another state, or raise ValueError where no such way exists."""
        if state not in TRANSITIONS[self.state]:
            raise ValueError(f"a job cannot go from {self.state} to {state}")
        if state in FINAL or state is JobState.CREATED:
            changes = {"lease_owner": None, "lease_until": None, **changes}
        if state in FINAL:
            changes = {"finished_at": now, **changes}
        return self.evolve(state=state, updated_at=now, **changes)

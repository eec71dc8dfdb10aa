"""What the person who waits is told while a job is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook


class Stage(StrEnum):
    """What the card of a job says."""

    PREPARING = "preparing"
    GENERATING = "generating"
    FINALIZING = "finalizing"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The receipt for an accepted request."""

    job: Job
    ahead: int  # jobs that will be started before this one
    outlook: Outlook = NOTHING_KNOWN
    kept: tuple[str, ...] = ()  # jobs of the same member whose answers could not be delivered so far
    repeated: bool = False  # the same interaction was delivered before; this is its job

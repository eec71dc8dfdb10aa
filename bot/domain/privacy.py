"""What is kept of a person, for how long, and what becomes of it when they want it gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

DAY_MS = 86_400_000
# Every cap that looks back ends within so many days: a month and the day on which it began.
CAPS_DAYS = 32
# Between two exports of one member.
EXPORT_PAUSE_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what is kept; 0 is without an end.

    Evidence is kept for its own time whatever the others say: nothing that moderators may look into ends with
    the time of pictures, and a case never earlier than what has none.
    """

    images_days: int = 365
    evidence_days: int = 30
    cases_days: int = 180
    events_days: int = 90
    audit_days: int = 730
    ledger_days: int = 400
    server_days: int = 30

    @property
    def pictures(self) -> int:
        """For how many days pictures and prompts are kept that nobody deletes."""
        return max(self.images_days, self.evidence_days) if self.images_days else 0

    @property
    def cases(self) -> int:
        """For how many days after its decision a case's picture is kept, removed or not."""
        return max(self.cases_days, self.evidence_days)

    def cutoffs(self, now: int) -> Mapping[str, int]:
        """Return for each term the moment before which it has ended (UTC milliseconds); 0: never."""
        terms = {
            "images": self.pictures,
            "evidence": self.evidence_days,
            "cases": self.cases,
            "events": self.events_days,
            "audit": self.audit_days,
            "ledger": self.ledger_days,
        }
        return {name: now - days * DAY_MS if days else 0 for name, days in terms.items()}


@dataclass(frozen=True, slots=True)
class Erasure:
    """A member's wish that everything of them goes. It covers what was there when it was made.

    `id` is negative and takes the member's place where a row has to stay: Discord's ids never are. It is
    drawn at random, so that nothing leads back from it once the erasure is over.
    """

    id: int
    member_id: int
    asked_at: int  # UTC milliseconds
    erased_at: int | None = None  # everything that may go at once is gone

    def evolve(self, **changes: Any) -> Erasure:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


class Staying(StrEnum):
    """Why something of a member cannot go yet."""

    CASES = "cases"  # evidence of cases that moderators have not decided
    REPORTS = "reports"  # what they reported, in cases that moderators have not decided
    SANCTIONS = "sanctions"  # bans and strikes that still hold
    CAPS = "caps"  # what counts against caps, until their period ends


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is kept of a member, by kind, and what of it an erasure would leave for now."""

    counts: Mapping[str, int]
    staying: Mapping[Staying, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of one kind as they are exported (plain JSON values), and where the next ones begin."""

    rows: Sequence[Mapping[str, Any]]
    after: str | None  # None: these were the last

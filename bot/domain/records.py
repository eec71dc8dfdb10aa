"""What moderators look at: a case with all that belongs to it, a member's record, figures, the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.answers import Answer
from bot.domain.cases import Case, CaseState, Reason, Report
from bot.domain.consequences import Ban, Note, Strike
from bot.domain.images import Image
from bot.domain.jobs import Job

QUEUE_PAGE = 8
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """What is known about a member in one server. `bans` holds those everywhere, too."""

    member_id: int
    images: int = 0
    images_day: int = 0  # of the last 24 hours
    strikes: Sequence[Strike] = ()  # newest first
    bans: Sequence[Ban] = ()
    notes: Sequence[Note] = ()
    cases: Mapping[CaseState, int] = field(default_factory=dict)  # as the maker of the picture
    reports_made: int = 0


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as moderators see it."""

    case: Case
    image: Image
    job: Job
    reports: Sequence[Report]  # oldest first
    record: MemberRecord
    answer: Answer | None  # what the provider sent
    parents: Sequence[str] = ()  # ids of the pictures that it was made from, nearest first
    children: Sequence[str] = ()
    thread_id: int | None = None  # where its conversation is, if it is a turn of one
    troubles: Sequence[str] = ()  # what could not be done in Discord
    may_block: bool = False  # whether pictures like it can be refused

    @property
    def reasons(self) -> Mapping[Reason, int]:
        """How many reports name each reason, the most frequent first."""
        counts: dict[Reason, int] = {}
        for report in self.reports:
            counts[report.reason] = counts.get(report.reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], -item[0].gravity)))


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which cases of a server are listed. Open ones: gravest, then oldest first; others: latest first."""

    state: CaseState = CaseState.OPEN
    reason: Reason | None = None
    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue; pages count from 0."""

    wanted: QueueFilter
    cases: Sequence[Case]
    page: int
    total: int
    appeals: Sequence[Ban] = ()  # that nobody has answered, the oldest first

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // QUEUE_PAGE))


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """The desk in figures over a period of days. Times to a decision are milliseconds."""

    days: Sequence[str]  # ISO days of the period
    opened: Sequence[int]  # for each day
    decided: Sequence[int]
    open_now: int
    decision_times: Sequence[int] = ()
    by_reason: Mapping[Reason, int] = field(default_factory=dict)
    by_moderator: Mapping[str, int] = field(default_factory=dict)  # a name for each, most first

    @property
    def median_time(self) -> int | None:
        """The time to a decision that half of the cases stayed under."""
        times = sorted(self.decision_times)
        if not times:
            return None
        middle = len(times) // 2
        return times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) // 2

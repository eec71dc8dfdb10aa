"""Cases: one reported picture with all its reports, and what moderators decide about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.errors import ChangedMeanwhile

HOUR_MS = 3_600_000
TEXT_LIMIT = 4_000  # characters that a reporter may write: as many as Discord takes
APPEAL_LIMIT = 1_000  # characters of an appeal, all of which stand on its card
REASON_LIMIT = 400  # characters that a moderator may write


class Reason(StrEnum):
    """Why somebody reports a picture, in the order in which the form shows them."""

    SEXUAL = "sexual"
    MINORS = "minors"
    VIOLENCE = "violence"
    HATE = "hate"
    HARASSMENT = "harassment"  # or a real person who did not agree
    SELF_HARM = "self_harm"
    ILLEGAL = "illegal"
    COPYRIGHT = "copyright"
    SPAM = "spam"
    OTHER = "other"

    @property
    def gravity(self) -> int:
        """How grave it is, 0 to 3. Cases with graver reasons come first."""
        return _GRAVITY[self]

    @property
    def hides(self) -> bool:
        """Whether a single report hides the picture at once: waiting would be worse than a false alarm."""
        return self.gravity == GRAVEST


GRAVEST = 3
_GRAVITY = {
    Reason.MINORS: GRAVEST,
    Reason.SELF_HARM: GRAVEST,
    Reason.SEXUAL: 2,
    Reason.VIOLENCE: 2,
    Reason.HATE: 2,
    Reason.HARASSMENT: 2,
    Reason.ILLEGAL: 2,
    Reason.COPYRIGHT: 1,
    Reason.OTHER: 1,
    Reason.SPAM: 0,
}


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    DISMISSED = "dismissed"  # the picture may stay
    REMOVED = "removed"  # the picture is gone for everybody


class Action(StrEnum):
    """What a moderator does with a case, in the order of the buttons."""

    CLAIM = "claim"
    DISMISS = "dismiss"
    REMOVE = "remove"
    STRIKE = "strike"  # remove, and a strike for its maker
    BAN = "ban"  # remove, and a ban for its maker
    BLOCK = "block"  # remove, and refuse pictures like it from now on
    RESTORE = "restore"


REMOVING = (Action.REMOVE, Action.STRIKE, Action.BAN, Action.BLOCK)
PUNISHING = (Action.STRIKE, Action.BAN)
SPARING = (Action.DISMISS, Action.RESTORE)
_OPEN_TO = {
    CaseState.OPEN: (Action.CLAIM, Action.DISMISS, *REMOVING),
    CaseState.DISMISSED: REMOVING,
    CaseState.REMOVED: (Action.STRIKE, Action.BAN, Action.BLOCK, Action.RESTORE),
}


@dataclass(frozen=True, slots=True)
class Report:
    """One person's report. Who it was is for moderators alone."""

    case_id: str
    reporter_id: int
    reason: Reason
    text: str
    wants_outcome: bool
    at: int  # UTC milliseconds


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is kept. Times are UTC milliseconds.

    `turn` counts what moderators did: who decides has to have seen the last one (`after`). Reports do not
    count, so that a hundred of them cannot keep moderators from deciding.
    """

    id: str
    guild_id: int
    number: int  # per server, from 1: people write #7
    image_id: str
    member_id: int  # who made the picture
    reason: Reason  # the gravest of all reports
    opened_at: int
    updated_at: int
    state: CaseState = CaseState.OPEN
    reports: int = 0
    turn: int = 0
    claimed_by: int | None = None
    claimed_at: int | None = None
    decision: Action | None = None
    decided_by: int | None = None
    decided_at: int | None = None
    reports_decided: int = 0  # how many reports there were when it was decided
    blocked: bool = False
    channel_id: int | None = None  # where its card is
    message_id: int | None = None
    reminded_at: int | None = None

    def evolve(self, **changes: Any) -> Case:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def allows(self, action: Action) -> bool:
        """Whether this can be done with it as it stands."""
        if action is Action.BLOCK and self.blocked:
            return False
        if action is self.decision and action in PUNISHING and self.state is CaseState.REMOVED:
            return False  # once for each decision; more is for /mod
        return action in _OPEN_TO[self.state]

    def after(self, action: Action, *, by: int, now: int, seen: int) -> Case:
        """Return the case after a moderator's action; raise ChangedMeanwhile where it went on since `seen`
        or stands where this cannot be done."""
        if seen != self.turn or not self.allows(action):
            raise ChangedMeanwhile("case")
        changed = self.evolve(turn=self.turn + 1, updated_at=now)
        if action is Action.CLAIM:
            return changed.evolve(claimed_by=by, claimed_at=now)
        state = CaseState.REMOVED if action in REMOVING else CaseState.DISMISSED
        return changed.evolve(
            state=state,
            decision=action,
            decided_by=by,
            decided_at=now,
            reports_decided=self.reports,
            blocked=action is Action.BLOCK or (self.blocked and action is not Action.RESTORE),
        )

    def joined(self, reason: Reason, *, now: int) -> Case:
        """Return the case with one more report."""
        graver = reason if reason.gravity > self.reason.gravity else self.reason
        return self.evolve(reports=self.reports + 1, reason=graver, updated_at=now)

    def hides(self, threshold: int) -> bool:
        """Whether its reports hide the picture before a moderator has looked at it."""
        return self.state is CaseState.OPEN and (self.reason.hides or self.reports >= threshold)

    def reopens(self, before: Reason, threshold: int) -> bool:
        """Whether its reports are worth another look after it was dismissed; `before` is its reason then.

        The picture is not hidden again by reports alone: a moderator has found that it may stay.
        """
        if self.state is not CaseState.DISMISSED:
            return False
        graver = self.reason.gravity > before.gravity
        return graver or self.reports - self.reports_decided >= threshold

    def reopened(self, now: int) -> Case:
        """Return the case as open again."""
        return self.evolve(
            state=CaseState.OPEN, claimed_by=None, claimed_at=None, turn=self.turn + 1, updated_at=now
        )

    @property
    def hidden_by_reports(self) -> bool:
        """Whether reports may hide the picture: not after a moderator has decided once."""
        return self.decided_at is None

"""What people with a say changed: an append-only record of who did what to what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Actions are ``subject.verb``; who adds one writes it beside its siblings.
SETTINGS_CHANGED = "settings.changed"
SETTINGS_RELOADED = "settings.reloaded"  # the operator's file
STYLE_CREATED = "style.created"
STYLE_CHANGED = "style.changed"
STYLE_DELETED = "style.deleted"
CHARACTER_SHARED = "character.shared"
CHARACTER_UNSHARED = "character.unshared"
JOB_CANCELLED = "job.cancelled"
LIMITS_CHANGED = "limits.changed"
TIER_GIVEN = "tier.given"
TIER_TAKEN = "tier.taken"
GRANT_GIVEN = "grant.given"
GRANT_REVOKED = "grant.revoked"
MEMBER_RESET = "member.reset"
CASE_CLAIMED = "case.claimed"
CASE_DECIDED = "case.decided"
PICTURE_HIDDEN = "picture.hidden"
PICTURE_DELETED = "picture.deleted"  # somebody else's
PICTURE_TAKEN_AWAY = "picture.taken_away"  # a copy of what was made elsewhere
STRIKE_GIVEN = "strike.given"
STRIKE_PARDONED = "strike.pardoned"
BAN_GIVEN = "ban.given"
BAN_LIFTED = "ban.lifted"
APPEAL_MADE = "appeal.made"
APPEAL_DECLINED = "appeal.declined"
NOTE_WRITTEN = "note.written"
EVIDENCE_SEEN = "evidence.seen"
WORDS_CHANGED = "words.changed"
PICTURE_BLOCKED = "picture.blocked"
PICTURE_UNBLOCKED = "picture.unblocked"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `target` names what was changed, `data` says how (plain JSON values)."""

    id: str
    guild_id: int | None
    actor_id: int
    at: int  # UTC milliseconds
    action: str
    target: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    # Its place in the chain, where it was read from there (see `storage.audit`).
    number: int | None = field(default=None, compare=False)
    link: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is empty is any."""

    actor_id: int | None = None
    subject: str = ""  # the first half of an action, such as "case"
    target: str = ""
    since: int = 0  # UTC milliseconds


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Whether the audit's chain holds: how many links do, and which one is broken, and how."""

    links: int
    broken: int | None = None
    fault: str = ""

    @property
    def whole(self) -> bool:
        return self.broken is None


def entry_id(at: int, tail: str) -> str:
    """Return an id that sorts by time; `tail` makes it unique within a millisecond."""
    return f"{at:013x}-{tail}"


def entry_time(id_: str) -> int | None:
    """Return when an entry of this id was written, or None where it is no such id."""
    start, dash, tail = id_.partition("-")
    try:
        return int(start, 16) if dash and tail and len(start) == 13 else None
    except ValueError:
        return None

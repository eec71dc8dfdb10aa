"""What has to happen in Discord because something was decided.

A notice is written in the transaction of its cause and worked off later. It names a subject that has to
agree with the data (a picture's messages, a case's card) or a message that somebody has to get, never how:
working it off twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LONGEST_PAUSE = 600.0  # seconds
MOST_TRIES = 12  # over about an hour and a half


class NoticeKind(StrEnum):
    """What has to agree, or be said."""

    PICTURE = "picture"  # subject: an image; its messages show it, or what became of it
    ANSWER = "answer"  # subject: a job; its answer and all copies of it, however it ended
    CARD = "card"  # subject: a case; its card at the desk
    OUTCOME = "outcome"  # subject: a case and its turn; a direct message to a reporter
    MEMBER = "member"  # subject: an id of its own; a direct message about a removal, a strike, a ban
    CANCELLED = "cancelled"  # subject: a job; its owner is told that it was taken back
    APPEAL = "appeal"  # subject: a ban; its appeal at the desk
    BLOCK = "block"  # subject: an image; pictures like it are refused
    REMINDER = "reminder"  # subject: a server; the cases that wait too long
    TROUBLE = "trouble"  # subject: a server and its desk, which cannot be written to


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to bring about. `version` grows when it is asked for again while it is worked on."""

    kind: NoticeKind
    subject: str
    due_at: int  # UTC milliseconds
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    tries: int = 0


def pause_after(tries: int) -> int:
    """Milliseconds until the next try after so many."""
    return int(min(LONGEST_PAUSE, 2.0**tries) * 1000)

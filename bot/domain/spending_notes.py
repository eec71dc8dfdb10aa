"""What a server is told about once, in its log channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class NoteKind(StrEnum):
    """What about. The values that each has in `data` stand beside it."""

    BUDGET = "budget"  # mark (per cent), spent, budget (micro-dollars), resets_at
    UNUSUAL = "unusual"  # member_id, spent, usual (micro-dollars)


@dataclass(frozen=True, slots=True)
class SpendingNote:
    """One note. There is one for each server, kind and subject, whatever happens."""

    guild_id: int
    kind: NoteKind
    subject: str
    at: int  # UTC milliseconds
    data: Mapping[str, Any] = field(default_factory=dict)

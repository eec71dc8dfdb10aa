"""Attempts that a rule refused: kept as evidence, and counted until somebody has to pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MINUTE = 60_000  # milliseconds
WINDOW = 60 * MINUTE  # within which attempts count together


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was refused. `id` is that of what it came with: delivered twice, it counts once."""

    id: str
    guild_id: int | None  # None: in direct messages
    channel_id: int
    member_id: int
    at: int  # UTC milliseconds
    rule: str
    entries: tuple[str, ...]
    what: str  # "prompt", "picture", or what kind of name
    text: str
    kept_until: int


def pause_until(latest: Sequence[int], allowed: int, minutes: int, now: int) -> int | None:
    """Return until when a member pauses, or None; `latest` are the times of their attempts, newest first.

    So many attempts as are allowed, all within an hour, are followed by a pause that begins with the last.
    """
    if not allowed or not minutes or len(latest) < allowed:
        return None
    newest, oldest = latest[0], latest[allowed - 1]
    end = newest + minutes * MINUTE
    return end if newest - oldest <= WINDOW and now < end else None

"""Pictures that moderators do not want to see again, by what they look like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockedPicture:
    """One of them. `hashes` find its copies: re-encoded, scaled, cropped a little, mirrored."""

    id: str
    guild_id: int | None  # None: everywhere, by the operator
    sha256: str
    hashes: tuple[int, ...]
    reason: str
    at: int  # UTC milliseconds
    by: int

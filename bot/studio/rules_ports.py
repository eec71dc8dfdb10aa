"""What the rules need from the outside, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.domain.attempts import Attempt
from bot.domain.blocked import BlockedPicture
from bot.domain.rules.words import ServerWords


class WordLists(Protocol):
    """Servers' own words."""

    async def version_of(self, guild_id: int) -> int:
        """The version of a server's list; 0 where it has none."""
        ...

    async def of_server(self, guild_id: int) -> ServerWords:
        """A server's list; version 0 and empty where it has none."""
        ...

    async def save(self, words: ServerWords) -> None:
        """Write a list whose version is one more than what is kept; StaleState where it is not."""
        ...


class Attempts(Protocol):
    """What rules refused."""

    async def add(self, attempt: Attempt) -> bool:
        """Keep an attempt; False where it is kept already."""
        ...

    async def latest(self, guild_id: int | None, member_id: int, limit: int) -> Sequence[int]:
        """When a member's latest attempts in a server were, newest first."""
        ...

    async def of_server(
        self, guild_id: int, *, limit: int, member_id: int | None = None
    ) -> Sequence[Attempt]:
        """The latest attempts in a server, or those of one member there, newest first."""
        ...

    async def forget(self, now: int, limit: int) -> int:
        """Remove some of what is not to be kept any longer; return how many."""
        ...


class BlockedPictures(Protocol):
    """Pictures that are refused and not shown. Of a server are its own and those of the operator."""

    async def insert(self, blocked: BlockedPicture) -> bool:
        """Write a new one; False where the same picture is blocked there already."""
        ...

    async def stamp(self, guild_id: int | None) -> str:
        """What changes whenever the pictures that hold for a server change; empty where there are none."""
        ...

    async def holding_for(self, guild_id: int | None) -> Sequence[BlockedPicture]:
        """What is blocked in a server (None: in direct messages) or everywhere, the newest first."""
        ...

    async def delete(self, blocked_id: str, guild_id: int | None) -> bool:
        """Remove one of a server's own, or (None) of those that hold everywhere; False: there is none."""
        ...


class Hashing(Protocol):
    """Perceptual hashes, off the event loop."""

    async def picture_hash(self, path: Path) -> int | None:
        """The hash of a picture; None where the bytes are no whole picture."""
        ...

    async def hashes_to_block(self, path: Path) -> tuple[int, ...]:
        """The hashes that find a picture and its copies; raise ImageError where it is no whole picture."""
        ...

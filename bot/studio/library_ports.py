"""What the studio needs of the database for what people keep and find again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.caps import Period
from bot.domain.characters import Character
from bot.domain.gallery import Filter, Found
from bot.domain.images import Image
from bot.domain.presets import ServerPreset


class Presets(Protocol):
    """The presets that servers made. Names are compared without regard to case."""

    async def insert(self, kept: ServerPreset) -> None:
        """Write a new preset; StaleState where its server has one of that name."""
        ...

    async def save(self, kept: ServerPreset) -> None:
        """Write a changed preset whose version is one more than what is kept; StaleState otherwise."""
        ...

    async def get(self, guild_id: int, name: str) -> ServerPreset | None: ...

    async def of_server(self, guild_id: int) -> Sequence[ServerPreset]:
        """All presets of a server by name."""
        ...

    async def delete(self, guild_id: int, name: str) -> bool:
        """Remove a preset; False where there is none of that name."""
        ...


class Characters(Protocol):
    """Characters. Their pictures are what may still be used of them."""

    async def insert(self, character: Character) -> None:
        """Write a new character; StaleState where its owner, or its server, has one of that name."""
        ...

    async def get(self, character_id: str) -> Character | None: ...

    async def of_owner(self, owner_id: int) -> Sequence[Character]:
        """All characters of a person by name."""
        ...

    async def of_server(self, guild_id: int) -> Sequence[Character]:
        """All characters that are shared with a server, by name."""
        ...

    async def unsaid(self, digests: Collection[str]) -> bool:
        """Whether members brought some of these files along, and nobody who saved them said that who is shown
        agrees."""
        ...

    async def share(self, character_id: str, guild_id: int | None) -> None:
        """Share a character with a server, or with nobody (None); StaleState where the name is taken."""
        ...

    async def delete(self, character_id: str) -> bool:
        """Remove a character; False where it was gone already."""
        ...


class Gallery(Protocol):
    """Finding kept pictures again. What was deleted is never found."""

    async def older(
        self, owner_id: int, wanted: Filter, period: Period, before: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made before one of them, the newest first."""
        ...

    async def newer(
        self, owner_id: int, wanted: Filter, period: Period, after: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made right after one of them, the newest first."""
        ...

    async def from_place(
        self, owner_id: int, wanted: Filter, period: Period, skip: int, limit: int
    ) -> Sequence[Found]:
        """A member's pictures without the first `skip`, the newest first."""
        ...

    async def count(
        self, owner_id: int, wanted: Filter, period: Period, newer_than: Image | None = None
    ) -> int:
        """How many of a member's pictures match, in all or after one of them."""
        ...

    async def like(self, owner_id: int, typed: str, limit: int) -> Sequence[Found]:
        """A member's pictures whose id begins with what was typed, or whose prompt holds it, newest first."""
        ...

    async def children(self, image_id: str, limit: int) -> Sequence[Found]:
        """What was made from a picture, by anybody, the oldest first."""
        ...

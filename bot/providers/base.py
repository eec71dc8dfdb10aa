"""What this room needs from the rest of the bot: a place for pictures.

What it gives is one class for each provider with the methods that `bot.studio.ports.Provider` names; both
sides meet in the values of `bot.domain` (`Call`, `Answer`) and in the errors of `bot.errors`.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

PICTURE_HOLDERS = frozenset({"inlineData", "inline_data"})  # the objects whose "data" is base64


class Spool(Protocol):
    """One picture that is being written. Nobody sees it before `commit`.

    Trouble with the disk is a `StorageError`.
    """

    async def write(self, data: bytes) -> None:
        """Append some bytes; small pieces are collected, so that few of them wait for the disk."""
        ...

    async def commit(self) -> tuple[str, int]:
        """Keep the picture, durably; return its SHA-256 (hex) and its size in bytes."""
        ...

    async def abort(self) -> None:
        """Remove what was written."""
        ...


class PictureStore(Protocol):
    """Where pictures are kept, addressed by SHA-256."""

    def spool(self) -> AbstractAsyncContextManager[Spool]:
        """Begin a picture; leaving the context without a commit aborts it."""
        ...

    def path(self, sha256: str) -> Path:
        """Where a picture's bytes are."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of an answer that is in the store."""

    sha256: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an answer is taken in, so that no provider can fill the memory or the disk."""

    pictures: int = 16  # in one answer
    picture_bytes: int = 64 * 2**20  # decoded, all pictures of one answer together
    text_bytes: int = 16 * 2**20  # everything that is no picture: texts, signatures, numbers
    error_bytes: int = 2**20  # of an answer with another status than 200; the rest is left unread

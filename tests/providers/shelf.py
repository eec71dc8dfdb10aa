"""The real blob store, and what tests want to know of its folder."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage.blobs import Blobs
from storage.spool import Spool


class Shelf:
    """A picture store (`bot.providers.base.PictureStore`) in a folder of its own."""

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder = folder
        self._blobs = blobs

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Shelf]:
        async with Blobs.open(folder) as blobs:
            yield cls(folder, blobs)

    def spool(self) -> Spool:
        return self._blobs.spool()

    def path(self, sha256: str) -> Path:
        return self._blobs.path(sha256)

    def keep(self, data: bytes) -> str:
        """Put a picture in, as a finished job of earlier did."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.path(sha256).parent.mkdir(exist_ok=True)
        self.path(sha256).write_bytes(data)
        return sha256

    @property
    def names(self) -> list[str]:
        """Every file in the folder."""
        return sorted(path.name for path in self._folder.rglob("*") if path.is_file())

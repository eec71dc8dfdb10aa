"""Kept pictures on their way to Discord."""

from __future__ import annotations

import asyncio
import errno
import io
import os
from collections.abc import Iterable
from pathlib import Path

import discord

from cogs.mapped import Mapped

STEP = 1024 * 1024  # bytes read at once, and so held of each picture that is streamed
SMALL = 2 * STEP  # bytes of a picture that is mapped as a whole


class _LargeSteps(io.BufferedReader):
    """Reads a megabyte where aiohttp asks for less: it would go to a thread for every 64 KB."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if size is None or size < 0 else max(size, STEP))


class PictureFile(discord.File):
    """A picture that goes to Discord from its file. discord.py closes it after sending."""

    def __init__(self, path: Path, *, size: int, filename: str, description: str | None, once: bool) -> None:
        """Open a file of so many bytes; `once` is explained at `Mapped`.

        Raises OSError, also where it was emptied or cut off: Discord would show no picture then.
        """
        self._path = path
        self.once = once
        file = io.FileIO(path)
        found = os.fstat(file.fileno()).st_size
        if found != size:
            file.close()
            raise OSError(errno.EIO, f"{found} bytes are left of {size}", str(path))
        super().__init__(_LargeSteps(file), filename=filename, description=description)
        # Unlike a path, an open file is not discord.py's own to close.
        self._owner = True
        self.small = 0 < size <= SMALL

    def map(self) -> None:
        """Map the picture into memory. It blocks; raises OSError."""
        self.close()
        mapped = Mapped(self._path, once=self.once)
        super().__init__(mapped, filename=self.filename, spoiler=self.spoiler, description=self.description)
        self._owner = True


async def map_small(files: Iterable[discord.File]) -> None:
    """Map what is small into memory; raises OSError.

    aiohttp sends what is in memory without a thread. Of a file it looks up the size, reads and closes in one,
    each by itself, which costs a small picture more than the reading. Copies of our own would cost more
    still: of hundreds of pictures that are sent at the same time, every page would be new memory.
    """
    small = [file for file in files if isinstance(file, PictureFile) and file.small]
    if small:
        await asyncio.to_thread(_map, small)


def _map(files: Iterable[PictureFile]) -> None:
    for file in files:
        file.map()

"""Kept pictures on their way to Discord."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterable
from pathlib import Path

import discord

STEP = 1024 * 1024  # bytes read at once, and so held of each picture that is being sent
SMALL = 2 * STEP  # bytes of a picture that is held as a whole


def _in_large_steps(size: int | None) -> int | None:
    """Return how much to read where aiohttp asks for `size`: it would go to a thread for every 64 KB."""
    return size if size is None or size < 0 else max(size, STEP)


class _LargeSteps(io.BufferedReader):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_in_large_steps(size))


class _Held(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(_in_large_steps(size))


class PictureFile(discord.File):
    """A picture that is streamed from its file. discord.py closes it after sending."""

    def __init__(self, path: Path, *, filename: str, description: str | None) -> None:
        file = io.FileIO(path)
        super().__init__(_LargeSteps(file), filename=filename, description=description)
        # Unlike a path, an open file is not discord.py's own to close.
        self._owner = True
        self.small = os.fstat(file.fileno()).st_size <= SMALL

    def hold(self) -> None:
        """Read the picture and close its file. It blocks; raises OSError."""
        try:
            held = _Held(self.fp.read())
        finally:
            self.close()
        super().__init__(held, filename=self.filename, spoiler=self.spoiler, description=self.description)


async def hold_small(files: Iterable[discord.File]) -> None:
    """Read what is small at one go; raises OSError.

    aiohttp sends what is in memory without a thread. Of a file it looks up the size, reads and closes in one,
    each by itself, which costs a small picture more than the reading.
    """
    small = [file for file in files if isinstance(file, PictureFile) and file.small]
    if small:
        await asyncio.to_thread(_hold, small)


def _hold(files: Iterable[PictureFile]) -> None:
    for file in files:
        file.hold()

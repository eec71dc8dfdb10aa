"""Kept pictures on their way to Discord."""

from __future__ import annotations

import io
from pathlib import Path

import discord

STEP = 1024 * 1024  # bytes read at once, and so held of each picture that is being sent


class _LargeSteps(io.BufferedReader):
    """A file that is read in larger steps than aiohttp asks for.

    aiohttp goes to a thread for every 64 KB, which costs more than the reading.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size if size is None or size < 0 else max(size, STEP))


class PictureFile(discord.File):
    """A picture that is streamed from its file. discord.py closes it after sending."""

    def __init__(self, path: Path, *, filename: str, description: str | None) -> None:
        # Unlike a path, an open file is not discord.py's own to close.
        super().__init__(_LargeSteps(io.FileIO(path)), filename=filename, description=description)
        self._owner = True

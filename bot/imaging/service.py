"""The door to this room: work on pictures in a bounded number of threads."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.background import stand_back
from bot.domain.gallery import Tile
from bot.domain.images import FittedFile, Inspected, Prepared
from bot.domain.trees import Drawn
from bot.errors import ImageError
from bot.imaging import charts, fitting, hashing, intake, reading, sheets, trees
from bot.imaging.budget import MIB, Budget

MOST_WORKERS = 8
MOST_UPLOADS = 2  # of what members sent are looked at or decoded at once
# Bytes that decoding may take: together they fit a container of a gigabyte, beside everything else.
UPLOADS_MEMORY, RESULTS_MEMORY = 400 * MIB, 300 * MIB


class Imaging:
    """Looks at pictures and makes copies that fit, beside the event loop.

    Pillow lets go of the interpreter while it decodes, scales and encodes, so threads are enough. There are
    as many as processors, within reason: more would not be faster, and each holds a decoded picture (four
    bytes for each pixel, twice that while it is scaled). What members send may be made to be slow and large:
    it has threads and memory of its own, so that no result waits behind it, and it waits for its memory
    without a thread. Close it with ``async with``; what is being worked on is finished first, what waits is
    cancelled.
    """

    def __init__(
        self, *, workers: int | None = None, cache: Path | None = None, uploads: Budget | None = None
    ) -> None:
        count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="imaging", initializer=stand_back)
        self._uploads = ThreadPoolExecutor(
            min(MOST_UPLOADS, count), thread_name_prefix="imaging-uploads", initializer=stand_back
        )
        self._budget = Budget(RESULTS_MEMORY)
        self._uploads_budget = uploads or Budget(UPLOADS_MEMORY)
        self._cache = cache
        self._drawing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in (self._uploads, self._pool):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def inspect(self, path: Path) -> Inspected | None:
        """Decode a picture fully and say what it is; None where the bytes are no whole picture.

        JPEG, PNG, WebP and GIF are pictures. Raises StorageError where the file cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._inspect, path)

    async def fit(self, path: Path, limit: int) -> FittedFile:
        """Return the picture in at most `limit` bytes, with at least half of its pixels.

        A picture that fits comes back byte for byte. Raises ImageError where no copy fits or the file is no
        whole picture, StorageError where it cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._fit, path, limit)

    async def contact_sheet(self, tiles: Sequence[Tile]) -> FittedFile:
        """Return a picture of several pictures, each with its label, in at most a megabyte.

        What is missing or no whole picture has a sign in its place. ValueError where there are no tiles.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, sheets.contact_sheet, tuple(tiles), self._budget
        )

    async def chart(self, chart: Mapping[str, Any]) -> FittedFile:
        """Draw plain values (see `bot.imaging.charts`), one picture at a time; raise ImageError."""
        cache = self._cache or Path(tempfile.gettempdir())
        async with self._drawing:
            return await charts.draw(chart, str(cache / "matplotlib"))

    async def tree(self, drawn: Sequence[Drawn]) -> FittedFile:
        """Return a picture of a conversation's turns, joined by lines. ValueError where there are none."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, trees.tree, tuple(drawn), self._budget
        )

    async def side_by_side(self, one: Drawn, other: Drawn) -> FittedFile:
        """Return a picture of two turns beside each other."""
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, trees.side_by_side, one, other, self._budget
        )

    async def take_in(self, path: Path, *, longest_side: int = 2048) -> Prepared:
        """Make a picture anew from a file that somebody sent: upright, sRGB, without any metadata.

        The content decides what it is. PNG with transparency, else JPEG, at most `longest_side` pixels on a
        side. Raises InputRefused where it cannot be used, StorageError where it cannot be read.
        """
        loop = asyncio.get_running_loop()
        needed = await loop.run_in_executor(self._uploads, _weigh, path)
        share = await self._uploads_budget.take(needed)
        try:
            made = self._uploads.submit(_take_in, path, longest_side)
        except RuntimeError as closed:  # meanwhile; what waits in there is cancelled in the same way
            self._uploads_budget.give_back(share)
            raise asyncio.CancelledError from closed
        # Whoever waits may be cancelled, and the thread goes on: the memory is free when that is done.
        made.add_done_callback(lambda _: self._uploads_budget.give_back(share))
        return await asyncio.wrap_future(made)

    async def picture_hash(self, path: Path) -> int | None:
        """Return what tells whether pictures look alike; None where the bytes are no whole picture.

        Raises StorageError where the file cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hash, path)

    async def hashes_to_block(self, path: Path) -> tuple[int, ...]:
        """Return the hashes that find a picture again, also cropped a little or mirrored.

        Raises ImageError where the file is no whole picture, StorageError where it cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hashes, path)

    def _hash(self, path: Path) -> int | None:
        try:
            return hashing.picture_hash(reading.read(path), self._budget)
        except ImageError:
            return None

    def _hashes(self, path: Path) -> tuple[int, ...]:
        return hashing.hashes_to_block(reading.read(path), self._budget)

    def _inspect(self, path: Path) -> Inspected | None:
        return reading.inspect(path, self._budget)

    def _fit(self, path: Path, limit: int) -> FittedFile:
        return fitting.fit(reading.read(path), limit, self._budget)


def _weigh(path: Path) -> int:
    return intake.weigh(intake.read(path))


def _take_in(path: Path, longest_side: int) -> Prepared:
    return intake.take_in(intake.read(path), longest_side)

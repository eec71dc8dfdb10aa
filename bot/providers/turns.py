"""Turns on the event loop for answers that arrive at the same time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets one work at a time, the oldest first.

    With equal turns for all, of many answers that arrive together every one would be complete only at the
    end. So the first is read to its end first, for as long as its bytes are at hand.
    """

    def __init__(self) -> None:
        self._ages = itertools.count()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._taken = False

    def age(self) -> int:
        """Return the age of who comes now: the lower, the sooner."""
        return next(self._ages)

    @asynccontextmanager
    async def turn(self, age: int) -> AsyncIterator[None]:
        """Work alone within the block. Ages are unique, and each waits for one turn at a time.

        A turn lasts for a whole round of the event loop. So everybody else there has a turn before the
        next one here, and who wants another turn right away waits beside the others for it.
        """
        loop = asyncio.get_running_loop()
        if self._taken:
            called = loop.create_future()
            heapq.heappush(self._waiting, (age, called))
            try:
                await called
            except BaseException:
                if called.done() and not called.cancelled():
                    loop.call_soon(self._next)  # it was called and left at the same moment
                raise
        self._taken = True
        try:
            yield
        finally:
            loop.call_soon(self._next)

    def _next(self) -> None:
        """Call the oldest that still waits. Until it runs, nobody else gets in between."""
        while self._waiting:
            _, called = heapq.heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._taken = False

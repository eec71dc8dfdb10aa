"""Waiting in a test for something that happens, without guessing how long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE = 30.0  # seconds until a test that waits in vain fails


class Changes:
    """What a test can wait for: whoever changes it says so."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def changed(self) -> None:
        """Wake everybody who waits, to look again."""
        passed, self._next = self._next, asyncio.Event()
        passed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self._next.wait()

    async def until_so(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Return when `condition`, which has to look somewhere else, finds that it holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                change = self._next  # before looking: what changes meanwhile is looked at again
                if await condition():
                    return
                await change.wait()

"""Waiting for something to become true, woken by changes and never by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar

T = TypeVar("T")


class NotSeen(AssertionError):
    """What a test waited for did not happen in time; the text shows what happened instead."""


class Signal:
    """Wakes everybody who waits when something may have changed."""

    __slots__ = ("_waiters",)

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def notify(self) -> None:
        """Let every waiter look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(
        self, probe: Callable[[], T | Literal[False] | None], *, within: float, describe: Callable[[], str]
    ) -> T:
        """Return the first truthy value of `probe`, looking again after every change.

        Raises `NotSeen` with the text of `describe` after `within` seconds.
        """
        try:
            async with asyncio.timeout(within):
                while True:
                    value = probe()
                    if value:
                        return value
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.append(waiter)
                    await waiter
        except TimeoutError as exc:
            raise NotSeen(f"not seen within {within:g} s\n{describe()}") from exc

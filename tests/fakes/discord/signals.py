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


class Gate:
    """Keeps requests standing until a test lets them go on."""

    def __init__(self, name: str = "hold") -> None:
        self.count = 0  # how many have come here
        self._name = name
        self._changed = Signal()
        self._open = asyncio.Event()
        self._dropped = False

    async def arrived(self, count: int = 1, *, within: float = 20.0) -> None:
        """Wait until `count` requests stand here; raises `NotSeen` where they do not come in time."""
        await self._changed.until(
            lambda: self.count >= count,
            within=within,
            describe=lambda: f"{self._name}: {self.count} of {count} requests arrived",
        )

    def release(self) -> None:
        """Let those who wait, and all later ones, go on."""
        self._open.set()

    def drop(self) -> None:
        """Cut the connections of those who wait, without an answer; later requests pass unhindered."""
        self._dropped = True
        self._open.set()

    @property
    def closed(self) -> bool:
        """Nobody is held any more."""
        return self._open.is_set()

    async def stand(self) -> bool:
        """Wait here, as a request; False where the connection is to be cut."""
        self.count += 1
        self._changed.notify()
        await self._open.wait()
        return not self._dropped

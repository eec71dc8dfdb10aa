"""Database work that has to succeed, because a picture that was paid for depends on it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StorageBusy, StorageFull, StorageReadOnly
from bot.studio.ports import Clock, Waits

T = TypeVar("T")
log = logging.getLogger(__name__)

# Faults of the outside that end when somebody frees space or lets go of a lock.
PASSING = (StorageBusy, StorageFull, StorageReadOnly)
LONGEST_PAUSE = 15.0


class Patience:
    """Repeats a piece of database work until the storage takes it.

    The work must be safe to repeat: a transaction that failed left nothing behind. What is at stake (the
    provider's answer) is kept, so when the program stops meanwhile the next start does the work.
    """

    def __init__(self, clock: Clock, waits: Waits) -> None:
        self._clock = clock
        self._waits = waits

    async def __call__(self, work: Callable[[], Awaitable[T]], what: str) -> T:
        """Do `work` until it succeeds; anything but a passing storage fault is raised at once."""
        pause = 0.25
        while True:
            try:
                return await work()
            except PASSING as error:
                log.warning("%s: %s; trying again in %.2f s", what, error, pause)
            await self._waits(self._clock.sleep(pause), "storage")
            pause = min(LONGEST_PAUSE, pause * 2)

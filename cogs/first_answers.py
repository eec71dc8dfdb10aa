"""Who still waits for a first answer, so that in a burst first answers go before everything else."""

from __future__ import annotations

import asyncio

from bot.studio.ports import Waits
from cogs.waiting import until

# In a burst, first answers go before work that takes as long anyway.
FEW = 3
# With more than so many at once Discord is asked to wait for each, in a third of the time that it takes to
# accept a request and answer with its card: its 3 seconds come first, whatever the machine. The price: who
# was told to wait is not accepted yet, and a crash in between is not made up for (docs/reliability.md).
MANY = 12
SECONDS_TO_HOLD_BACK = 0.25


class FirstAnswers:
    """Counts the interactions that Discord has heard nothing about yet."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._awaited = 0
        self._few = asyncio.Event()  # set while no more than that are awaited
        self._few.set()
        self._many = asyncio.Event()  # set while more than that are

    def expect(self) -> None:
        """Say that one more is awaited; `given` ends that."""
        self._awaited += 1
        if self._awaited > FEW:
            self._few.clear()
        if self._awaited > MANY:
            self._many.set()

    def given(self) -> None:
        """Say that one was given, or will never be."""
        self._awaited -= 1
        if self._awaited <= MANY:
            self._many.clear()
        if self._awaited <= FEW:
            self._few.set()

    @property
    def calm(self) -> bool:
        """Whether few are awaited."""
        return self._few.is_set()

    @property
    def many(self) -> bool:
        """Whether so many are awaited that Discord should be asked to wait for each of them."""
        return self._many.is_set()

    async def patience(self, seconds: float) -> None:
        """Return after so long, or when many are awaited."""
        await self._waits(until(self._many, seconds), "answer")

    async def settled(self) -> None:
        """Return when few are awaited, at the latest after a moment."""
        await until(self._few, SECONDS_TO_HOLD_BACK)

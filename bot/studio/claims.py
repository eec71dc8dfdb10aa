"""Claims that are under way: jobs that are at work by their state and have no task yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bot.studio.job_tasks import end_now

T = TypeVar("T")


class Claims:
    """Whoever is in `settled` sees the task of every job that this process has claimed.

    The worker claims in its turn. Beside it, those who accept requests claim at the same time as each other:
    each in a task of its own, that ends when what it claimed has its task, even if the caller is cancelled.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._settling = False
        self._beside: set[asyncio.Task[Any]] = set()

    @property
    def allowed(self) -> bool:
        """Whether a claim may begin now beside the worker's."""
        return not self._settling

    @property
    def beside(self) -> int:
        """How many claims are under way beside the worker's."""
        return len(self._beside)

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[None]:
        """The worker's claim, until what it claimed has its tasks."""
        async with self._turn:
            yield

    async def aside(self, accepting: Coroutine[Any, Any, T], *, claims: bool) -> T:
        """Run what accepts a request and, only where that is `allowed`, to its end what also begins its job.

        Both go the same way, so that all reach the database in the order in which they were asked for.
        """
        task = asyncio.create_task(accepting, name="accept")
        if not claims:
            return await task
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return await asyncio.shield(task)

    async def end(self) -> None:
        """Give up what is still under way beside the worker's; the next start finds what was claimed."""
        await end_now(*self._beside)

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[None]:
        """Wait until no claim is under way, and let none begin within the block."""
        async with self._turn:
            self._settling = True
            try:
                while self._beside:
                    await asyncio.wait(self._beside)
                yield
            finally:
                self._settling = False

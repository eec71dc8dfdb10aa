"""Tasks by the id of the job that each is about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class JobTasks:
    """Holds named tasks, one for a job, and lets go of those that have ended."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tasks)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._tasks

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that have not ended."""
        return list(self._tasks.values())

    def start(self, job_id: str, work: Coroutine[Any, Any, None], what: str) -> None:
        """Run `work` as a task that is named by what it does and for which job."""
        task = asyncio.create_task(work, name=f"{what} {job_id}")
        self._tasks[job_id] = task

        def ended(task: asyncio.Task[None]) -> None:
            # A job that was put back may run again already.
            if self._tasks.get(job_id) is task:
                del self._tasks[job_id]

        task.add_done_callback(ended)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Run `work` beside the block, which awaits the task where it needs the result. It ends with the block.

    It has the name of the task that it helps: whoever looks at tasks sees what it is there for.
    """
    owner = asyncio.current_task()
    task = asyncio.create_task(work, name=None if owner is None else owner.get_name())
    try:
        yield task
    finally:
        await end_now(task)


async def end_now(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, and return when they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

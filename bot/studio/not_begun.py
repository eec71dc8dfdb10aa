"""Calls that have not begun, by job: those can be cancelled without losing what is paid."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.errors import Cancelled


class NotBegun:
    """Knows the tasks that wait before a call, and the jobs that nobody wants any more."""

    def __init__(self) -> None:
        self._tasks: defaultdict[str, set[asyncio.Task[Any]]] = defaultdict(set)
        self._cancelled: set[str] = set()

    def is_cancelled(self, job_id: str) -> bool:
        """Whether nobody wants a job any more."""
        return job_id in self._cancelled

    def cancel(self, job_id: str) -> int:
        """Make no more calls for a job; return how many had not begun. What is under way goes on."""
        self._cancelled.add(job_id)
        tasks = self._tasks.pop(job_id, set())
        for task in tasks:
            task.cancel()
        return len(tasks)

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended."""
        self._cancelled.discard(job_id)
        self._tasks.pop(job_id, None)

    @contextmanager
    def waiting(self, job_id: str) -> Iterator[None]:
        """Within the block nothing is paid yet: `cancel` ends it."""
        if job_id in self._cancelled:
            raise Cancelled("cancelled before the call")
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a picture is asked for within a task")
        self._tasks[job_id].add(task)
        try:
            yield
        finally:
            if tasks := self._tasks.get(job_id):
                tasks.discard(task)
                if not tasks:
                    del self._tasks[job_id]

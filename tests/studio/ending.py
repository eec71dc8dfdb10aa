"""Ending tasks as a process does that is killed: at once, and without a word."""

from __future__ import annotations

import asyncio
from typing import Any

# How the names of the studio's own tasks begin.
STUDIO_TASKS = frozenset(
    {"workers", "upkeep", "queue", "watch", "lane", "accept", "job", "recover", "deliver", "drain"}
)


async def end_process(others: set[asyncio.Task[Any]]) -> None:
    """Stop the tasks of a process. What its storage has begun goes on to its end: the disk outlives it."""
    others = others | {task for task in (asyncio.current_task(),) if task is not None}
    while left := asyncio.all_tasks() - others:
        for task in left:
            if task.get_name().partition(" ")[0] in STUDIO_TASKS:
                task.cancel()
        await asyncio.wait(left)
        await asyncio.gather(*left, return_exceptions=True)  # what they ended with has been seen


async def end_tasks(tasks: set[asyncio.Task[Any]]) -> None:
    """Stop tasks and take in whatever they end with."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

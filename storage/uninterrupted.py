"""Waiting for work that must come to its end, even when the waiting task is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Await `work` until it is done; a cancellation that came meanwhile is raised afterwards.

    For what must not stop half-way: a COMMIT, a ROLLBACK, a thread that writes to a file.
    `asyncio.shield` alone keeps the work alive, but lets the caller go on while it still runs.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as lost
        raise asyncio.CancelledError
    return task.result()

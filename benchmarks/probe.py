"""How long a process's event loop lets nobody else have a turn.

A heartbeat on the loop asks to be woken each millisecond. How much later than that it is woken is how long a
click, a keep-alive or another member's answer would have waited. Each such gap is written to a file at once,
with its time on the machine's monotonic clock, which is the same in every process.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
BEAT = 0.001  # seconds
LEAST = 0.002  # a gap that is worth a line


@dataclass(frozen=True, slots=True)
class Gap:
    """A time (monotonic seconds) in which the loop gave nobody a turn, and how much of it was its own work.

    `busy` is CPU time of the loop's thread. The rest the thread waited: for the interpreter's lock that
    another thread held, for a disk, or for a core that another process had.
    """

    start: float
    seconds: float
    busy: float


async def probing(work: Awaitable[T], path: Path) -> T:
    """Run `work` on this loop and write its gaps to `path`."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    beating = asyncio.create_task(_beat(file), name="probe")
    try:
        return await work
    finally:
        beating.cancel()
        os.close(file)


async def _beat(file: int) -> None:
    while True:
        before, busy = time.monotonic(), time.thread_time()
        await asyncio.sleep(BEAT)
        gap = time.monotonic() - before - BEAT
        if gap >= LEAST:
            busy = time.thread_time() - busy
            os.write(file, f"{before} {gap} {busy}\n".encode())


def read_gaps(path: Path, start: float, end: float) -> list[Gap]:
    """Return what the probe of another process has written about the time between `start` and `end`."""
    gaps = [Gap(*map(float, line.split())) for line in path.read_text().splitlines()]
    return [gap for gap in gaps if gap.start + gap.seconds > start and gap.start < end]

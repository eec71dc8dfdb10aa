"""Threads that stand back behind the event loop."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

STEPS_BACK = 10  # of the 19 that there are; each step is a quarter less of a processor that is wanted twice


def stand_back() -> None:
    """Let the calling thread have a processor only when the event loop does not want it.

    Made for `ThreadPoolExecutor(initializer=…)`, and for a process with one thread: those that it starts
    stand back with it. In a burst there are more threads at work than processors, and whoever waits for an
    answer waits for the event loop of the bot. On Linux alone a thread has a niceness of its
    own (setpriority(2), "C library/kernel differences"); elsewhere it would be the whole program's.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; it is a courtesy
            os.nice(STEPS_BACK)

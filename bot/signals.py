"""Being told to stop, or to read the settings anew."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


def ignore_hangup() -> None:
    """Let a SIGHUP not end a bot that is still starting: there is nothing to read anew yet."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def call_on_hangup(work: Callable[[], None]) -> None:
    """Call `work` at every SIGHUP, where the system has one."""
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, work)


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            break
    return stopping

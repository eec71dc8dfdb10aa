"""Garbage collection of a program that has loaded everything it will ever use."""

from __future__ import annotations

import gc

# A job makes thousands of objects that go by counting alone. Python's own 700 would look for cycles among
# them a dozen times for each.
OBJECTS_BEFORE_COLLECTING = 20_000


def collect_less() -> None:
    """Let what is loaded by now stay: a full collection over the classes of discord.py or google-genai would
    block the event loop for tens of milliseconds, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)

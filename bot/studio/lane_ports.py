"""What the studio needs to keep about models that are paused or slowed down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.jobs import Job
from bot.domain.lanes import Lane


class Lanes(Protocol):
    """What is known about each model's way. Admission reads it, so that it holds for every process."""

    async def save(self, lane: Lane) -> None:
        """Write what is known about a model, whatever was known before."""
        ...

    async def all(self) -> Sequence[Lane]:
        """Everything that is known."""
        ...

    async def begun_since(self, since: int) -> Mapping[str, int]:
        """How many calls of each model the jobs amount to that began at a time or later."""
        ...

    async def calls_of(self, model: str, since: int) -> tuple[int, int]:
        """How many calls of a model began at a time or later, and how many wait to begin."""
        ...

    async def waiting_for(self, model: str, before: int) -> Sequence[Job]:
        """Jobs that wait for a model and were accepted before a time, the oldest first, some at once."""
        ...

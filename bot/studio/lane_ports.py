"""What the studio needs to keep about models that are paused or slowed down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.lanes import Lane


class Lanes(Protocol):
    """What is known about each model's way. Admission reads it, so that it holds for every process."""

    async def save(self, lane: Lane) -> None:
        """Write what is known about a model, whatever was known before."""
        ...

    async def all(self) -> Sequence[Lane]:
        """Everything that is known."""
        ...

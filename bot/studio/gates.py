"""What decides whether a request is accepted. Every gate is asked within the transaction that accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from bot.domain.caps import Cap, day_of
from bot.domain.jobs import JobState
from bot.domain.requests import Origin, Request
from bot.errors import QueueFull
from bot.studio.ports import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that wants to be accepted, and what would be reserved for it."""

    request: Request
    origin: Origin
    images: int
    micros: int
    now: int  # UTC milliseconds


class Gate(Protocol):
    """One rule. What it reads cannot change before the request is accepted: the member is locked."""

    async def check(self, tx: Transaction, asked: Asked) -> None:
        """Raise a Refusal where the request may not be."""
        ...


class DailyImages:
    """The cap of images for each member and day."""

    def __init__(self, images: int, zone: tzinfo) -> None:
        self._images = images
        self._zone = zone

    async def check(self, tx: Transaction, asked: Asked) -> None:
        today = day_of(asked.now, self._zone)
        used = await tx.ledger.images_used(asked.origin.member_id, since=today.start, until=today.end)
        Cap(self._images, today).check(used, asked.images)


class QueueLength:
    """Says before accepting that so many wait already that another would wait too long."""

    def __init__(self, most: int) -> None:
        self._most = most

    async def check(self, tx: Transaction, asked: Asked) -> None:
        waiting = await tx.jobs.in_state(JobState.CREATED)
        if waiting >= self._most:
            raise QueueFull(waiting=waiting, limit=self._most)

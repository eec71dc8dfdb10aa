"""What decides whether a request is accepted. Every gate is asked within the transaction that accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from bot.domain.caps import Cap, day_of
from bot.domain.requests import Origin, Request
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
        self.images = images  # may be set anew while the bot runs
        self._zone = zone

    async def check(self, tx: Transaction, asked: Asked) -> None:
        today = day_of(asked.now, self._zone)
        used = await tx.ledger.images_used(asked.origin.member_id, since=today.start, until=today.end)
        Cap(self.images, today).check(used, asked.images)

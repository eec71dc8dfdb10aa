"""What decides whether a request is accepted. Every gate is asked within the transaction that accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.catalogue import Model
from bot.domain.grants import Draw
from bot.domain.requests import Origin, Request
from bot.domain.standing import Standing
from bot.errors import QueueFull
from bot.studio.store_ports import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that wants to be accepted, and what would be reserved for it."""

    request: Request
    origin: Origin
    images: int
    micros: int
    now: int  # UTC milliseconds
    standing: Standing
    model: Model
    waiting: int  # requests that were accepted before and have not begun


@dataclass(frozen=True, slots=True)
class Granted:
    """What a gate says about a request beside letting it in: how the job runs, and what it draws on."""

    priority: int = 0
    max_running: int | None = None
    draws: tuple[Draw, ...] = ()
    stranger: bool = False  # its use counts to what strangers share


class Gate(Protocol):
    """One rule. What it reads cannot change before the request is accepted: the member is locked."""

    async def check(self, tx: Transaction, asked: Asked) -> Granted | None:
        """Raise a Refusal where the request may not be. Most gates have nothing more to say."""
        ...


class QueueLength:
    """Says before accepting that so many wait already that another would wait too long."""

    def __init__(self, most: int) -> None:
        self._most = most

    async def check(self, tx: Transaction, asked: Asked) -> None:
        if asked.waiting >= self._most:
            raise QueueFull(waiting=asked.waiting, limit=self._most)

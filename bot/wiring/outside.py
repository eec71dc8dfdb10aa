"""What the program gets from the machine, and a sandbox or a test replaces."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from bot.clock import SystemClock
from bot.domain.ids import new_id
from bot.studio.intake import Downloads
from bot.studio.ports import Clock, Waits

T = TypeVar("T")


async def plain_wait(awaitable: Awaitable[T], reason: str) -> T:
    """How the program waits when no test world needs to know what for."""
    return await awaitable


@dataclass(frozen=True, slots=True)
class Outside:
    """What a sandbox or a test replaces: time, and how to wait for it and for others."""

    clock: Clock
    waits: Waits
    downloads: Downloads | None = None  # None: from Discord, through its proxy


MACHINE = Outside(SystemClock(), plain_wait)


def fresh_id() -> str:
    """Return an id that nobody can guess."""
    return new_id(secrets.randbelow)

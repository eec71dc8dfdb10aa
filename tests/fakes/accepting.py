"""Accepting requests without anybody who works on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.domain.progress import Ticket
from bot.studio.store_ports import Store, Transaction


class AcceptsOnly:
    """The beginner of a process without workers: what is accepted waits."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def accept(self, decide: Callable[[Transaction], Awaitable[Ticket]]) -> Ticket:
        return await self._store.write(decide)

"""What a process works with, and a way to notice what it did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.studio import notifier_ports, ports, store_ports
from tests.fakes.changes import Changes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outside:
    """What a process works with; a test may put something in between."""

    store: store_ports.Store
    blobs: ports.Blobs
    provider: ports.Provider
    notifier: notifier_ports.Notifier


class ObservedStore(Changes):
    """A database that says when something was written."""

    def __init__(self, store: store_ports.Store) -> None:
        super().__init__()
        self._store = store

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[store_ports.Transaction]:
        async with self._store.transaction() as tx:
            yield tx
        self.changed()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[store_ports.Transaction]:
        async with self._store.reading() as tx:
            yield tx

    async def write(self, work: Callable[[store_ports.Transaction], Awaitable[T]]) -> T:
        result = await self._store.write(work)
        self.changed()
        return result

    async def read(self, work: Callable[[store_ports.Transaction], Awaitable[T]]) -> T:
        return await self._store.read(work)

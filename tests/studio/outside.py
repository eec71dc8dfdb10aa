"""What a process works with, and a way to notice what it did."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.errors import InputProblem, InputRefused
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
        self.checkpoints = 0

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

    async def checkpoint(self) -> None:
        await self._store.checkpoint()
        self.checkpoints += 1
        self.changed()


def counted_ids() -> Callable[[], str]:
    """Ids that look like real ones and are the same in every run."""
    digits = "23456789bcdfghjkmnpqrstwxz"
    numbers = itertools.count()

    def new() -> str:
        number, found = next(numbers), ""
        while number:
            number, digit = divmod(number, len(digits))
            found = digits[digit] + found
        return found.rjust(7, "b")

    return new


class NoDownloads:
    """Attachments that there are none of: these tests bring their pictures as blobs."""

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Path]:
        """Refuse, as Discord does for what is not there."""
        raise InputRefused(InputProblem.EXPIRED)
        yield Path()

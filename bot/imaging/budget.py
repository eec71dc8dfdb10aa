"""How much memory pictures may take together while they are decoded.

A small file may hold a large picture, and how many bytes a pixel costs meanwhile depends on its decoder: to
count pictures, or pixels, is not enough.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock

MIB = 1024 * 1024


class Budget:
    """Bytes that are lent, to threads and on the event loop, in the order in which they are asked for.

    Whoever asks for more than there is goes alone. Nobody may ask for more while holding some: that could
    wait for itself.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._waiting: deque[tuple[int, Future[int]]] = deque()
        self._lock = Lock()

    @contextmanager
    def held(self, wanted: int) -> Iterator[None]:
        """Hold so many bytes; the thread waits until they are free."""
        share = self._ask(wanted).result()
        try:
            yield
        finally:
            self.give_back(share)

    async def take(self, wanted: int) -> int:
        """Wait until so many bytes are free, without a thread; return what has to be given back."""
        asked = self._ask(wanted)
        try:
            return await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            if not asked.cancel():  # they were lent in this very moment
                self.give_back(asked.result())
            self._lend()  # whoever waits behind
            raise

    def give_back(self, share: int) -> None:
        """Let others have what was lent."""
        with self._lock:
            self._free += share
        self._lend()

    def _ask(self, wanted: int) -> Future[int]:
        asked: Future[int] = Future()
        with self._lock:
            self._waiting.append((min(wanted, self._size), asked))
        self._lend()
        return asked

    def _lend(self) -> None:
        """Lend to the oldest as long as there is enough for them; nobody overtakes."""
        lent = []
        with self._lock:
            while self._waiting and (self._waiting[0][0] <= self._free or self._waiting[0][1].cancelled()):
                share, asked = self._waiting.popleft()
                if asked.set_running_or_notify_cancel():
                    self._free -= share
                    lent.append((share, asked))
        for share, asked in lent:
            asked.set_result(share)

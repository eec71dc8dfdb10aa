"""Pictures that are arriving, and the threads that write files."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Self, TypeVar

from bot.background import stand_back
from bot.errors import StorageError
from storage.faults import file_faults
from storage.files import make_folder, part_of, sync_folder, write_all
from storage.uninterrupted import to_the_end

T = TypeVar("T")

# Bytes that a spool collects before it bothers a thread.
CHUNK = 1024 * 1024


class Files:
    """Does file work in so many threads, and turns its errors into StorageErrors.

    With none it is done at once, on the event loop: for a program where nobody waits for that.
    """

    def __init__(self, threads: int) -> None:
        self._threads = (
            ThreadPoolExecutor(threads, thread_name_prefix="blobs", initializer=stand_back)
            if threads
            else None
        )

    async def run(self, work: Callable[[], T], path: Path) -> T:
        """Do `work` to its end; `path` is named where it fails."""
        with file_faults(path):
            if self._threads is None:
                return work()
            return await to_the_end(asyncio.get_running_loop().run_in_executor(self._threads, work))

    def close(self) -> None:
        """Stop the threads; everything that was begun has been awaited."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)


class Spool:
    """A picture that is arriving: write it piece by piece, then commit.

    As a context manager it leaves nothing behind unless it was committed. One task uses it.
    """

    def __init__(self, files: Files, incoming: Path, place: Callable[[str], Path]) -> None:
        self._files = files
        self._part = part_of(incoming)
        self._place = place
        self._pending: list[bytes] = []
        self._waiting = 0  # bytes that are pending
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: FileIO | None = None
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.abort()

    async def write(self, data: bytes) -> None:
        """Add bytes."""
        self._check()
        self._pending.append(data)
        self._waiting += len(data)
        if self._waiting >= CHUNK:
            await self._or_abort(self._flush)

    async def commit(self) -> tuple[str, int]:
        """Make the picture durable and return its SHA-256 and size. One that exists already is kept."""
        self._check()
        await self._or_abort(self._publish)
        self._open = False
        return self._hash.hexdigest(), self._size

    async def abort(self) -> None:
        """Throw away what has been written; nothing happens after a commit."""
        if self._open:
            self._open = False
            await self._files.run(self._discard, self._part)

    def _check(self) -> None:
        if not self._open:
            raise StorageError("the picture was committed or given up already")

    async def _or_abort(self, work: Callable[[], None]) -> None:
        try:
            await self._files.run(work, self._part)
        except BaseException:
            await self.abort()
            raise

    # In a thread from here on.

    def _flush(self) -> None:
        if self._file is None:
            descriptor = os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            self._file = FileIO(descriptor, "w")
        for data in self._pending:
            self._hash.update(data)
            write_all(self._file, data)
        self._size += self._waiting
        self._pending, self._waiting = [], 0

    def _publish(self) -> None:
        self._flush()
        target = self._place(self._hash.hexdigest())
        make_folder(target.parent)
        if self._is_kept(target):
            self._discard()
        else:
            assert self._file is not None  # noqa: S101 - _flush opened it
            os.fsync(self._file.fileno())
            self._close()
            self._part.replace(target)
        sync_folder(target.parent)

    def _is_kept(self, target: Path) -> bool:
        """Whether the same picture is there; if so, say that it is wanted again (`remove_orphans`)."""
        try:
            os.utime(target)
            return target.stat().st_size == self._size
        except FileNotFoundError:
            return False

    def _discard(self) -> None:
        self._close()
        self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

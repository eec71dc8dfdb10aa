"""Small files as they go to Discord: from where the system keeps them, without a copy or a thread."""

from __future__ import annotations

import io
import mmap
import os
from contextlib import suppress
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractStreamWriter

PIECE = 256 * 1024  # bytes that a connection is given at once: encrypting them takes 0.2 ms


class Mapped(io.BufferedIOBase):
    """A file's bytes where the system keeps them: sending them copies nothing into memory of our own.

    Nobody changes a kept picture, and one that is deleted meanwhile can be read to its end.
    """

    def __init__(self, path: Path, *, once: bool) -> None:
        """Map a file that has at least one byte; `once` says that nobody is about to read it again.

        It blocks; raises OSError.
        """
        self._file = io.FileIO(path)
        try:
            # Read from beginning to end it is in memory, so that whoever uses the map waits for no disk. A
            # read that fails is an error, too; a page of the map that cannot be read would end the program.
            piece = bytearray(PIECE)
            while self._file.readinto(piece):
                pass
            self.view = memoryview(self._map())
        except BaseException:
            self._file.close()
            raise
        self._at = 0
        self._once = once

    def _map(self) -> mmap.mmap | bytes:
        try:
            return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError:  # some network file systems map nothing
            self._file.seek(0)
            return self._file.readall()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self.view)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        end = None if size is None or size < 0 else self._at + size
        found = bytes(self.view[self._at : end])
        self._at += len(found)
        return found

    def close(self) -> None:
        """Let go of it. A connection that was cut off may hold on to a piece for a moment."""
        if not self.closed:
            self.view = memoryview(b"")
            if self._once and hasattr(os, "posix_fadvise"):
                with suppress(OSError):  # it is a courtesy
                    os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            self._file.close()
        super().close()


@aiohttp.payload_type(Mapped)
class MappedPayload(aiohttp.Payload):
    """Tells aiohttp how a mapped file is sent: as it is, in pieces, without a thread."""

    _value: Mapped

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return len(self._value.view)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return it as text, which aiohttp asks of every payload."""
        return bytes(self._value.view).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send it."""
        view = self._value.view
        for at in range(0, len(view), PIECE):
            await writer.write(view[at : at + PIECE])

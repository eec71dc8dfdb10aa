"""Downloads of what members attach: from Discord's file servers and from nowhere else.

A member chooses neither where the bot connects to nor how much it reads nor for how long. What arrives still
has everything in it that its sender may not know of, such as where a photograph was taken: it is a file for
as long as somebody looks at it, and gone after that.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import re
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import aiohttp
from yarl import URL

from bot.background import stand_back
from bot.domain.images import MAX_INPUT_BYTES
from bot.errors import InputProblem, InputRefused, StorageError, StorageFull

log = logging.getLogger(__name__)
T = TypeVar("T")

# The whole address, written as Discord writes it: no port, no user, no other spelling of the host.
_ADDRESS = re.compile(
    r"https://(?:cdn\.discordapp\.com|media\.discordapp\.net)/[\w/?&=.~%!$'()*+,;:@-]+", re.ASCII
)
_LONGEST_ADDRESS = 4_000
_GONE = (403, 404, 410)  # what Discord answers to a signature that has expired; and to what was deleted
_CHUNK = 256 * 1024  # bytes that are collected before a thread is bothered
_PART = ".part"
_FORGOTTEN_AFTER = 600.0  # seconds; nothing is looked at for so long


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a download there may be. Times in seconds."""

    size: int = MAX_INPUT_BYTES
    total: float = 20.0  # for one download, another try included
    connecting: float = 8.0
    idle: float = 8.0  # without a byte
    pause: float = 0.3  # before the other try
    at_once: int = 8


class Downloads:
    """Fetches attachments into files that exist while they are used. Use with ``async with``.

    `folder` is for these files alone; it is made where it is missing, and what a crash left in it is removed.
    `proxy` is the URL of an HTTP proxy; the environment's is never used. `trust` replaces the system's
    certificates.
    """

    def __init__(
        self,
        folder: Path,
        *,
        proxy: str | None = None,
        limits: Limits | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._proxy = proxy
        self._limits = limits or Limits()
        self._trust = trust
        self._free = asyncio.Semaphore(self._limits.at_once)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="downloads", initializer=stand_back)
        self._disk = _Disk(folder, self._threads)
        self._session: aiohttp.ClientSession | None = None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._open.callback(self._threads.shutdown, wait=False)
        await self._disk.prepare()
        self._session = await self._open.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self._trust or True),
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=self._limits.connecting, sock_read=self._limits.idle
                ),
                # Bytes are taken as they come: what unpacks itself could become any size.
                headers={"Accept-Encoding": "identity"},
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._open.aclose()

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Path]:
        """Download an attachment into a file that is removed at the end; give its path.

        Raises InputRefused (WRONG_HOST, EXPIRED, TOO_MANY_BYTES, NOT_REACHABLE), StorageError where the disk
        fails.
        """
        address = address_of(url)
        async with self._free, self._disk.file() as file:
            try:
                async with asyncio.timeout(self._limits.total):
                    await self._download(address, file)
            except TimeoutError:
                log.info("a download from %s took too long", address.host)
                raise InputRefused(InputProblem.NOT_REACHABLE) from None
            yield file.path

    async def _download(self, address: URL, file: _File) -> None:
        """Download with one more try where the connection or the server fails."""
        for left in (1, 0):
            try:
                if await self._try(address, file):
                    return
            except (aiohttp.ClientError, OSError) as exc:
                log.info("a download from %s failed: %s", address.host, type(exc).__name__)
            if left:
                await file.empty()
                await asyncio.sleep(self._limits.pause)
        raise InputRefused(InputProblem.NOT_REACHABLE)

    async def _try(self, address: URL, file: _File) -> bool:
        """Download once; False where the server has trouble that may pass."""
        if self._session is None:
            raise RuntimeError("downloads are used outside of `async with`")
        async with self._session.get(address, proxy=self._proxy, allow_redirects=False) as response:
            if response.status >= 500:
                log.info("%s answered %d", address.host, response.status)
                return False
            _check_status(response.status)
            if (response.content_length or 0) > self._limits.size:
                raise InputRefused(InputProblem.TOO_MANY_BYTES, limit=self._limits.size)
            await self._receive(response.content, file)
            return True

    async def _receive(self, body: aiohttp.StreamReader, file: _File) -> None:
        size, waiting = 0, bytearray()
        async for chunk in body.iter_any():
            size += len(chunk)
            if size > self._limits.size:
                raise InputRefused(InputProblem.TOO_MANY_BYTES, limit=self._limits.size)
            waiting += chunk
            if len(waiting) >= _CHUNK:
                await file.write(waiting)
                waiting = bytearray()
        await file.write(waiting)


def address_of(url: str) -> URL:
    """Return where a download goes, letter by letter as it was signed; refuse what is not Discord's."""
    if len(url) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(url):
        raise InputRefused(InputProblem.WRONG_HOST)
    return URL(url, encoded=True)


def _check_status(status: int) -> None:
    if status in _GONE:
        raise InputRefused(InputProblem.EXPIRED)
    if 300 <= status < 400:  # Discord's files are where they are; elsewhere is not ours to go
        raise InputRefused(InputProblem.WRONG_HOST)
    if status != 200:
        log.info("a download was answered with %d", status)
        raise InputRefused(InputProblem.NOT_REACHABLE)


# --- files ------------------------------------------------------------------------------------------------


class _Disk:
    """Does what has to do with files in threads, always to the end, and turns failures into StorageErrors."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._threads = threads

    async def prepare(self) -> None:
        """Make the folder, and remove what a crash left in it."""
        await self.run(self._prepare)

    @asynccontextmanager
    async def file(self) -> AsyncIterator[_File]:
        """A new, empty file that only this user can read; removed at the end."""
        path = self._folder / f"{secrets.token_hex(16)}{_PART}"
        file = _File(path, self)
        try:
            await self.run(lambda: os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)))
            yield file
        finally:
            await self.run(lambda: path.unlink(missing_ok=True))

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread. A cancellation waits for its end: nobody else may touch the file before."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            while not future.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([future])
            future.exception()
            raise
        except OSError as exc:
            fault = StorageFull if exc.errno in (errno.ENOSPC, errno.EDQUOT) else StorageError
            raise fault(f"{self._folder}: {exc.strerror or type(exc).__name__}") from exc

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = time.time() - _FORGOTTEN_AFTER
        for part in self._folder.glob(f"*{_PART}"):
            if part.stat().st_mtime < before:
                part.unlink(missing_ok=True)


class _File:
    """One download on the disk."""

    def __init__(self, path: Path, disk: _Disk) -> None:
        self.path = path
        self._disk = disk

    async def write(self, data: bytearray) -> None:
        """Append bytes."""

        def append() -> None:
            with self.path.open("ab") as file:
                file.write(data)

        await self._disk.run(append)

    async def empty(self) -> None:
        """Begin again."""
        await self._disk.run(lambda: os.truncate(self.path, 0))

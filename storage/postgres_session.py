"""Connections to PostgreSQL beside the pool: who is at work on a database, and what programs ask that block.

A bot that works shares a lock of its database with every other bot; a restore wants it for itself, and so
neither begins while the other is there. The server lets go of it when a connection ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

import asyncpg

from bot.errors import StorageError, StorageInUse
from storage.engine import AT_WORK
from storage.postgres import CONNECT_TIMEOUT, EXAMPLE_URL, STATEMENT_TIMEOUT, postgres_faults

log = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "plantain at work"  # as pg_stat_activity shows it
LOOK_AGAIN = 30.0  # seconds

SHARE = f"SELECT pg_try_advisory_lock_shared({AT_WORK})"
OWN = f"SELECT pg_try_advisory_lock({AT_WORK})"
HAS_TABLES = """
SELECT EXISTS (
    SELECT 1 FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
)
"""


async def connect(url: str) -> asyncpg.Connection[Any]:
    """Connect beside the pool. Raises StorageError."""
    with postgres_faults():
        try:
            return await asyncpg.connect(
                url,
                timeout=CONNECT_TIMEOUT,
                command_timeout=STATEMENT_TIMEOUT,
                server_settings={"application_name": NAME},
            )
        except ValueError:
            # Without the cause: the parser's message can hold parts of the URL, and so of the password.
            raise StorageError(f"storage.url is no PostgreSQL URL. Write {EXAMPLE_URL}") from None


class Presence:
    """Says that a bot is at work, until it is closed; a connection that breaks is replaced by `look`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._raw: asyncpg.Connection[Any] | None = None

    async def begin(self) -> None:
        """Raise StorageInUse where a restore is at work."""
        raw = await connect(self._url)
        try:
            with postgres_faults():
                shared = await raw.fetchval(SHARE)
            if not shared:
                raise StorageInUse("a restore is at work on this PostgreSQL database. Start when it is over")
        except BaseException:
            raw.terminate()
            raise
        self._raw = raw

    async def look(self) -> None:
        """See whether the connection is there, and begin anew where it is not."""
        try:
            if self._raw is not None and not self._raw.is_closed():
                with postgres_faults():
                    await self._raw.execute("SELECT 1")
                return
        except (StorageError, asyncpg.InternalClientError):  # the latter: within a connection's end
            await self.close()
        await self.begin()

    async def watch(self) -> None:
        """Look every now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            try:
                await self.look()
            except StorageError as error:
                log.warning("PostgreSQL does not know that this bot is at work: %s", error)

    async def close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            await _close(raw)


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[Presence]:
    """Let no restore begin while this lasts. Raises StorageInUse where one is at work."""
    presence = Presence(url)
    await presence.begin()
    watching = asyncio.create_task(presence.watch())
    try:
        yield presence
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await presence.close()


class Session:
    """A connection for programs that block, on an event loop in a thread of its own."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], raw: asyncpg.Connection[Any]) -> None:
        self._run = run
        self._raw = raw

    def fetch(self, sql: str) -> Sequence[Any]:
        """Return all rows of a statement. Raises StorageError."""

        async def fetch() -> Sequence[Any]:
            with postgres_faults():
                return await self._raw.fetch(sql)

        rows: Sequence[Any] = self._run(fetch())
        return rows

    def has_tables(self) -> bool:
        """Whether there is anything in the database."""
        return bool(self.fetch(HAS_TABLES)[0][0])

    def own(self) -> None:
        """Let nobody else work on the database until the session ends. Raises StorageInUse."""
        if not self.fetch(OWN)[0][0]:
            raise StorageInUse(
                "a bot or another restore is at work on this PostgreSQL database. Stop every one of them"
            )


@contextmanager
def session(url: str) -> Iterator[Session]:
    """Connect for a program that blocks. Raises StorageError."""
    runner = asyncio.Runner()
    with ThreadPoolExecutor(1, thread_name_prefix="session") as thread:

        def run(work: Coroutine[Any, Any, T]) -> T:
            return thread.submit(runner.run, work).result()

        try:
            raw = run(connect(url))
            try:
                yield Session(run, raw)
            finally:
                run(_close(raw))
        finally:
            thread.submit(runner.close).result()


async def _close(raw: asyncpg.Connection[Any]) -> None:
    try:
        await raw.close(timeout=CONNECT_TIMEOUT)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        raw.terminate()

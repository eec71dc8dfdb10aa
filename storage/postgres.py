"""PostgreSQL through asyncpg, for deployments with several processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import asyncpg

from bot.errors import (
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageReadOnly,
    StorageUnreachable,
)
from storage.engine import NO_PARAMS, Params
from storage.named import bound
from storage.uninterrupted import to_the_end

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy
    from asyncpg.transaction import Transaction

log = logging.getLogger(__name__)

T = TypeVar("T")

EXAMPLE_URL = "postgresql://user@host/database"
CONNECTIONS = 10
CONNECT_TIMEOUT = 10.0  # seconds
STATEMENT_TIMEOUT = 60.0  # seconds
CLOSE_TIMEOUT = 10.0  # seconds

# Error codes: postgresql.org/docs/current/errcodes-appendix.html
_BUSY = {"55P03", "40001", "40P01", "57014", "53300"}
_READ_ONLY = {"25006", "42501"}
_FULL = {"53100"}
_NOT_UP = {"57P03"}


class PostgresConnection:
    """One transaction on a connection of the pool (see `storage.engine.Connection`)."""

    def __init__(self, raw: PoolConnectionProxy[Any]) -> None:
        self._raw = raw
        self._ended = False

    def end(self) -> None:
        """Refuse every further statement."""
        self._ended = True

    async def fetch_all(self, sql: str, params: Params = NO_PARAMS) -> Sequence[Any]:
        text, values = self._prepare(sql, params)
        with postgres_faults():
            return await self._raw.fetch(text, *values)

    async def fetch_one(self, sql: str, params: Params = NO_PARAMS) -> Any | None:
        text, values = self._prepare(sql, params)
        with postgres_faults():
            return await self._raw.fetchrow(text, *values)

    async def execute(self, sql: str, params: Params = NO_PARAMS) -> int:
        text, values = self._prepare(sql, params)
        with postgres_faults():
            status = await self._raw.execute(text, *values)
        count = status.rpartition(" ")[2]  # "UPDATE 3", "INSERT 0 1", but "CREATE TABLE"
        return int(count) if count.isdecimal() else 0

    async def run_script(self, sql: str) -> None:
        self._check()
        with postgres_faults():
            await self._raw.execute(sql)

    async def lock(self, key: int) -> None:
        await self.fetch_one("SELECT pg_advisory_xact_lock(:key)", {"key": key})

    async def try_lock(self, key: int) -> bool:
        row = await self.fetch_one("SELECT pg_try_advisory_xact_lock(:key) AS taken", {"key": key})
        return row is not None and bool(row["taken"])

    def _prepare(self, sql: str, params: Params) -> tuple[str, list[Any]]:
        self._check()
        return bound(sql, params, "postgres")

    def _check(self) -> None:
        if self._ended:
            raise StorageError("the transaction has ended already")


class PostgresEngine:
    """A PostgreSQL database (see `storage.engine.Engine`). Enter it with ``async with``."""

    dialect = "postgres"

    def __init__(self, url: str, *, busy_timeout: float = 5.0) -> None:
        self._url = url  # holds the password: it appears in no message
        self._busy_timeout = busy_timeout
        self._pool: asyncpg.Pool[Any] | None = None

    async def __aenter__(self) -> Self:
        try:
            self._pool = await self._open_pool()
            async with self.reading() as connection:
                row = await connection.fetch_one("SHOW server_encoding")
            if row is None or row["server_encoding"] != "UTF8":
                raise StorageError("the PostgreSQL database must have the encoding UTF8. Create it with that")
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def damaged(self) -> StorageDamaged:
        """Wait for ever: PostgreSQL looks after its own files, and keeps serving what is whole."""
        never: asyncio.Future[StorageDamaged] = asyncio.get_running_loop().create_future()
        return await never

    async def aclose(self) -> None:
        """Let the running transactions end, then close every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await to_the_end(_close(pool))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresConnection]:
        # Read committed: a statement that follows `lock` sees what the lock's last holder committed.
        async with self._within("read_committed", readonly=False) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[PostgresConnection]:
        async with self._within("repeatable_read", readonly=True) as connection:
            yield connection

    async def write(self, work: Callable[[PostgresConnection], Awaitable[T]]) -> T:
        async with self.transaction() as connection:
            return await work(connection)

    async def read(self, work: Callable[[PostgresConnection], Awaitable[T]]) -> T:
        async with self.reading() as connection:
            return await work(connection)

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[PostgresConnection]:
        async with self.transaction() as connection:
            yield connection

    async def before_upgrade(self, number: int) -> None:
        """Nothing: a server's backups are its operator's, and a failed migration leaves no trace."""

    async def backup(self, target: Path) -> None:
        """Refuse: PostgreSQL brings a better tool."""
        raise StorageError("Plantain makes no backups of PostgreSQL. Use pg_dump")

    async def checkpoint(self) -> None:
        """Nothing: a server does that by itself."""

    async def _open_pool(self) -> asyncpg.Pool[Any]:
        settings = {
            "application_name": "plantain",
            "lock_timeout": str(int(self._busy_timeout * 1000)),
            "jit": "off",  # it pays for long reports, not for statements of a millisecond
        }
        with postgres_faults():
            try:
                return await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=CONNECTIONS,
                    timeout=CONNECT_TIMEOUT,
                    command_timeout=STATEMENT_TIMEOUT,
                    server_settings=settings,
                )
            except ValueError:
                # Without the cause: the parser's message can hold parts of the URL, and so of the password.
                raise StorageError(f"storage.url is no PostgreSQL URL. Write {EXAMPLE_URL}") from None

    @asynccontextmanager
    async def _within(
        self, isolation: Literal["read_committed", "repeatable_read"], *, readonly: bool
    ) -> AsyncIterator[PostgresConnection]:
        if self._pool is None:
            raise StorageError("the database is closed")
        pool = self._pool
        with postgres_faults():
            raw = await pool.acquire(timeout=STATEMENT_TIMEOUT)
        try:
            transaction = raw.transaction(isolation=isolation, readonly=readonly)
            with postgres_faults():
                await transaction.start()
            connection = PostgresConnection(raw)
            try:
                yield connection
            except BaseException:
                connection.end()
                await to_the_end(_roll_back(transaction))
                raise
            connection.end()
            with postgres_faults():
                await to_the_end(transaction.commit())
        finally:
            await to_the_end(_give_back(pool, raw))


async def _close(pool: asyncpg.Pool[Any]) -> None:
    try:
        await asyncio.wait_for(pool.close(), CLOSE_TIMEOUT)
    except TimeoutError:
        log.warning("PostgreSQL: connections were still busy and have been cut")


async def _roll_back(transaction: Transaction) -> None:
    try:
        await transaction.rollback()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
        # The connection is gone, and the transaction with it; the caller's own error says more.
        log.warning("PostgreSQL: rollback failed: %s", type(exc).__name__)


async def _give_back(pool: asyncpg.Pool[Any], raw: PoolConnectionProxy[Any]) -> None:
    try:
        await pool.release(raw)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
        log.warning("PostgreSQL: a connection was lost: %s", type(exc).__name__)


@contextmanager
def postgres_faults() -> Iterator[None]:
    """Turn asyncpg's errors into StorageErrors, the most specific first."""
    try:
        yield
    except asyncpg.PostgresError as exc:
        # The detail quotes the row that was refused: prompts and tokens do not belong in a log.
        exc.detail = None
        raise _from_postgres(exc) from exc
    except TimeoutError as exc:
        raise StorageBusy("PostgreSQL did not answer in time. Look at its load and its locks") from exc
    except asyncpg.InterfaceError as exc:
        if isinstance(exc, ValueError):  # a parameter was refused, and the message quotes it
            raise StorageError("PostgreSQL: a value has the wrong type or is out of range") from None
        raise StorageError(f"PostgreSQL: {exc}") from exc
    except OSError as exc:
        raise StorageUnreachable(
            f"PostgreSQL cannot be reached: {exc.strerror or exc}. Check storage.url and that the server runs"
        ) from exc


def _from_postgres(exc: asyncpg.PostgresError) -> StorageError:
    code = exc.sqlstate or ""
    reason = str(exc.args[0]) if exc.args else type(exc).__name__
    if code in _BUSY:
        return StorageBusy(f"PostgreSQL: {reason}. Another program holds a lock, or too many are connected")
    if code in _READ_ONLY:
        return StorageReadOnly(f"PostgreSQL: {reason}. Give the bot's user the right to write")
    if code in _FULL:
        return StorageFull(f"PostgreSQL: {reason}. Free some space on the server's disk")
    if code in _NOT_UP:
        return StorageUnreachable(f"PostgreSQL: {reason}. It is starting or stopping")
    if code.startswith("28") or code == "3D000":
        return StorageError(f"PostgreSQL: {reason}. Check user, password and database name in storage.url")
    return StorageError(f"PostgreSQL: {reason}")

"""The small interface that every database is used through.

Repositories see a `Connection` and nothing else. The same SQL text runs on both databases: parameters are
written ``:name``, integers and text are the only types, JSON is text. What differs is behind this interface.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from bot.errors import StorageDamaged

T = TypeVar("T")
Value = str | int | None
Params = Mapping[str, Value]
NO_PARAMS: Params = {}

# Keys for `Connection.lock` beside members' ids, which are Discord ids and never negative.
CLAIMS = -1
MIGRATIONS = -2
BUDGET = -3
AUDIT = -4
AT_WORK = -5  # held by sessions, not by transactions: see `storage.postgres_session`


class Row(Protocol):
    """One row of a result, by column name."""

    def __getitem__(self, key: str, /) -> Any: ...


class Connection(Protocol):
    """A database within one transaction; worthless after its end."""

    async def fetch_all(self, sql: str, params: Params = NO_PARAMS) -> Sequence[Row]:
        """Run a statement and return all of its rows."""
        ...

    async def fetch_one(self, sql: str, params: Params = NO_PARAMS) -> Row | None:
        """Run a statement and return its first row."""
        ...

    async def execute(self, sql: str, params: Params = NO_PARAMS) -> int:
        """Run a statement and return how many rows it changed.

        Where that is all one wants to know, it costs less than RETURNING: on SQLite, each row is a step more.
        """
        ...

    async def run_script(self, sql: str) -> None:
        """Run several statements without parameters."""
        ...

    async def lock(self, key: int) -> None:
        """Wait until no other transaction holds `key`; hold it until this one ends.

        SQLite has nothing to do here: its transactions that may write run one after the other.
        """
        ...

    async def try_lock(self, key: int) -> bool:
        """Lock `key` as `lock` does where no other transaction holds it; return whether that is so."""
        ...


class Engine(Protocol):
    """An open database."""

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgres``: which variant of a migration applies."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction that may write: committed at the end, rolled back on any exception.

        When it returns, the data is on disk. Nothing but this database is to be waited for inside.
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """A snapshot that only reads; it waits for no writer and no writer waits for it."""
        ...

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a coroutine function as one `transaction`, and return what it returns.

        It waits for nothing but the connection, and changes nothing else: an engine may run it in one step,
        on another thread, and once more where others that share its transaction break.
        """
        ...

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run a coroutine function as one `reading`, under the same terms."""
        ...

    def schema_change(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction for a migration: nobody else writes meanwhile."""
        ...

    async def before_upgrade(self, number: int) -> None:
        """Do what is due before migration `number` changes a database that holds data."""
        ...

    async def backup(self, target: Path) -> None:
        """Write a whole copy of the database to a new file; work may go on meanwhile."""
        ...

    async def checkpoint(self) -> None:
        """Move what the database has logged to where it belongs: work that it may put off, not for ever."""
        ...

    async def damaged(self) -> StorageDamaged:
        """Wait until the database says that it is damaged, to whomever; return what it says."""
        ...

    async def aclose(self) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc_info: object) -> None: ...


def storable(value: Value) -> Value:
    """Return a parameter's value as both databases take it, and give it back alike.

    PostgreSQL's text holds no NUL character, and neither database holds half a surrogate pair: both become
    U+FFFD. JSON is not concerned, because `storage.encoding` writes such characters as escapes.
    """
    if isinstance(value, str):
        if value.isascii():
            return str(value).replace("\0", "\ufffd")
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return int(value) if isinstance(value, bool) else value

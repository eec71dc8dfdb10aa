"""What a kind of data can do when somebody asks for what is kept of them, or when its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.domain.privacy import Page
from storage.encoding import from_text
from storage.engine import Connection, Value

Params = dict[str, Value]

# Columns that hold JSON: an export shows what is in it.
_JSON = frozenset({"request", "data", "usage", "safety", "said", "entries", "notes"})

_MEMBER = "CAST(CAST(:member_id AS BIGINT) AS TEXT)"


def names_member(column: str, name: str) -> str:
    """Return the condition that a column's JSON (`storage.encoding`) has the member under a name."""
    start = f"""{column} LIKE '%"{name}":' || {_MEMBER}"""
    return f"({start} || ',%' OR {start} || '}}%')"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data. `listing` selects the columns that are exported and a text `cursor`.

    What changes something does at most `:limit` rows and says how many it did. Each such step is a
    transaction of its own and finds by itself what is left: after a crash it goes on. A kind that needs more
    than its statements has a class of its own.
    """

    name: str  # how its file is called in an export
    listing: str = ""  # :member_id, :after, :limit
    erasing: tuple[str, ...] = ()
    purging: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()

    @property
    def personal(self) -> bool:
        """Whether an export has it."""
        return bool(self.listing)

    async def count(self, connection: Connection, member_id: int) -> int:
        """How many entries there are of a member."""
        if not self.listing:
            return 0
        return await _counted(connection, self.listing, member_id)

    async def export(self, connection: Connection, member_id: int, after: str, limit: int) -> Page:
        """A member's entries behind `after` (empty: from the first)."""
        return await _exported(connection, self.listing, member_id, after, limit)

    async def erase(self, connection: Connection, params: Params) -> int:
        """Forget a member: `member_id`, `pseudonym`, `until` (what is younger stays), `caps` (what was
        charged after it still counts), `now`, `limit`.
        """
        return await run_all(connection, self.erasing, params)

    async def purge(self, connection: Connection, params: Params) -> int:
        """Forget what is older than its term: `Retention.cutoffs`, `now`, `limit`."""
        return await run_all(connection, self.purging, params)

    async def leave(self, connection: Connection, params: Params) -> int:
        """Forget what belongs to a server: `guild_id`, `now`, `limit`."""
        return await run_all(connection, self.leaving, params)


async def run_all(connection: Connection, statements: tuple[str, ...], params: Params) -> int:
    """Run statements and return how many rows they changed; what goes to `freed_files` only prepares."""
    done = 0
    for sql in statements:
        changed = await connection.execute(sql, params)
        done += 0 if "INTO freed_files" in sql else changed
    return done


async def _counted(connection: Connection, listing: str, member_id: int) -> int:
    """How many rows a listing has in all."""
    sql = f"SELECT COUNT(*) AS number FROM ({listing}) AS listing"
    row = await connection.fetch_one(sql, {"member_id": member_id, "after": "", "limit": 2**62})
    return 0 if row is None else int(row["number"])


async def _exported(connection: Connection, listing: str, member_id: int, after: str, limit: int) -> Page:
    """Some rows of a listing, JSON read."""
    params: Params = {"member_id": member_id, "after": after, "limit": limit}
    found = [dict(cast("Mapping[str, Any]", row)) for row in await connection.fetch_all(listing, params)]
    cursors = [row.pop("cursor") for row in found]
    rows = [{name: _read(name, value) for name, value in row.items()} for row in found]
    return Page(rows, cursors[-1] if len(found) == limit else None)


def _read(name: str, value: Any) -> Any:
    return from_text(value) if name in _JSON and isinstance(value, str) and value else value

"""What rules refused."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.attempts import Attempt
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row

DIRECT = 0  # the server of what was refused in direct messages

INSERT_ATTEMPT = """
INSERT INTO attempts (id, guild_id, channel_id, member_id, at, rule, entries, what, text, kept_until)
VALUES (:id, :guild_id, :channel_id, :member_id, :at, :rule, :entries, :what, :text, :kept_until)
ON CONFLICT DO NOTHING
RETURNING id
"""

LIST_TIMES = """
SELECT at FROM attempts WHERE guild_id = :guild_id AND member_id = :member_id ORDER BY at DESC LIMIT :limit
"""

LIST_OF_SERVER = "SELECT * FROM attempts WHERE guild_id = :guild_id ORDER BY at DESC, id DESC LIMIT :limit"

LIST_OF_MEMBER = """
SELECT * FROM attempts WHERE guild_id = :guild_id AND member_id = :member_id
ORDER BY at DESC, id DESC LIMIT :limit
"""

FORGET_ATTEMPTS = """
DELETE FROM attempts WHERE id IN (
    SELECT id FROM attempts WHERE kept_until <= :now ORDER BY kept_until LIMIT :limit
)
"""


class AttemptRepository:
    """Attempts within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, attempt: Attempt) -> bool:
        """Keep an attempt; False where it is kept already."""
        row = await self._connection.fetch_one(
            INSERT_ATTEMPT,
            {
                "id": attempt.id,
                "guild_id": attempt.guild_id or DIRECT,
                "channel_id": attempt.channel_id,
                "member_id": attempt.member_id,
                "at": attempt.at,
                "rule": attempt.rule,
                "entries": to_text(attempt.entries),
                "what": attempt.what,
                "text": to_text(attempt.text),
                "kept_until": attempt.kept_until,
            },
        )
        return row is not None

    async def latest(self, guild_id: int | None, member_id: int, limit: int) -> Sequence[int]:
        """When a member's latest attempts in a server were, newest first."""
        rows = await self._connection.fetch_all(
            LIST_TIMES, {"guild_id": guild_id or DIRECT, "member_id": member_id, "limit": limit}
        )
        return [int(row["at"]) for row in rows]

    async def of_server(
        self, guild_id: int, *, limit: int, member_id: int | None = None
    ) -> Sequence[Attempt]:
        """The latest attempts in a server, or those of one member there, newest first."""
        if member_id is None:
            rows = await self._connection.fetch_all(LIST_OF_SERVER, {"guild_id": guild_id, "limit": limit})
        else:
            params = {"guild_id": guild_id, "member_id": member_id, "limit": limit}
            rows = await self._connection.fetch_all(LIST_OF_MEMBER, params)
        return [_attempt(row) for row in rows]

    async def forget(self, now: int, limit: int) -> int:
        """Remove some of what is not to be kept any longer; return how many."""
        return await self._connection.execute(FORGET_ATTEMPTS, {"now": now, "limit": limit})


def _attempt(row: Row) -> Attempt:
    return Attempt(
        id=row["id"],
        guild_id=row["guild_id"] or None,
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        at=row["at"],
        rule=row["rule"],
        entries=tuple(from_text(row["entries"])),
        what=row["what"],
        text=from_text(row["text"]),
        kept_until=row["kept_until"],
    )

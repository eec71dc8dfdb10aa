"""What people with a say changed: append-only."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.audit import AuditEntry
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row

APPEND_ENTRY = """
INSERT INTO audit (id, guild_id, actor_id, at, action, target, data)
VALUES (:id, :guild_id, :actor_id, :at, :action, :target, :data)
ON CONFLICT DO NOTHING
RETURNING id
"""

LIST_OF_SERVER = """
SELECT * FROM audit
WHERE guild_id = :guild_id AND (at, id) < (CAST(:at AS BIGINT), CAST(:id AS TEXT))
ORDER BY at DESC, id DESC
LIMIT :limit
"""

_END_OF_TIME = 2**62


class AuditRepository:
    """The audit within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, entry: AuditEntry) -> None:
        """Write an entry; StaleState where its id is taken."""
        row = await self._connection.fetch_one(
            APPEND_ENTRY,
            {
                "id": entry.id,
                "guild_id": entry.guild_id,
                "actor_id": entry.actor_id,
                "at": entry.at,
                "action": entry.action,
                "target": entry.target,
                "data": to_text(dict(entry.data)),
            },
        )
        if row is None:
            raise StaleState(f"the id {entry.id} of an audit entry is taken")

    async def of_server(
        self, guild_id: int, *, limit: int, before: AuditEntry | None = None
    ) -> Sequence[AuditEntry]:
        """The latest entries of a server, newest first; `before` is the last one of the page before."""
        rows = await self._connection.fetch_all(
            LIST_OF_SERVER,
            {
                "guild_id": guild_id,
                "at": _END_OF_TIME if before is None else before.at,
                "id": "" if before is None else before.id,
                "limit": limit,
            },
        )
        return [_entry(row) for row in rows]


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        guild_id=row["guild_id"],
        actor_id=row["actor_id"],
        at=row["at"],
        action=row["action"],
        target=row["target"],
        data=from_text(row["data"]),
    )

"""Pictures that are refused and not shown."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.blocked import BlockedPicture
from bot.domain.picture_hashes import from_text, to_text
from storage.engine import Connection, Row, Value

EVERYWHERE = 0

INSERT_BLOCKED = """
INSERT INTO blocked_pictures (id, guild_id, sha256, hashes, reason, at, blocked_by)
VALUES (:id, :guild_id, :sha256, :hashes, :reason, :at, :blocked_by)
ON CONFLICT DO NOTHING
RETURNING id
"""

# Ids are never used twice, so that a count and the newest id tell every list from the one before it.
STAMP = """
SELECT COUNT(*) AS pictures, MAX(at) AS newest, MIN(id) AS first, MAX(id) AS last
FROM blocked_pictures WHERE guild_id IN (0, :guild_id)
"""

LIST_HOLDING = """
SELECT * FROM blocked_pictures WHERE guild_id IN (0, :guild_id) ORDER BY at DESC, id DESC
"""

DELETE_BLOCKED = "DELETE FROM blocked_pictures WHERE id = :id AND guild_id = :guild_id RETURNING id"


class BlockedPictureRepository:
    """Blocked pictures within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, blocked: BlockedPicture) -> bool:
        """Write a new one; False where the same picture is blocked there already."""
        row = await self._connection.fetch_one(
            INSERT_BLOCKED,
            {
                "id": blocked.id,
                "guild_id": blocked.guild_id or EVERYWHERE,
                "sha256": blocked.sha256,
                "hashes": to_text(blocked.hashes),
                "reason": blocked.reason,
                "at": blocked.at,
                "blocked_by": blocked.by,
            },
        )
        return row is not None

    async def stamp(self, guild_id: int | None) -> str:
        """What changes whenever the pictures that hold for a server change; empty where there are none."""
        row = await self._connection.fetch_one(STAMP, {"guild_id": guild_id or EVERYWHERE})
        if row is None or not row["pictures"]:
            return ""
        return ":".join(str(row[name]) for name in ("pictures", "newest", "first", "last"))

    async def holding_for(self, guild_id: int | None) -> Sequence[BlockedPicture]:
        """What is blocked in a server (None: in direct messages) or everywhere, the newest first."""
        rows = await self._connection.fetch_all(LIST_HOLDING, {"guild_id": guild_id or EVERYWHERE})
        return [_blocked(row) for row in rows]

    async def delete(self, blocked_id: str, guild_id: int | None) -> bool:
        """Remove one of a server's own, or (None) of those that hold everywhere; False: there is none."""
        params: dict[str, Value] = {"id": blocked_id, "guild_id": guild_id or EVERYWHERE}
        return await self._connection.fetch_one(DELETE_BLOCKED, params) is not None


def _blocked(row: Row) -> BlockedPicture:
    return BlockedPicture(
        id=row["id"],
        guild_id=row["guild_id"] or None,
        sha256=row["sha256"],
        hashes=from_text(row["hashes"]),
        reason=row["reason"],
        at=row["at"],
        by=row["blocked_by"],
    )

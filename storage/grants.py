"""Images beside the daily cap: an append-only record."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.grants import Draw, Grant, GrantEntry, GrantKind
from bot.errors import StaleState
from storage.engine import Connection, Row, Value

APPEND_GRANT_ENTRY = """
INSERT INTO grants (
    grant_id, kind, guild_id, member_id, images, at, charged_at, expires_at, job_id, actor_id, reason
) VALUES (
    :grant_id, :kind, :guild_id, :member_id, :images, :at, :charged_at, :expires_at, :job_id, :actor_id,
    :reason
)
ON CONFLICT DO NOTHING
RETURNING grant_id
"""

# A grant that was revoked is closed, also where a job gives images back to it later.
LIST_OPEN_GRANTS = """
SELECT grant_id, guild_id, member_id, expires_at, CAST(SUM(images) AS BIGINT) AS images
FROM grants
WHERE member_id = :member_id AND guild_id = :guild_id AND expires_at > :now
GROUP BY grant_id, guild_id, member_id, expires_at
HAVING SUM(images) > 0 AND SUM(CASE WHEN kind = 'revoke' THEN 1 ELSE 0 END) = 0
ORDER BY expires_at, grant_id
"""

SUM_DRAWN = """
SELECT CAST(COALESCE(-SUM(images), 0) AS BIGINT) AS images
FROM grants
WHERE member_id = :member_id AND charged_at >= :since AND charged_at < :until AND job_id IS NOT NULL
"""

LIST_DRAWS_OF_JOB = """
SELECT grant_id, guild_id, member_id, expires_at, -images AS images
FROM grants
WHERE job_id = :job_id AND kind = 'draw'
ORDER BY expires_at, grant_id
"""

GET_LAST_CARRY = """
SELECT * FROM grants
WHERE member_id = :member_id AND guild_id = :guild_id AND kind = 'carry'
ORDER BY expires_at DESC
LIMIT 1
"""

GET_BALANCE = """
SELECT CAST(COALESCE(SUM(images), 0) AS BIGINT) AS images FROM grants
WHERE member_id = :member_id AND guild_id = :guild_id AND expires_at = :expires_at AND grant_id = :grant_id
"""


class GrantRepository:
    """Grants within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, entry: GrantEntry) -> None:
        """Write an entry; StaleState where a grant, its end, or a job's part in it is written already."""
        params: dict[str, Value] = {
            "grant_id": entry.grant_id,
            "kind": entry.kind,
            "guild_id": entry.guild_id,
            "member_id": entry.member_id,
            "images": entry.images,
            "at": entry.at,
            "charged_at": entry.charged_at,
            "expires_at": entry.expires_at,
            "job_id": entry.job_id,
            "actor_id": entry.actor_id,
            "reason": entry.reason,
        }
        if await self._connection.fetch_one(APPEND_GRANT_ENTRY, params) is None:
            raise StaleState(f"{entry.kind} of grant {entry.grant_id}: written already")

    async def open(self, guild_id: int, member_id: int, *, now: int) -> Sequence[Grant]:
        """A member's grants in a server that hold something, those that end first before the others."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "now": now}
        return [_grant(row) for row in await self._connection.fetch_all(LIST_OPEN_GRANTS, params)]

    async def drawn(self, member_id: int, *, since: int, until: int) -> int:
        """How many of the images that a member used in a period came from grants."""
        params: dict[str, Value] = {"member_id": member_id, "since": since, "until": until}
        row = await self._connection.fetch_one(SUM_DRAWN, params)
        return 0 if row is None else int(row["images"])

    async def draws_of(self, job_id: str) -> Sequence[Draw]:
        """What a job has drawn on grants."""
        rows = await self._connection.fetch_all(LIST_DRAWS_OF_JOB, {"job_id": job_id})
        return [Draw(_grant(row), row["images"]) for row in rows]

    async def last_carry(self, guild_id: int, member_id: int) -> GrantEntry | None:
        """What was carried over last, with the images that it held in the beginning."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        row = await self._connection.fetch_one(GET_LAST_CARRY, params)
        return None if row is None else _entry(row)

    async def balance(self, entry: GrantEntry) -> int:
        """What is left of the grant that an entry belongs to."""
        params: dict[str, Value] = {
            "member_id": entry.member_id,
            "guild_id": entry.guild_id,
            "expires_at": entry.expires_at,
            "grant_id": entry.grant_id,
        }
        row = await self._connection.fetch_one(GET_BALANCE, params)
        return 0 if row is None else int(row["images"])


def _grant(row: Row) -> Grant:
    return Grant(row["grant_id"], row["guild_id"], row["member_id"], row["images"], row["expires_at"])


def _entry(row: Row) -> GrantEntry:
    return GrantEntry(
        grant_id=row["grant_id"],
        kind=GrantKind(row["kind"]),
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        images=row["images"],
        at=row["at"],
        charged_at=row["charged_at"],
        expires_at=row["expires_at"],
        job_id=row["job_id"],
        actor_id=row["actor_id"],
        reason=row["reason"],
    )

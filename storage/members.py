"""Strikes, bans and notes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.consequences import Ban, Note, Strike
from bot.errors import StaleState
from storage.engine import Connection, Row, Value

INSERT_STRIKE = """
INSERT INTO strikes (id, guild_id, member_id, at, given_by, reason, expires_at, case_id)
VALUES (:id, :guild_id, :member_id, :at, :given_by, :reason, :expires_at, :case_id)
"""
LIST_STRIKES = """
SELECT * FROM strikes WHERE member_id = :member_id AND guild_id = :guild_id ORDER BY at DESC, id DESC
"""
PARDON_STRIKE = """
UPDATE strikes SET pardoned_at = :now, pardoned_by = :by
WHERE id = :id AND guild_id = :guild_id AND pardoned_at IS NULL
RETURNING *
"""

INSERT_BAN = """
INSERT INTO bans (id, guild_id, member_id, at, given_by, reason, ends_at, case_id)
VALUES (:id, :guild_id, :member_id, :at, :given_by, :reason, :ends_at, :case_id)
ON CONFLICT DO NOTHING
RETURNING id
"""
LIFT_BANS = """
UPDATE bans SET lifted_at = :now, lifted_by = :by
WHERE member_id = :member_id AND guild_id = :guild_id AND lifted_at IS NULL
RETURNING *
"""
GET_BAN = "SELECT * FROM bans WHERE id = :id"
# 0 is everywhere (`bot.domain.consequences.EVERYWHERE`).
LIST_BANS = """
SELECT * FROM bans WHERE member_id = :member_id AND guild_id IN (:guild_id, 0)
ORDER BY at DESC, id DESC
"""
LIST_HOLDING = """
SELECT * FROM bans
WHERE member_id = :member_id AND guild_id IN (:guild_id, 0) AND lifted_at IS NULL
    AND (ends_at IS NULL OR ends_at > :now)
ORDER BY guild_id
"""
APPEAL_BAN = """
UPDATE bans SET appeal = :appeal, appealed_at = :now WHERE id = :id AND appealed_at IS NULL
RETURNING id
"""
ANSWER_APPEAL = """
UPDATE bans SET answered_at = :now, answered_by = :by
WHERE id = :id AND appealed_at IS NOT NULL AND answered_at IS NULL
RETURNING id
"""
LIST_WAITING_APPEALS = """
SELECT * FROM bans
WHERE guild_id = :guild_id AND appealed_at IS NOT NULL AND answered_at IS NULL AND lifted_at IS NULL
    AND (ends_at IS NULL OR ends_at > :now)
ORDER BY appealed_at, id
"""

INSERT_NOTE = """
INSERT INTO member_notes (id, guild_id, member_id, at, written_by, text)
VALUES (:id, :guild_id, :member_id, :at, :written_by, :text)
"""
LIST_NOTES = """
SELECT * FROM member_notes WHERE guild_id = :guild_id AND member_id = :member_id ORDER BY at DESC, id DESC
"""

COUNT_IMAGES = """
SELECT COUNT(*) AS images, COALESCE(SUM(CASE WHEN created_at >= :since THEN 1 ELSE 0 END), 0) AS recent
FROM images WHERE owner_id = :member_id AND guild_id = :guild_id
"""


class MemberRepository:
    """What moderators know and did about members, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add_strike(self, strike: Strike) -> None:
        """Write a new strike."""
        params: dict[str, Value] = {
            "id": strike.id,
            "guild_id": strike.guild_id,
            "member_id": strike.member_id,
            "at": strike.at,
            "given_by": strike.by,
            "reason": strike.reason,
            "expires_at": strike.expires_at,
            "case_id": strike.case_id,
        }
        await self._connection.execute(INSERT_STRIKE, params)

    async def strikes_of(self, guild_id: int, member_id: int) -> Sequence[Strike]:
        """All strikes of a member in a server, the newest first."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        return [_strike(row) for row in await self._connection.fetch_all(LIST_STRIKES, params)]

    async def pardon(self, guild_id: int, strike_id: str, *, now: int, by: int) -> Strike | None:
        """Let a strike count no more; None where there is none of that id in this server that does."""
        params: dict[str, Value] = {"id": strike_id, "guild_id": guild_id, "now": now, "by": by}
        row = await self._connection.fetch_one(PARDON_STRIKE, params)
        return None if row is None else _strike(row)

    async def add_ban(self, ban: Ban) -> None:
        """Write a new ban; StaleState where one holds that was not lifted before."""
        params: dict[str, Value] = {
            "id": ban.id,
            "guild_id": ban.guild_id,
            "member_id": ban.member_id,
            "at": ban.at,
            "given_by": ban.by,
            "reason": ban.reason,
            "ends_at": ban.until,
            "case_id": ban.case_id,
        }
        if await self._connection.fetch_one(INSERT_BAN, params) is None:
            raise StaleState(f"member {ban.member_id} is banned in {ban.guild_id} already")

    async def lift_bans(self, guild_id: int, member_id: int, *, now: int, by: int) -> Sequence[Ban]:
        """Lift what keeps a member from this server; return those bans, ended ones too."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "now": now, "by": by}
        return [_ban(row) for row in await self._connection.fetch_all(LIFT_BANS, params)]

    async def ban(self, ban_id: str) -> Ban | None:
        row = await self._connection.fetch_one(GET_BAN, {"id": ban_id})
        return None if row is None else _ban(row)

    async def bans_of(self, guild_id: int, member_id: int) -> Sequence[Ban]:
        """All bans of a member in a server and everywhere, the newest first."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        return [_ban(row) for row in await self._connection.fetch_all(LIST_BANS, params)]

    async def holding(self, guild_id: int, member_id: int, now: int) -> Sequence[Ban]:
        """The bans that keep a member from a server now; those everywhere first."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "now": now}
        return [_ban(row) for row in await self._connection.fetch_all(LIST_HOLDING, params)]

    async def appeal(self, ban_id: str, text: str, *, now: int) -> bool:
        """Write the appeal against a ban; False where there is one already."""
        params: dict[str, Value] = {"id": ban_id, "appeal": text, "now": now}
        return await self._connection.fetch_one(APPEAL_BAN, params) is not None

    async def answer_appeal(self, ban_id: str, *, now: int, by: int) -> bool:
        """Write that an appeal was answered; False where it was before, or there is none."""
        params: dict[str, Value] = {"id": ban_id, "now": now, "by": by}
        return await self._connection.fetch_one(ANSWER_APPEAL, params) is not None

    async def waiting_appeals(self, guild_id: int, now: int) -> Sequence[Ban]:
        """The bans of a server that hold and whose appeals nobody has answered, the oldest appeal first."""
        params: dict[str, Value] = {"guild_id": guild_id, "now": now}
        return [_ban(row) for row in await self._connection.fetch_all(LIST_WAITING_APPEALS, params)]

    async def add_note(self, note: Note) -> None:
        """Write a new note."""
        params: dict[str, Value] = {
            "id": note.id,
            "guild_id": note.guild_id,
            "member_id": note.member_id,
            "at": note.at,
            "written_by": note.by,
            "text": note.text,
        }
        await self._connection.execute(INSERT_NOTE, params)

    async def notes_of(self, guild_id: int, member_id: int) -> Sequence[Note]:
        """All notes about a member in a server, the newest first."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        rows = await self._connection.fetch_all(LIST_NOTES, params)
        return [
            Note(row["id"], row["guild_id"], row["member_id"], row["at"], row["written_by"], row["text"])
            for row in rows
        ]

    async def images_made(self, guild_id: int, member_id: int, since: int) -> tuple[int, int]:
        """How many images a member made in a server: in all, and since a time."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "since": since}
        row = await self._connection.fetch_one(COUNT_IMAGES, params)
        return (0, 0) if row is None else (int(row["images"]), int(row["recent"]))


def _strike(row: Row) -> Strike:
    return Strike(
        id=row["id"],
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        at=row["at"],
        by=row["given_by"],
        reason=row["reason"],
        expires_at=row["expires_at"],
        case_id=row["case_id"],
        pardoned_at=row["pardoned_at"],
        pardoned_by=row["pardoned_by"],
    )


def _ban(row: Row) -> Ban:
    return Ban(
        id=row["id"],
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        at=row["at"],
        by=row["given_by"],
        reason=row["reason"],
        until=row["ends_at"],
        case_id=row["case_id"],
        lifted_at=row["lifted_at"],
        lifted_by=row["lifted_by"],
        appeal=row["appeal"],
        appealed_at=row["appealed_at"],
        answered_at=row["answered_at"],
        answered_by=row["answered_by"],
    )

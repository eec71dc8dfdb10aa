"""Notes to servers, each sent once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.spending_notes import NoteKind, SpendingNote
from storage.encoding import from_text, to_text
from storage.engine import Connection

INSERT_NOTE = """
INSERT INTO spending_notes (guild_id, kind, subject, at, data) VALUES (:guild_id, :kind, :subject, :at, :data)
ON CONFLICT DO NOTHING
RETURNING guild_id
"""

LIST_UNSENT = "SELECT * FROM spending_notes WHERE sent_at IS NULL ORDER BY at LIMIT :limit"

MARK_SENT = """
UPDATE spending_notes SET sent_at = :now WHERE guild_id = :guild_id AND kind = :kind AND subject = :subject
"""


class SpendingNoteRepository:
    """Notes within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, notice: SpendingNote) -> bool:
        """Keep a note that is to be sent; False where there is one about this already."""
        row = await self._connection.fetch_one(
            INSERT_NOTE,
            {
                "guild_id": notice.guild_id,
                "kind": notice.kind,
                "subject": notice.subject,
                "at": notice.at,
                "data": to_text(dict(notice.data)),
            },
        )
        return row is not None

    async def unsent(self, limit: int) -> Sequence[SpendingNote]:
        """Notes that are still to be sent, the oldest first."""
        rows = await self._connection.fetch_all(LIST_UNSENT, {"limit": limit})
        return [
            SpendingNote(
                row["guild_id"], NoteKind(row["kind"]), row["subject"], row["at"], from_text(row["data"])
            )
            for row in rows
        ]

    async def mark_sent(self, notice: SpendingNote, now: int) -> None:
        """Remember that a note was sent, or can never be."""
        await self._connection.execute(
            MARK_SENT,
            {"guild_id": notice.guild_id, "kind": notice.kind, "subject": notice.subject, "now": now},
        )

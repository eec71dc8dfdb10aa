"""Conversations that were posted as one picture, and the turns in each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.drawings import PostedDrawing
from storage.engine import Connection, Params, Row

INSERT_DRAWING = """
INSERT INTO drawings (message_id, channel_id, conversation_id, compares, head, locale, at)
VALUES (:message_id, :channel_id, :conversation_id, :compares, :head, :locale, :at)
ON CONFLICT (message_id) DO NOTHING
"""
INSERT_DRAWN_TURN = """
INSERT INTO drawn_turns (message_id, place, turn_id) VALUES (:message_id, :place, :turn_id)
"""
LIST_WITH_IMAGE = """
SELECT drawings.* FROM drawings WHERE drawings.message_id IN (
    SELECT drawn_turns.message_id FROM turns JOIN drawn_turns ON drawn_turns.turn_id = turns.id
    WHERE turns.image_id = :image_id AND drawn_turns.gone = 0
)
ORDER BY drawings.at, drawings.message_id
"""
LIST_DRAWN_TURNS = """
SELECT turn_id FROM drawn_turns WHERE message_id = :message_id ORDER BY place
"""
LIST_DELETED = """
SELECT drawn_turns.place, turns.image_id FROM drawn_turns
JOIN turns ON turns.id = drawn_turns.turn_id JOIN images ON images.id = turns.image_id
WHERE drawn_turns.message_id = :message_id AND drawn_turns.gone = 0 AND images.deleted_at IS NOT NULL
"""
MARK_GONE = "UPDATE drawn_turns SET gone = 1 WHERE message_id = :message_id AND place = :place"
FORGET_DRAWN_TURNS = "DELETE FROM drawn_turns WHERE message_id = :message_id"
FORGET_DRAWING = "DELETE FROM drawings WHERE message_id = :message_id"


class DrawingRepository:
    """Posted drawings within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, drawing: PostedDrawing) -> None:
        """Remember what a message shows. The same message twice is one."""
        params: Params = {
            "message_id": drawing.message_id,
            "channel_id": drawing.channel_id,
            "conversation_id": drawing.conversation_id,
            "compares": drawing.compares,
            "head": drawing.head,
            "locale": drawing.locale,
            "at": drawing.at,
        }
        if not await self._connection.execute(INSERT_DRAWING, params):
            return
        for place, turn_id in enumerate(drawing.turns):
            one: Params = {"message_id": drawing.message_id, "place": place, "turn_id": turn_id}
            await self._connection.execute(INSERT_DRAWN_TURN, one)

    async def with_image(self, image_id: str) -> Sequence[PostedDrawing]:
        """Return the drawings that a picture is in, the oldest first; none that was drawn without it since it
        was deleted."""
        rows = await self._connection.fetch_all(LIST_WITH_IMAGE, {"image_id": image_id})
        return [_drawing(row, await self._turns(row["message_id"])) for row in rows]

    async def drawn(self, message_id: int, seen: Collection[str]) -> None:
        """Remember that a drawing shows these images alone: those that were deleted do not come back."""
        for row in await self._connection.fetch_all(LIST_DELETED, {"message_id": message_id}):
            if row["image_id"] not in seen:
                one: Params = {"message_id": message_id, "place": row["place"]}
                await self._connection.execute(MARK_GONE, one)

    async def remove(self, message_id: int) -> None:
        """Forget a drawing that is not there any more."""
        for sql in (FORGET_DRAWN_TURNS, FORGET_DRAWING):
            await self._connection.execute(sql, {"message_id": message_id})

    async def _turns(self, message_id: int) -> tuple[str, ...]:
        rows = await self._connection.fetch_all(LIST_DRAWN_TURNS, {"message_id": message_id})
        return tuple(str(row["turn_id"]) for row in rows)


def _drawing(row: Row, turns: tuple[str, ...]) -> PostedDrawing:
    return PostedDrawing(
        message_id=row["message_id"],
        channel_id=row["channel_id"],
        conversation_id=row["conversation_id"],
        turns=turns,
        compares=bool(row["compares"]),
        head=row["head"],
        locale=row["locale"],
        at=row["at"],
    )

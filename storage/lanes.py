"""What is known about models that are paused or slowed down."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.lanes import Lane
from storage.encoding import from_text, to_text
from storage.engine import Connection

PUT_LANE = """
INSERT INTO lanes (model, paused_until, at_once, per_minute, data)
VALUES (:model, :paused_until, :at_once, :per_minute, :data)
ON CONFLICT (model) DO UPDATE SET
    paused_until = excluded.paused_until, at_once = excluded.at_once, per_minute = excluded.per_minute,
    data = excluded.data
"""

# There are as many rows as models.
LIST_LANES = "SELECT model, data FROM lanes ORDER BY model"


class LaneRepository:
    """Lanes within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def save(self, lane: Lane) -> None:
        """Write what is known about a model, whatever was known before."""
        await self._connection.execute(
            PUT_LANE,
            {
                "model": lane.model,
                "paused_until": lane.paused_until,
                "at_once": lane.at_once,
                "per_minute": lane.pace.per_minute,
                "data": to_text(lane.to_json()),
            },
        )

    async def all(self) -> Sequence[Lane]:
        """Everything that is known."""
        rows = await self._connection.fetch_all(LIST_LANES)
        return [Lane.from_json(row["model"], from_text(row["data"])) for row in rows]

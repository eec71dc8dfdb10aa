"""What is known about models that are paused or slowed down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.jobs import Job
from bot.domain.lanes import Lane
from storage.encoding import from_text, to_text
from storage.engine import Connection, Params
from storage.job_rows import job_from

PUT_LANE = """
INSERT INTO lanes (model, paused_until, at_once, per_minute, data)
VALUES (:model, :paused_until, :at_once, :per_minute, :data)
ON CONFLICT (model) DO UPDATE SET
    paused_until = excluded.paused_until, at_once = excluded.at_once, per_minute = excluded.per_minute,
    data = excluded.data
"""

# There are as many rows as models.
LIST_LANES = "SELECT model, data FROM lanes ORDER BY model"

# A job's calls are those for its pictures: tries are known to the process alone that makes them.
COUNT_BEGUN = """
SELECT model, SUM(images) AS calls FROM jobs WHERE started_at >= :since GROUP BY model
"""

COUNT_CALLS = """
SELECT
    COALESCE((SELECT SUM(images) FROM jobs WHERE model = :model AND started_at >= :since), 0) AS begun,
    COALESCE((
        SELECT SUM(images) FROM jobs WHERE state = 'created' AND model = :model AND started_at IS NULL
    ), 0) AS waiting
"""

LIST_WAITING_FOR = """
SELECT * FROM jobs WHERE state = 'created' AND model = :model AND created_at < :before
ORDER BY created_at, id LIMIT 100
"""


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

    async def begun_since(self, since: int) -> Mapping[str, int]:
        """How many calls of each model the jobs amount to that began at a time or later."""
        rows = await self._connection.fetch_all(COUNT_BEGUN, {"since": since})
        return {row["model"]: int(row["calls"]) for row in rows}

    async def calls_of(self, model: str, since: int) -> tuple[int, int]:
        """How many calls of a model began at a time or later, and how many wait to begin."""
        row = await self._connection.fetch_one(COUNT_CALLS, {"model": model, "since": since})
        return (0, 0) if row is None else (int(row["begun"]), int(row["waiting"]))

    async def waiting_for(self, model: str, before: int) -> Sequence[Job]:
        """Jobs that wait for a model and were accepted before a time, the oldest first, some at once."""
        params: Params = {"model": model, "before": before}
        return [job_from(row) for row in await self._connection.fetch_all(LIST_WAITING_FOR, params)]

"""How much waits and runs: read at every scrape, so each number comes from an index of what is unfinished."""

from __future__ import annotations

from bot.domain.vitals import Vitals
from bot.errors import StorageError
from storage.engine import Connection

GET_VITALS = """
SELECT
    (SELECT COUNT(*) FROM jobs WHERE state = 'created') AS created,
    (SELECT COUNT(*) FROM jobs WHERE state = 'running') AS running,
    (SELECT COUNT(*) FROM jobs WHERE state = 'storing') AS storing,
    (SELECT MIN(created_at) FROM jobs WHERE state = 'created') AS oldest_created_at,
    (SELECT COUNT(*) FROM deliveries WHERE state = 'pending') AS pending,
    (SELECT COUNT(*) FROM deliveries WHERE state = 'kept') AS kept,
    (SELECT COUNT(*) FROM cases WHERE state = 'open') AS open_cases,
    (SELECT MIN(opened_at) FROM cases WHERE state = 'open') AS oldest_case_at
"""


# Changes nothing, and needs all that a change needs: the lock, and a database that may be written.
CHANGE_NOTHING = "UPDATE jobs SET state = state WHERE id = ''"


class VitalsRepository:
    """The vitals within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ensure_writable(self) -> None:
        """Raise StorageError where nothing can be written."""
        await self._connection.execute(CHANGE_NOTHING)

    async def get(self) -> Vitals:
        """Return what waits and runs now."""
        row = await self._connection.fetch_one(GET_VITALS)
        if row is None:
            raise StorageError("a SELECT without a table gave no row")
        return Vitals(
            created=row["created"],
            running=row["running"],
            storing=row["storing"],
            oldest_created_at=row["oldest_created_at"],
            pending=row["pending"],
            kept=row["kept"],
            open_cases=row["open_cases"],
            oldest_case_at=row["oldest_case_at"],
        )

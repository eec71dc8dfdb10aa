"""The append-only record of what was reserved, settled, released."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.ledger import Entry, EntryKind
from bot.errors import StaleState
from storage.engine import Connection, Row, Value

INSERT_RESERVATION = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros
) VALUES (
    :job_id, :kind, :member_id, :guild_id, :charged_at, :at, :reserved_images, :reserved_micros,
    :settled_images, :settled_micros
)
ON CONFLICT DO NOTHING
RETURNING job_id
"""

# An entry closes a reservation of the same amounts, or it is not written.
INSERT_CLOSE = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros
)
SELECT
    job_id, CAST(:kind AS TEXT), member_id, guild_id, charged_at, CAST(:at AS BIGINT), -reserved_images,
    -reserved_micros, CAST(:settled_images AS BIGINT), CAST(:settled_micros AS BIGINT)
FROM ledger
WHERE job_id = :job_id
    AND kind = 'reserve'
    AND member_id = :member_id
    AND charged_at = :charged_at
    AND reserved_images = -CAST(:reserved_images AS BIGINT)
    AND reserved_micros = -CAST(:reserved_micros AS BIGINT)
ON CONFLICT DO NOTHING
RETURNING job_id
"""

GET_RESERVATION = "SELECT * FROM ledger WHERE job_id = :job_id AND kind = 'reserve'"

SUM_IMAGES_USED = """
SELECT CAST(COALESCE(SUM(reserved_images + settled_images), 0) AS BIGINT) AS images
FROM ledger
WHERE member_id = :member_id AND charged_at >= :since AND charged_at < :until
"""

LIST_OPEN_RESERVATIONS = """
SELECT * FROM ledger AS reservation
WHERE kind = 'reserve' AND NOT EXISTS (
    SELECT 1 FROM ledger AS closing
    WHERE closing.job_id = reservation.job_id AND closing.kind IN ('settle', 'release')
)
ORDER BY at, job_id
"""


class LedgerRepository:
    """The ledger within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, entry: Entry) -> None:
        """Write an entry of a job that exists.

        Raises StaleState for a second reservation, for a second close, and for a close that fits no
        reservation.
        """
        sql = INSERT_RESERVATION if entry.kind is EntryKind.RESERVE else INSERT_CLOSE
        params: dict[str, Value] = {
            "job_id": entry.job_id,
            "kind": entry.kind,
            "member_id": entry.member_id,
            "guild_id": entry.guild_id,
            "charged_at": entry.charged_at,
            "at": entry.at,
            "reserved_images": entry.reserved_images,
            "reserved_micros": entry.reserved_micros,
            "settled_images": entry.settled_images,
            "settled_micros": entry.settled_micros,
        }
        if await self._connection.fetch_one(sql, params) is None:
            raise StaleState(f"{entry.kind} of job {entry.job_id}: done before, or nothing is reserved")

    async def reservation_of(self, job_id: str) -> Entry | None:
        """The RESERVE entry of a job."""
        row = await self._connection.fetch_one(GET_RESERVATION, {"job_id": job_id})
        return None if row is None else _entry(row)

    async def images_used(self, member_id: int, *, since: int, until: int) -> int:
        """Reserved and settled images of a member in a period; its end is not included."""
        params = {"member_id": member_id, "since": since, "until": until}
        row = await self._connection.fetch_one(SUM_IMAGES_USED, params)
        return 0 if row is None else int(row["images"])

    async def open_reservations(self) -> Sequence[Entry]:
        """Reservations that nothing closed yet, the oldest first."""
        return [_entry(row) for row in await self._connection.fetch_all(LIST_OPEN_RESERVATIONS)]


def _entry(row: Row) -> Entry:
    return Entry(
        job_id=row["job_id"],
        kind=EntryKind(row["kind"]),
        member_id=row["member_id"],
        guild_id=row["guild_id"],
        charged_at=row["charged_at"],
        at=row["at"],
        reserved_images=row["reserved_images"],
        reserved_micros=row["reserved_micros"],
        settled_images=row["settled_images"],
        settled_micros=row["settled_micros"],
    )

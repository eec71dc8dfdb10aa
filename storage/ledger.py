"""The append-only record of what was reserved, settled, released."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.caps import Use
from bot.domain.ledger import Account, Difference, Entry, EntryKind, Loss
from bot.errors import StaleState
from storage.engine import Connection, Row, Value

INSERT_RESERVATION = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros, stranger
) VALUES (
    :job_id, :kind, :member_id, :guild_id, :charged_at, :at, :reserved_images, :reserved_micros,
    :settled_images, :settled_micros, :stranger
)
ON CONFLICT DO NOTHING
"""

# An entry closes a reservation of the same amounts, or it is not written.
INSERT_CLOSE = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros, stranger
)
SELECT
    job_id, CAST(:kind AS TEXT), member_id, guild_id, charged_at, CAST(:at AS BIGINT), -reserved_images,
    -reserved_micros, CAST(:settled_images AS BIGINT), CAST(:settled_micros AS BIGINT), stranger
FROM ledger
WHERE job_id = :job_id
    AND kind = 'reserve'
    AND member_id = :member_id
    AND charged_at = :charged_at
    AND COALESCE(guild_id, 0) = COALESCE(CAST(:guild_id AS BIGINT), 0)
    AND stranger = :stranger
    AND reserved_images = -CAST(:reserved_images AS BIGINT)
    AND reserved_micros = -CAST(:reserved_micros AS BIGINT)
ON CONFLICT DO NOTHING
"""

GET_RESERVATION = "SELECT * FROM ledger WHERE job_id = :job_id AND kind = 'reserve'"

INSERT_LOSS = """
INSERT INTO losses (job_id, guild_id, charged_at, at, micros, stranger)
VALUES (:job_id, :guild_id, :charged_at, :at, :micros, :stranger)
ON CONFLICT DO NOTHING
"""

# Members first, everybody last: two transactions that wait for each other's rows would never end.
_ADD_TO_SUMS = """
INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
VALUES {rows}
ON CONFLICT (account, account_id, quarter) DO UPDATE SET
    images = ledger_sums.images + excluded.images, micros = ledger_sums.micros + excluded.micros
"""
_SUM_ROW = "(:account_{number}, :account_id_{number}, :quarter, :images, :micros)"

SUM_USE = """
SELECT CAST(COALESCE(SUM(images), 0) AS BIGINT) AS images, CAST(COALESCE(SUM(micros), 0) AS BIGINT) AS micros
FROM ledger_sums
WHERE account = :account AND account_id = :account_id AND quarter >= :since AND quarter < :until
"""

# The same for a member from the entries themselves, for a period that begins or ends within a quarter.
SUM_USE_OF_MEMBER = """
SELECT
    CAST(COALESCE(SUM(reserved_images + settled_images), 0) AS BIGINT) AS images,
    CAST(COALESCE(SUM(reserved_micros + settled_micros), 0) AS BIGINT) AS micros
FROM ledger
WHERE member_id = :member_id AND charged_at >= :since AND charged_at < :until
"""

# Nothing but a description reserves no images. One that was given back and cost nothing is none.
COUNT_DESCRIPTIONS = """
SELECT
    COALESCE(SUM(CASE
        WHEN kind = 'reserve' THEN 1
        WHEN kind = 'release'
            AND NOT EXISTS (SELECT 1 FROM losses WHERE losses.job_id = ledger.job_id) THEN -1
        ELSE 0
    END), 0) AS made
FROM ledger
WHERE member_id = :member_id AND charged_at >= :since AND charged_at < :until
    AND reserved_images = 0 AND settled_images = 0
"""

# Reservations that stayed open although their job has ended: nobody will close them.
LIST_LEFT_OPEN = """
SELECT reservation.* FROM ledger AS reservation
JOIN jobs ON jobs.id = reservation.job_id
WHERE reservation.kind = 'reserve' AND jobs.state IN ('succeeded', 'failed') AND NOT EXISTS (
    SELECT 1 FROM ledger AS closing
    WHERE closing.job_id = reservation.job_id AND closing.kind IN ('settle', 'release')
)
ORDER BY reservation.at, reservation.job_id
"""

LIST_UNRESERVED = """
SELECT id FROM jobs
WHERE state IN ('created', 'running', 'storing') AND NOT EXISTS (
    SELECT 1 FROM ledger WHERE ledger.job_id = jobs.id AND ledger.kind = 'reserve'
)
ORDER BY created_at, id
"""

_ENTRIES_BY_ACCOUNT = """
SELECT 'member' AS account, member_id AS account_id, charged_at - charged_at % 900000 AS quarter,
    reserved_images + settled_images AS images, reserved_micros + settled_micros AS micros
FROM ledger
UNION ALL
SELECT 'server', guild_id, charged_at - charged_at % 900000,
    reserved_images + settled_images, reserved_micros + settled_micros
FROM ledger WHERE guild_id IS NOT NULL
UNION ALL
SELECT 'bot', 0, charged_at - charged_at % 900000,
    reserved_images + settled_images, reserved_micros + settled_micros
FROM ledger
UNION ALL
SELECT 'strangers', 0, charged_at - charged_at % 900000,
    reserved_images + settled_images, reserved_micros + settled_micros
FROM ledger WHERE stranger = 1
UNION ALL
SELECT 'server', guild_id, charged_at - charged_at % 900000, 0, micros FROM losses WHERE guild_id IS NOT NULL
UNION ALL
SELECT 'bot', 0, charged_at - charged_at % 900000, 0, micros FROM losses
UNION ALL
SELECT 'strangers', 0, charged_at - charged_at % 900000, 0, micros FROM losses WHERE stranger = 1
"""

_LIST_DIFFERENCES = f"""
SELECT account, account_id, quarter,
    CAST(SUM(images) AS BIGINT) AS images, CAST(SUM(micros) AS BIGINT) AS micros
FROM (
    SELECT account, account_id, quarter, images, micros FROM ledger_sums
    UNION ALL
    SELECT account, account_id, quarter, -images, -micros FROM ({_ENTRIES_BY_ACCOUNT}) AS entries
) AS both_ways
GROUP BY account, account_id, quarter
HAVING SUM(images) <> 0 OR SUM(micros) <> 0
ORDER BY account, account_id, quarter
LIMIT :limit
"""  # noqa: S608 - our own text

_DELETE_SUMS = "DELETE FROM ledger_sums"
_INSERT_SUMS = f"""
INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
SELECT account, account_id, quarter, SUM(images), SUM(micros) FROM ({_ENTRIES_BY_ACCOUNT}) AS entries
GROUP BY account, account_id, quarter
"""  # noqa: S608 - our own text

QUARTER = 900_000  # milliseconds


class LedgerRepository:
    """The ledger within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, entry: Entry) -> None:
        """Write an entry of a job that exists, and add it to the sums.

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
            "stranger": entry.stranger,
        }
        if await self._connection.execute(sql, params) == 0:
            raise StaleState(f"{entry.kind} of job {entry.job_id}: done before, or nothing is reserved")
        accounts = [(Account.MEMBER, entry.member_id), *_shared(entry.guild_id, entry.stranger)]
        images = entry.reserved_images + entry.settled_images
        await self._add(accounts, entry.charged_at, images, entry.reserved_micros + entry.settled_micros)

    async def append_loss(self, loss: Loss) -> None:
        """Write what a job cost that made nothing, and add it to the sums; StaleState the second time."""
        params: dict[str, Value] = {
            "job_id": loss.job_id,
            "guild_id": loss.guild_id,
            "charged_at": loss.charged_at,
            "at": loss.at,
            "micros": loss.micros,
            "stranger": loss.stranger,
        }
        if await self._connection.execute(INSERT_LOSS, params) == 0:
            raise StaleState(f"the loss of job {loss.job_id} is written already")
        await self._add(_shared(loss.guild_id, loss.stranger), loss.charged_at, 0, loss.micros)

    async def _add(
        self, accounts: Sequence[tuple[Account, int]], charged_at: int, images: int, micros: int
    ) -> None:
        params: dict[str, Value] = {
            "quarter": charged_at - charged_at % QUARTER,
            "images": images,
            "micros": micros,
        }
        for number, (account, account_id) in enumerate(accounts):
            params |= {f"account_{number}": account, f"account_id_{number}": account_id}
        rows = ", ".join(_SUM_ROW.format(number=number) for number in range(len(accounts)))
        await self._connection.execute(_ADD_TO_SUMS.format(rows=rows), params)

    async def reservation_of(self, job_id: str) -> Entry | None:
        """The RESERVE entry of a job."""
        row = await self._connection.fetch_one(GET_RESERVATION, {"job_id": job_id})
        return None if row is None else _entry(row)

    async def images_used(self, member_id: int, *, since: int, until: int) -> int:
        """Reserved and settled images of a member in a period; its end is not included."""
        return (await self.use_of(Account.MEMBER, member_id, since=since, until=until)).images

    async def use_of(self, account: Account, account_id: int, *, since: int, until: int) -> Use:
        """What was reserved and settled in a period, its end not included; with losses but for members.

        A period of a server or of everybody counts from the quarter of an hour that it begins in.
        """
        params: dict[str, Value] = {"since": since, "until": until}
        if account is Account.MEMBER and (since % QUARTER or until % QUARTER):
            row = await self._connection.fetch_one(SUM_USE_OF_MEMBER, {**params, "member_id": account_id})
        else:
            params |= {"account": account, "account_id": account_id, "since": since - since % QUARTER}
            row = await self._connection.fetch_one(SUM_USE, params)
        return Use() if row is None else Use(int(row["images"]), int(row["micros"]))

    async def descriptions_used(self, member_id: int, *, since: int, until: int) -> int:
        """Descriptions of a member in a period, its end not included; what ended without costing anything is
        none."""
        params: dict[str, Value] = {"member_id": member_id, "since": since, "until": until}
        row = await self._connection.fetch_one(COUNT_DESCRIPTIONS, params)
        return 0 if row is None else int(row["made"])

    async def left_open(self) -> Sequence[Entry]:
        """Reservations of jobs that have ended and that nothing closed, the oldest first."""
        return [_entry(row) for row in await self._connection.fetch_all(LIST_LEFT_OPEN)]

    async def unreserved(self) -> Sequence[str]:
        """Ids of unfinished jobs without a reservation, the oldest first."""
        return [row["id"] for row in await self._connection.fetch_all(LIST_UNRESERVED)]

    async def differences(self, limit: int) -> Sequence[Difference]:
        """Sums that are not what the entries amount to; it reads all of them."""
        return [
            Difference(row["account"], row["account_id"], row["quarter"], row["images"], row["micros"])
            for row in await self._connection.fetch_all(_LIST_DIFFERENCES, {"limit": limit})
        ]

    async def sum_up_again(self) -> None:
        """Make the sums anew from the entries."""
        await self._connection.execute(_DELETE_SUMS)
        await self._connection.execute(_INSERT_SUMS)


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
        stranger=bool(row["stranger"]),
    )


def _shared(guild_id: int | None, stranger: bool) -> list[tuple[Account, int]]:
    """The accounts that something counts to beside its member's, always in the same order."""
    strangers = [(Account.STRANGERS, 0)] if stranger else []
    servers = [] if guild_id is None else [(Account.SERVER, guild_id)]
    return [*servers, *strangers, (Account.BOT, 0)]

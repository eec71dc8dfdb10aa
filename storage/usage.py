"""Sums over the ledger and the jobs: what was made, what it cost, and what became of requests.

Sums are taken from the entries that settle: what was reserved and not yet settled is nobody's use yet. They
count to the period in which the request was accepted, as caps do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.caps import Period
from bot.domain.usage import DAY_MS, QUARTER, Spent, UsageLine
from storage.engine import Connection, Params, Row

_SUMS = """
    CAST(COALESCE(SUM(settled_images), 0) AS BIGINT) AS images,
    CAST(COALESCE(SUM(settled_micros), 0) AS BIGINT) AS micros
"""
_OF_SERVER = "kind = 'settle' AND guild_id = :guild_id AND charged_at >= :since AND charged_at < :until"

SUM_OF_MEMBER = f"""
SELECT {_SUMS} FROM ledger
WHERE member_id = :member_id AND charged_at >= :since AND charged_at < :until
"""

SUM_OF_SERVER = f"SELECT {_SUMS} FROM ledger WHERE {_OF_SERVER}"

SUM_BY_QUARTER = f"""
SELECT charged_at / :quarter AS quarter, {_SUMS} FROM ledger WHERE {_OF_SERVER} GROUP BY 1 ORDER BY 1
"""

SUM_BY_MODEL = f"""
SELECT jobs.model AS model, {_SUMS}
FROM ledger JOIN jobs ON jobs.id = ledger.job_id
WHERE ledger.kind = 'settle' AND ledger.guild_id = :guild_id
    AND ledger.charged_at >= :since AND ledger.charged_at < :until
GROUP BY 1 ORDER BY micros DESC, images DESC, 1
"""

SUM_BY_MEMBER = f"""
SELECT member_id, {_SUMS} FROM ledger WHERE {_OF_SERVER}
GROUP BY 1 ORDER BY micros DESC, images DESC, 1 LIMIT :limit
"""

COUNT_OUTCOMES = """
SELECT state, failure_code, COUNT(*) AS jobs FROM jobs
WHERE guild_id = :guild_id AND created_at >= :since AND created_at < :until
GROUP BY 1, 2
"""

COUNT_LATENCIES = """
SELECT (finished_at - started_at) / :bucket AS bucket, COUNT(*) AS jobs FROM jobs
WHERE guild_id = :guild_id AND created_at >= :since AND created_at < :until
    AND state = 'succeeded' AND started_at IS NOT NULL
GROUP BY 1
"""

SUM_DAYS_OF_MEMBER = """
SELECT (charged_at - :since) / :day AS day, CAST(SUM(settled_micros) AS BIGINT) AS micros FROM ledger
WHERE member_id = :member_id AND guild_id = :guild_id AND charged_at >= :since AND charged_at < :until
GROUP BY 1 HAVING SUM(settled_micros) > 0
"""

SUM_DAYS_OF_MEMBERS = f"""
SELECT CAST(SUM(settled_micros) AS BIGINT) AS micros FROM ledger WHERE {_OF_SERVER}
GROUP BY member_id, (charged_at - :since) / :day HAVING SUM(settled_micros) > 0
"""

_LINES = """
SELECT
    jobs.id, jobs.created_at, jobs.member_id, jobs.guild_id, jobs.kind, jobs.model, jobs.size, jobs.state,
    jobs.failure_code, jobs.started_at, jobs.finished_at,
    COALESCE(closing.settled_images, 0) AS images, COALESCE(closing.settled_micros, 0) AS micros
FROM jobs
LEFT JOIN ledger AS closing ON closing.job_id = jobs.id AND closing.kind IN ('settle', 'release')
"""
_PAGE = """
    AND jobs.created_at >= :since AND jobs.created_at < :until
    AND (jobs.created_at > :after_at OR (jobs.created_at = :after_at AND jobs.id > :after_id))
ORDER BY jobs.created_at, jobs.id
LIMIT :limit
"""

LIST_LINES_OF_SERVER = f"""
{_LINES} WHERE jobs.guild_id = :guild_id AND jobs.state IN ('succeeded', 'failed') {_PAGE}
"""

LIST_LINES_IN_STATE = f"{_LINES} WHERE jobs.state = :state {_PAGE}"


class UsageRepository:
    """Sums within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_member(self, member_id: int, period: Period) -> Spent:
        """What a member had settled, everywhere."""
        row = await self._connection.fetch_one(SUM_OF_MEMBER, {"member_id": member_id, **_within(period)})
        return Spent() if row is None else _spent(row)

    async def of_server(self, guild_id: int, period: Period) -> Spent:
        """What a server had settled."""
        row = await self._connection.fetch_one(SUM_OF_SERVER, _of_server(guild_id, period))
        return Spent() if row is None else _spent(row)

    async def by_quarter(self, guild_id: int, period: Period) -> Sequence[tuple[int, Spent]]:
        """What a server used in each quarter of an hour, by its beginning (UTC milliseconds)."""
        params = {"quarter": QUARTER, **_of_server(guild_id, period)}
        rows = await self._connection.fetch_all(SUM_BY_QUARTER, params)
        return [(int(row["quarter"]) * QUARTER, _spent(row)) for row in rows]

    async def by_model(self, guild_id: int, period: Period) -> Sequence[tuple[str, Spent]]:
        """What a server used by model, the dearest first."""
        rows = await self._connection.fetch_all(SUM_BY_MODEL, _of_server(guild_id, period))
        return [(row["model"], _spent(row)) for row in rows]

    async def by_member(self, guild_id: int, period: Period, limit: int) -> Sequence[tuple[int, Spent]]:
        """What a server's members used, the dearest first."""
        params = {"limit": limit, **_of_server(guild_id, period)}
        rows = await self._connection.fetch_all(SUM_BY_MEMBER, params)
        return [(row["member_id"], _spent(row)) for row in rows]

    async def outcomes(self, guild_id: int, period: Period) -> Mapping[tuple[str, str | None], int]:
        """How many of a server's requests ended or stand how, by state and failure code."""
        rows = await self._connection.fetch_all(COUNT_OUTCOMES, _of_server(guild_id, period))
        return {(row["state"], row["failure_code"]): int(row["jobs"]) for row in rows}

    async def latencies(self, guild_id: int, period: Period, bucket: int) -> Mapping[int, int]:
        """How many successes took how long, in buckets of so many milliseconds."""
        params = {"bucket": bucket, **_of_server(guild_id, period)}
        rows = await self._connection.fetch_all(COUNT_LATENCIES, params)
        return {int(row["bucket"]): int(row["jobs"]) for row in rows}

    async def days_of_member(self, guild_id: int, member_id: int, period: Period) -> dict[int, int]:
        """Micro-dollars of a member on a server by day, counted in 24 hours from the period's start."""
        params = {"member_id": member_id, "day": DAY_MS, **_of_server(guild_id, period)}
        rows = await self._connection.fetch_all(SUM_DAYS_OF_MEMBER, params)
        return {int(row["day"]): int(row["micros"]) for row in rows}

    async def days_of_members(self, guild_id: int, period: Period) -> Sequence[int]:
        """Micro-dollars of every day of every member of a server, in the same days."""
        params = {"day": DAY_MS, **_of_server(guild_id, period)}
        return [int(row["micros"]) for row in await self._connection.fetch_all(SUM_DAYS_OF_MEMBERS, params)]

    async def lines_of_server(
        self, guild_id: int, period: Period, after: tuple[int, str], limit: int
    ) -> Sequence[UsageLine]:
        """A server's requests that have ended, in order of age, after one of them (its time and id)."""
        params = {"guild_id": guild_id, **_page(period, after, limit)}
        return [_line(row) for row in await self._connection.fetch_all(LIST_LINES_OF_SERVER, params)]

    async def lines_in_state(
        self, state: str, period: Period, after: tuple[int, str], limit: int
    ) -> Sequence[UsageLine]:
        """Everybody's requests that ended so, in order of age, after one of them."""
        params = {"state": state, **_page(period, after, limit)}
        return [_line(row) for row in await self._connection.fetch_all(LIST_LINES_IN_STATE, params)]


def _within(period: Period) -> dict[str, int]:
    return {"since": period.start, "until": period.end}


def _of_server(guild_id: int, period: Period) -> dict[str, int]:
    return {"guild_id": guild_id, **_within(period)}


def _page(period: Period, after: tuple[int, str], limit: int) -> Params:
    return {"after_at": after[0], "after_id": after[1], "limit": limit, **_within(period)}


def _spent(row: Row) -> Spent:
    return Spent(int(row["images"]), int(row["micros"]))


def _line(row: Row) -> UsageLine:
    started, finished = row["started_at"], row["finished_at"]
    return UsageLine(
        job_id=row["id"],
        asked_at=row["created_at"],
        member_id=row["member_id"],
        guild_id=row["guild_id"],
        kind=row["kind"],
        model=row["model"],
        size=row["size"],
        state=row["state"],
        failure=row["failure_code"] or "",
        images=int(row["images"]),
        micros=int(row["micros"]),
        seconds=None if started is None or finished is None else (finished - started) / 1000,
    )

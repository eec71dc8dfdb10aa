"""Cases and their reports."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import Action, Case, CaseState, Reason, Report
from bot.domain.records import QueueFilter
from bot.errors import StaleState
from storage.engine import Connection, Row, Value
from storage.images import LIST_TWINS

INSERT_CASE = """
INSERT INTO cases (
    id, guild_id, number, image_id, member_id, reason, gravity, opened_at, updated_at, state, reports, turn,
    reports_decided, blocked
) VALUES (
    :id, :guild_id, :number, :image_id, :member_id, :reason, :gravity, :opened_at, :updated_at, :state,
    :reports, :turn, 0, 0
)
ON CONFLICT DO NOTHING
RETURNING id
"""

SAVE_CASE = """
UPDATE cases
SET reason = :reason, gravity = :gravity, updated_at = :updated_at, state = :state, reports = :reports,
    turn = :turn, claimed_by = :claimed_by, claimed_at = :claimed_at, decision = :decision,
    decided_by = :decided_by, decided_at = :decided_at, reports_decided = :reports_decided,
    blocked = :blocked
WHERE id = :id AND turn = :expected
RETURNING id
"""

GET_CASE = "SELECT * FROM cases WHERE id = :id"
# The cases about other images of its server with the bytes of one.
LIST_OF_TWINS = f"""
SELECT cases.* FROM ({LIST_TWINS}) AS same JOIN cases ON cases.image_id = same.id ORDER BY cases.number
"""  # noqa: S608 - our own text
GET_CASE_OF_IMAGE = "SELECT * FROM cases WHERE image_id = :image_id"
GET_CASE_BY_NUMBER = "SELECT * FROM cases WHERE guild_id = :guild_id AND number = :number"
LAST_NUMBER = "SELECT COALESCE(MAX(number), 0) AS number FROM cases WHERE guild_id = :guild_id"

# '' is any reason. PostgreSQL takes a parameter's type from its first use: the column comes first.
_LISTED = """
FROM cases
WHERE guild_id = :guild_id AND state = :state AND (reason = :reason OR :reason = '')
    AND (claimed_by IS NULL OR CAST(:unclaimed AS BIGINT) = 0)
"""
LIST_OPEN = f"SELECT * {_LISTED} ORDER BY gravity DESC, opened_at, number LIMIT :limit OFFSET :skip"
LIST_DECIDED = f"SELECT * {_LISTED} ORDER BY updated_at DESC, number DESC LIMIT :limit OFFSET :skip"
COUNT_LISTED = f"SELECT COUNT(*) AS cases {_LISTED}"

LIST_LATEST = "SELECT * FROM cases WHERE guild_id = :guild_id ORDER BY number DESC LIMIT :limit"

COUNT_OF_MEMBER = """
SELECT state, COUNT(*) AS cases FROM cases
WHERE guild_id = :guild_id AND member_id = :member_id
GROUP BY state
"""

LIST_SERVERS_WAITING = """
SELECT DISTINCT guild_id FROM cases WHERE state = 'open' AND opened_at < :before ORDER BY guild_id
"""
LIST_OVERDUE = """
SELECT * FROM cases
WHERE guild_id = :guild_id AND state = 'open' AND opened_at < :before
ORDER BY gravity DESC, opened_at
LIMIT :limit
"""
MARK_REMINDED = """
UPDATE cases SET reminded_at = :now WHERE guild_id = :guild_id AND state = 'open' AND opened_at < :before
"""

LIST_SINCE = """
SELECT * FROM cases WHERE guild_id = :guild_id AND (opened_at >= :since OR decided_at >= :since)
ORDER BY number
"""

SET_CARD = "UPDATE cases SET channel_id = :channel_id, message_id = :message_id WHERE id = :id"
LIST_CARDS = "SELECT id FROM cases WHERE guild_id = :guild_id AND state = 'open'"

INSERT_REPORT = """
INSERT INTO reports (case_id, reporter_id, reason, text, wants_outcome, at)
VALUES (:case_id, :reporter_id, :reason, :text, :wants_outcome, :at)
ON CONFLICT DO NOTHING
RETURNING case_id
"""
LIST_REPORTS = "SELECT * FROM reports WHERE case_id = :case_id ORDER BY at, reporter_id"
LIST_TIMES_OF_REPORTER = """
SELECT at FROM reports WHERE reporter_id = :reporter_id AND at > :since ORDER BY at
"""
COUNT_BY_REPORTER = """
SELECT COUNT(*) AS reports FROM reports JOIN cases ON cases.id = reports.case_id
WHERE reports.reporter_id = :reporter_id AND cases.guild_id = :guild_id
"""


class CaseRepository:
    """Cases within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, case: Case) -> bool:
        """Write a new case; False where there is one for its image."""
        params = {**_changing(case), "guild_id": case.guild_id, "number": case.number}
        params |= {"image_id": case.image_id, "member_id": case.member_id, "opened_at": case.opened_at}
        return await self._connection.fetch_one(INSERT_CASE, _only(INSERT_CASE, params)) is not None

    async def save(self, case: Case, *, expected: int) -> None:
        """Write a changed case that is still at turn `expected`; StaleState otherwise."""
        if await self._connection.fetch_one(SAVE_CASE, {**_changing(case), "expected": expected}) is None:
            raise StaleState(f"case {case.id} is not at turn {expected} any more")

    async def get(self, case_id: str) -> Case | None:
        return _case(await self._connection.fetch_one(GET_CASE, {"id": case_id}))

    async def of_image(self, image_id: str) -> Case | None:
        return _case(await self._connection.fetch_one(GET_CASE_OF_IMAGE, {"image_id": image_id}))

    async def of_twins(self, image_id: str) -> Sequence[Case]:
        """Return the cases about the same picture under other ids in its server."""
        return [_read(row) for row in await self._connection.fetch_all(LIST_OF_TWINS, {"id": image_id})]

    async def by_number(self, guild_id: int, number: int) -> Case | None:
        params: dict[str, Value] = {"guild_id": guild_id, "number": number}
        return _case(await self._connection.fetch_one(GET_CASE_BY_NUMBER, params))

    async def last_number(self, guild_id: int) -> int:
        """The highest number of a server's cases, 0 where there is none. Lock the server before."""
        row = await self._connection.fetch_one(LAST_NUMBER, {"guild_id": guild_id})
        return 0 if row is None else int(row["number"])

    async def listed(self, guild_id: int, wanted: QueueFilter, skip: int, limit: int) -> Sequence[Case]:
        """A server's cases as the queue shows them."""
        sql = LIST_OPEN if wanted.state is CaseState.OPEN else LIST_DECIDED
        params = {**_wanted(guild_id, wanted), "skip": skip, "limit": limit}
        return [_read(row) for row in await self._connection.fetch_all(sql, params)]

    async def count(self, guild_id: int, wanted: QueueFilter) -> int:
        """How many cases match."""
        row = await self._connection.fetch_one(COUNT_LISTED, _wanted(guild_id, wanted))
        return 0 if row is None else int(row["cases"])

    async def latest(self, guild_id: int, limit: int) -> Sequence[Case]:
        """A server's cases, the newest first."""
        rows = await self._connection.fetch_all(LIST_LATEST, {"guild_id": guild_id, "limit": limit})
        return [_read(row) for row in rows]

    async def of_member(self, guild_id: int, member_id: int) -> dict[CaseState, int]:
        """How many cases there are about a member's pictures, by state."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        rows = await self._connection.fetch_all(COUNT_OF_MEMBER, params)
        return {CaseState(row["state"]): int(row["cases"]) for row in rows}

    async def servers_waiting(self, before: int) -> Sequence[int]:
        """The servers with open cases from before a time."""
        rows = await self._connection.fetch_all(LIST_SERVERS_WAITING, {"before": before})
        return [row["guild_id"] for row in rows]

    async def overdue(self, guild_id: int, before: int, limit: int) -> Sequence[Case]:
        """A server's open cases from before a time."""
        params: dict[str, Value] = {"guild_id": guild_id, "before": before, "limit": limit}
        return [_read(row) for row in await self._connection.fetch_all(LIST_OVERDUE, params)]

    async def mark_reminded(self, guild_id: int, before: int, *, now: int) -> None:
        """Remember that a server's desk is reminded of its open cases from before a time."""
        params: dict[str, Value] = {"guild_id": guild_id, "before": before, "now": now}
        await self._connection.execute(MARK_REMINDED, params)

    async def since(self, guild_id: int, since: int) -> Sequence[Case]:
        """A server's cases that were opened or decided since a time."""
        rows = await self._connection.fetch_all(LIST_SINCE, {"guild_id": guild_id, "since": since})
        return [_read(row) for row in rows]

    async def open_ids(self, guild_id: int) -> Sequence[str]:
        """The ids of a server's open cases."""
        rows = await self._connection.fetch_all(LIST_CARDS, {"guild_id": guild_id})
        return [row["id"] for row in rows]

    async def set_card(self, case_id: str, channel_id: int | None, message_id: int | None) -> None:
        """Remember which message is the case's card."""
        params: dict[str, Value] = {"id": case_id, "channel_id": channel_id, "message_id": message_id}
        await self._connection.execute(SET_CARD, params)

    # --- reports ------------------------------------------------------------------------------------------

    async def add_report(self, report: Report) -> bool:
        """Write a report; False where this person has reported this picture before."""
        params: dict[str, Value] = {
            "case_id": report.case_id,
            "reporter_id": report.reporter_id,
            "reason": report.reason,
            "text": report.text,
            "wants_outcome": report.wants_outcome,
            "at": report.at,
        }
        return await self._connection.fetch_one(INSERT_REPORT, params) is not None

    async def reports_of(self, case_id: str) -> Sequence[Report]:
        """A case's reports, the oldest first."""
        rows = await self._connection.fetch_all(LIST_REPORTS, {"case_id": case_id})
        return [_report(row) for row in rows]

    async def report_times(self, reporter_id: int, since: int) -> Sequence[int]:
        """When somebody reported something after a time."""
        params: dict[str, Value] = {"reporter_id": reporter_id, "since": since}
        rows = await self._connection.fetch_all(LIST_TIMES_OF_REPORTER, params)
        return [row["at"] for row in rows]

    async def reports_by(self, guild_id: int, reporter_id: int) -> int:
        """How many pictures of a server somebody has reported."""
        params: dict[str, Value] = {"guild_id": guild_id, "reporter_id": reporter_id}
        row = await self._connection.fetch_one(COUNT_BY_REPORTER, params)
        return 0 if row is None else int(row["reports"])


def _wanted(guild_id: int, wanted: QueueFilter) -> dict[str, Value]:
    return {
        "guild_id": guild_id,
        "state": wanted.state,
        "reason": wanted.reason or "",
        "unclaimed": wanted.unclaimed,
    }


def _changing(case: Case) -> dict[str, Value]:
    return {
        "id": case.id,
        "reason": case.reason,
        "gravity": case.reason.gravity,
        "updated_at": case.updated_at,
        "state": case.state,
        "reports": case.reports,
        "turn": case.turn,
        "claimed_by": case.claimed_by,
        "claimed_at": case.claimed_at,
        "decision": case.decision,
        "decided_by": case.decided_by,
        "decided_at": case.decided_at,
        "reports_decided": case.reports_decided,
        "blocked": case.blocked,
    }


def _only(sql: str, params: dict[str, Value]) -> dict[str, Value]:
    """Return the parameters that a statement names; a new case has none of a decided one's."""
    return {name: value for name, value in params.items() if f":{name}" in sql}


def _case(row: Row | None) -> Case | None:
    return None if row is None else _read(row)


def _read(row: Row) -> Case:
    return Case(
        id=row["id"],
        guild_id=row["guild_id"],
        number=row["number"],
        image_id=row["image_id"],
        member_id=row["member_id"],
        reason=Reason(row["reason"]),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        state=CaseState(row["state"]),
        reports=row["reports"],
        turn=row["turn"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        decision=None if row["decision"] is None else Action(row["decision"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        reports_decided=row["reports_decided"],
        blocked=bool(row["blocked"]),
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        reminded_at=row["reminded_at"],
    )


def _report(row: Row) -> Report:
    return Report(
        case_id=row["case_id"],
        reporter_id=row["reporter_id"],
        reason=Reason(row["reason"]),
        text=row["text"],
        wants_outcome=bool(row["wants_outcome"]),
        at=row["at"],
    )

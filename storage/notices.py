"""What has to happen in Discord: written with its cause, worked off later, as often as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.notices import Notice, NoticeKind
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row, Value

# Asked for again while it is worked on, it becomes due once more: its version says so to who finishes.
PUT_NOTICE = """
INSERT INTO notices (kind, subject, version, due_at, tries, data, failure)
VALUES (:kind, :subject, 1, :due_at, 0, :data, '')
ON CONFLICT (kind, subject) DO UPDATE
SET version = notices.version + 1, due_at = excluded.due_at, tries = 0, data = excluded.data, failure = ''
"""

# Two processes that look at once find the same one; `due_at` has changed for the second of them.
TAKE_NOTICE = """
UPDATE notices SET due_at = :until, tries = tries + 1
WHERE due_at <= :now AND (kind, subject) IN (
    SELECT kind, subject FROM notices WHERE due_at <= :now ORDER BY due_at, kind, subject LIMIT 1
)
RETURNING *
"""

DELETE_NOTICE = "DELETE FROM notices WHERE kind = :kind AND subject = :subject AND version = :version"
PUT_OFF = """
UPDATE notices SET due_at = :due_at, failure = :failure
WHERE kind = :kind AND subject = :subject AND version = :version
"""
NEXT_DUE = "SELECT MIN(due_at) AS due_at FROM notices"
LIST_FAILED = """
SELECT failure FROM notices
WHERE due_at IS NULL AND kind = :kind AND subject = :subject
"""
FIND_NOTICE = "SELECT kind FROM notices WHERE kind = :kind AND subject = :subject"
FORGET_NOTICE = "DELETE FROM notices WHERE kind = :kind AND subject = :subject"
MAKE_DUE = "UPDATE notices SET due_at = :now WHERE due_at IS NOT NULL"


class NoticeRepository:
    """Notices within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, notice: Notice) -> None:
        """Ask for something; asked for before, it is asked for once more."""
        params: dict[str, Value] = {
            "kind": notice.kind,
            "subject": notice.subject,
            "due_at": notice.due_at,
            "data": to_text(dict(notice.data)),
        }
        await self._connection.execute(PUT_NOTICE, params)

    async def take(self, *, now: int, until: int) -> Notice | None:
        """Take what is due for so long; None where nothing is."""
        row = await self._connection.fetch_one(TAKE_NOTICE, {"now": now, "until": until})
        return None if row is None else _notice(row)

    async def done(self, notice: Notice) -> None:
        """Forget what was brought about, unless it was asked for again meanwhile."""
        await self._connection.execute(DELETE_NOTICE, _key(notice))

    async def put_off(self, notice: Notice, due_at: int | None, failure: str) -> None:
        """Try again later, or (None) never: it stays with the reason."""
        params = {**_key(notice), "due_at": due_at, "failure": failure}
        await self._connection.execute(PUT_OFF, params)

    async def make_due(self, now: int) -> None:
        """Let everything that is not given up be due."""
        await self._connection.execute(MAKE_DUE, {"now": now})

    async def next_due(self) -> int | None:
        """When the next one is due."""
        row = await self._connection.fetch_one(NEXT_DUE)
        return None if row is None else row["due_at"]

    async def failures(self, kind: NoticeKind, subject: str) -> Sequence[str]:
        """Why something could not be brought about."""
        rows = await self._connection.fetch_all(LIST_FAILED, {"kind": kind, "subject": subject})
        return [row["failure"] for row in rows]

    async def known(self, kind: NoticeKind, subject: str) -> bool:
        """Whether something is asked for, or could not be brought about."""
        return await self._connection.fetch_one(FIND_NOTICE, {"kind": kind, "subject": subject}) is not None

    async def forget(self, kind: NoticeKind, subject: str) -> None:
        """Ask for something no more."""
        await self._connection.execute(FORGET_NOTICE, {"kind": kind, "subject": subject})


def _key(notice: Notice) -> dict[str, Value]:
    return {"kind": notice.kind, "subject": notice.subject, "version": notice.version}


def _notice(row: Row) -> Notice:
    return Notice(
        kind=NoticeKind(row["kind"]),
        subject=row["subject"],
        due_at=row["due_at"],
        data=from_text(row["data"]),
        version=row["version"],
        tries=row["tries"],
    )

"""What people with a say changed: append-only, each row chained to the one before.

The hash of a row covers its number, id, server, time and action, the hash of the row before, and a seal. The
seal covers who, what and how with a random salt: who did what can be forgotten one day together with its
salt, without breaking the chain. What was written before there was a chain has no number; the first link
covers all of it. The head of the chain is kept apart, so that rows missing at the end are noticed, too.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence

from bot.domain.audit import AuditEntry, AuditFilter, ChainReport
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import AUDIT, Connection, Row, Value

GET_HEAD = "SELECT number, hash FROM audit_head WHERE id = 1"
SET_HEAD = "UPDATE audit_head SET number = :number, hash = :hash WHERE id = 1"

APPEND_ENTRY = """
INSERT INTO audit (id, guild_id, actor_id, at, action, target, data, number, salt, seal, hash)
VALUES (:id, :guild_id, :actor_id, :at, :action, :target, :data, :number, :salt, :seal, :hash)
ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# 0 and '' are any. PostgreSQL takes a parameter's type from its first use: the column comes first.
LIST_OF_SERVER = """
SELECT * FROM audit
WHERE guild_id = :guild_id AND (at, id) < (CAST(:at AS BIGINT), CAST(:id AS TEXT))
    AND (actor_id = :actor_id OR :actor_id = 0) AND (action LIKE :action OR :action = '')
    AND (target = :target OR :target = '') AND at >= :since
ORDER BY at DESC, id DESC
LIMIT :limit
"""

LIST_BEFORE_CHAIN = "SELECT * FROM audit WHERE number IS NULL ORDER BY at, id"
LIST_CHAIN = "SELECT * FROM audit WHERE number > :after ORDER BY number LIMIT :limit"

# What names a member in its data: that alone is forgotten where somebody else did it (`storage.personal`).
_NAMING_IN_DATA = frozenset({"case.claimed", "job.cancelled"})

_END_OF_TIME = 2**62
_PAGE = 1_000


class AuditRepository:
    """The audit within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def append(self, entry: AuditEntry) -> None:
        """Write an entry as the chain's next link; StaleState where its id is taken.

        Nothing else is to be locked after this within the transaction: everybody who appends waits.
        """
        await self._connection.lock(AUDIT)
        head = await self._connection.fetch_one(GET_HEAD)
        number, previous = (0, "") if head is None else (head["number"], head["hash"])
        if number == 0:
            previous = await self._before_chain()
        params: dict[str, Value] = {
            "id": entry.id,
            "guild_id": entry.guild_id,
            "actor_id": entry.actor_id,
            "at": entry.at,
            "action": entry.action,
            "target": entry.target,
            "data": to_text(dict(entry.data)),
            "number": number + 1,
            "salt": secrets.token_hex(16),
        }
        params["seal"] = _seal(params["salt"], params["actor_id"], params["target"], params["data"])
        params["hash"] = _hash(
            previous,
            number + 1,
            params["id"],
            params["guild_id"],
            params["at"],
            params["action"],
            params["seal"],
        )
        if await self._connection.fetch_one(APPEND_ENTRY, params) is None:
            raise StaleState(f"the id {entry.id} of an audit entry is taken")
        await self._connection.execute(SET_HEAD, {"number": number + 1, "hash": params["hash"]})

    async def of_server(
        self,
        guild_id: int,
        *,
        limit: int,
        before: AuditEntry | None = None,
        wanted: AuditFilter = AuditFilter(),
    ) -> Sequence[AuditEntry]:
        """The latest entries of a server, newest first; `before` is the last one of the page before."""
        params: dict[str, Value] = {
            "guild_id": guild_id,
            "at": _END_OF_TIME if before is None else before.at,
            "id": "" if before is None else before.id,
            "actor_id": wanted.actor_id or 0,
            "action": f"{wanted.subject}.%" if wanted.subject else "",
            "target": wanted.target,
            "since": wanted.since,
            "limit": limit,
        }
        return [_entry(row) for row in await self._connection.fetch_all(LIST_OF_SERVER, params)]

    async def verify(self) -> ChainReport:
        """Compare every link with its row and with the one before it, and the last one with the head."""
        previous, number = await self._before_chain(), 0
        while rows := await self._connection.fetch_all(LIST_CHAIN, {"after": number, "limit": _PAGE}):
            for row in rows:
                if row["number"] != number + 1:
                    return ChainReport(number, number + 1, "is missing")
                fault = _fault(row, previous)
                if fault:
                    return ChainReport(number, row["number"], fault)
                number, previous = row["number"], row["hash"]
        head = await self._connection.fetch_one(GET_HEAD)
        if head is None or (head["number"], head["hash"] if number else previous) != (number, previous):
            return ChainReport(number, number + 1, "is missing at the end")
        return ChainReport(number)

    async def _before_chain(self) -> str:
        """The hash of what was written before there was a chain."""
        rows = await self._connection.fetch_all(LIST_BEFORE_CHAIN)
        # Not who did what to whom: that can be forgotten there, too.
        names = ("id", "guild_id", "at", "action")
        return _hash(*(row[name] for row in rows for name in names))


def _seal(*values: object) -> str:
    return _hash(*values)


def _hash(*values: object) -> str:
    text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _fault(row: Row, previous: str) -> str:
    """What is wrong with a link; empty where nothing is."""
    if row["salt"] is None:
        if not _is_forgotten(row):
            return "has lost its salt and says more than what an erasure leaves"
    elif row["seal"] != _seal(row["salt"], row["actor_id"], row["target"], row["data"]):
        return "was changed"
    linked = _hash(previous, row["number"], row["id"], row["guild_id"], row["at"], row["action"], row["seal"])
    return "" if row["hash"] == linked else "does not fit the one before it"


def _is_forgotten(row: Row) -> bool:
    """Whether a row without its salt is one that `storage.personal` can leave.

    Who did it became nobody, and then what was done may stay; or its data went with whom it was done to.
    What stays of such a row is sealed no more: that it was done, where and when, is linked still.
    """
    if row["actor_id"] < 0:
        return True
    return row["data"] == "{}" and (row["target"] == "" or row["action"] in _NAMING_IN_DATA)


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        guild_id=row["guild_id"],
        actor_id=row["actor_id"],
        at=row["at"],
        action=row["action"],
        target=row["target"],
        data=from_text(row["data"]),
        number=row["number"],
        link=row["hash"] or "",
    )

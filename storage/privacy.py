"""What is kept of people: handed out, forgotten, given up. The kinds themselves are in `storage.personal`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.jobs import Job
from bot.domain.privacy import CAPS_DAYS, DAY_MS, Erasure, Holdings, Page, Staying
from storage.drawings import FORGET_DRAWING, FORGET_DRAWN_TURNS
from storage.engine import Connection, Row
from storage.job_rows import job_from
from storage.personal import KINDS
from storage.personal.holds import (
    BEING_DELIVERED,
    COUNT_OPEN_CASES,
    COUNT_OPEN_REPORTS,
    COUNT_SANCTIONS,
)
from storage.personal.kinds import Params

INSERT_ERASURE = """
INSERT INTO erasures (id, member_id, asked_at, erased_at) VALUES (:id, :member_id, :asked_at, :erased_at)
"""
LATEST_ERASURE = "SELECT * FROM erasures WHERE member_id = :member_id ORDER BY asked_at DESC, id LIMIT 1"
LIST_ERASURES = "SELECT * FROM erasures ORDER BY asked_at, id"
MARK_ERASED = "UPDATE erasures SET erased_at = :erased_at WHERE id = :id"
END_ERASURE = "DELETE FROM erasures WHERE id = :id"

LIST_UNFINISHED = """
SELECT * FROM jobs
WHERE member_id = :member_id AND created_at <= :until AND state IN ('created', 'running', 'storing')
ORDER BY created_at, id LIMIT :limit
"""
COUNT_DELIVERED_NOW = f"""
SELECT COUNT(*) AS number FROM jobs
WHERE jobs.member_id = :member_id AND jobs.created_at <= :until AND {BEING_DELIVERED}
"""  # noqa: S608 - our own text
LIST_POSTED = """
SELECT jobs.id FROM jobs
WHERE jobs.member_id = :member_id AND jobs.created_at <= :until AND jobs.id > :after AND (
    EXISTS (
        SELECT 1 FROM deliveries WHERE deliveries.job_id = jobs.id AND deliveries.message_id IS NOT NULL
    ) OR EXISTS (
        SELECT 1 FROM images JOIN postings ON postings.image_id = images.id WHERE images.job_id = jobs.id
    ) OR EXISTS (
        SELECT 1 FROM turns JOIN drawn_turns ON drawn_turns.turn_id = turns.id
        WHERE turns.job_id = jobs.id AND drawn_turns.gone = 0
    )
)
ORDER BY jobs.id LIMIT :limit
"""
# The first turn's message, where it is no interaction's, is the one that we began a thread of our own with.
LIST_PLACES = """
SELECT conversations.place_id, MIN(jobs.message_id) AS message_id FROM conversations
LEFT JOIN turns ON turns.conversation_id = conversations.id AND turns.number = 1
LEFT JOIN jobs ON jobs.id = turns.job_id
WHERE conversations.owner_id = :member_id AND conversations.created_at <= :until
    AND conversations.guild_id IS NOT NULL AND conversations.place_id IS NOT NULL
GROUP BY conversations.place_id ORDER BY conversations.place_id
"""
HIDE_IMAGES = """
UPDATE images SET deleted_at = :now, deleted_by = :member_id WHERE id IN (
    SELECT images.id FROM images JOIN jobs ON jobs.id = images.job_id
    WHERE images.owner_id = :member_id AND jobs.created_at <= :until AND images.deleted_at IS NULL
    LIMIT :limit
)
"""
COUNT_CHARGED = """
SELECT COUNT(*) AS number FROM ledger
WHERE member_id = :member_id AND charged_at >= :caps AND kind = 'reserve'
"""

BEGIN_EXPORT = """
INSERT INTO exports (member_id, at) VALUES (:member_id, :now)
ON CONFLICT (member_id) DO UPDATE SET at = excluded.at WHERE exports.at <= :before
RETURNING at
"""
LATEST_EXPORT = "SELECT at FROM exports WHERE member_id = :member_id"

LEAVE_SERVER = """
INSERT INTO departures (guild_id, at) VALUES (:guild_id, :now) ON CONFLICT (guild_id) DO NOTHING
"""
RETURN_TO_SERVER = "DELETE FROM departures WHERE guild_id = :guild_id"
LIST_LEFT = "SELECT guild_id FROM departures WHERE at < :before ORDER BY guild_id"
LIST_SERVERS = "SELECT guild_id FROM servers"
ADD_SERVER = "INSERT INTO servers (guild_id) VALUES (:guild_id) ON CONFLICT (guild_id) DO NOTHING"
FORGET_SERVER = "DELETE FROM servers WHERE guild_id = :guild_id"

FORGET_ANSWER = "UPDATE deliveries SET message_id = NULL, channel_id = NULL WHERE job_id = :job_id"
KNOWS_MESSAGE = """
SELECT 1 AS known FROM deliveries WHERE message_id = :message_id
UNION ALL SELECT 1 AS known FROM postings WHERE message_id = :message_id
UNION ALL SELECT 1 AS known FROM drawings WHERE message_id = :message_id
LIMIT 1
"""
FORGET_MESSAGE = "UPDATE deliveries SET message_id = NULL, channel_id = NULL WHERE message_id = :message_id"
FORGET_POSTING = "DELETE FROM postings WHERE message_id = :message_id"

_END_OF_TIME = 2**62


class PrivacyRepository:
    """Privacy within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._kinds = {kind.name: kind for kind in KINDS}

    def kinds(self, *, personal: bool = False) -> Sequence[str]:
        """Names of all kinds in the order in which they are erased; `personal`: those that are exported."""
        return [kind.name for kind in KINDS if kind.personal or not personal]

    async def holdings(self, member_id: int, *, now: int) -> Holdings:
        """Return how much there is of a member, and what would have to stay for now."""
        counts = {kind.name: await kind.count(self._connection, member_id) for kind in KINDS if kind.personal}
        params: Params = {"member_id": member_id, "caps": now - CAPS_DAYS * DAY_MS, "now": now}
        staying = {
            Staying.CASES: await self._number(COUNT_OPEN_CASES, params),
            Staying.REPORTS: await self._number(COUNT_OPEN_REPORTS, params),
            Staying.SANCTIONS: await self._number(COUNT_SANCTIONS, params),
            Staying.CAPS: await self._number(COUNT_CHARGED, params),
        }
        return Holdings(counts, staying)

    async def export(self, kind: str, member_id: int, after: str, limit: int) -> Page:
        """Return some of a member's rows."""
        return await self._kinds[kind].export(self._connection, member_id, after, limit)

    async def erase(self, kind: str, erasure: Erasure, *, now: int, limit: int) -> int:
        """Forget some rows of a member; return how many."""
        return await self._kinds[kind].erase(self._connection, _of(erasure, now, limit))

    async def purge(self, kind: str, cutoffs: Mapping[str, int], *, now: int, limit: int) -> int:
        """Forget some rows whose time is over; return how many."""
        return await self._kinds[kind].purge(self._connection, {**cutoffs, "now": now, "limit": limit})

    async def leave(self, kind: str, guild_id: int, *, now: int, limit: int) -> int:
        """Forget some rows of a server; return how many."""
        params: Params = {"guild_id": guild_id, "now": now, "limit": limit}
        return await self._kinds[kind].leave(self._connection, params)

    # --- erasures -----------------------------------------------------------------------------------------

    async def insert_erasure(self, erasure: Erasure) -> None:
        """Write down what somebody wants."""
        params: Params = {
            "id": erasure.id,
            "member_id": erasure.member_id,
            "asked_at": erasure.asked_at,
            "erased_at": erasure.erased_at,
        }
        await self._connection.execute(INSERT_ERASURE, params)

    async def latest_erasure(self, member_id: int) -> Erasure | None:
        """Return the latest wish of a member that is not fulfilled in every point."""
        row = await self._connection.fetch_one(LATEST_ERASURE, {"member_id": member_id})
        return None if row is None else _erasure(row)

    async def erasures(self) -> Sequence[Erasure]:
        """Return the wishes that are not fulfilled in every point, the oldest first."""
        return [_erasure(row) for row in await self._connection.fetch_all(LIST_ERASURES)]

    async def mark_erased(self, erasure: Erasure) -> None:
        """Say that everything which may go at once is gone."""
        await self._connection.execute(MARK_ERASED, {"id": erasure.id, "erased_at": erasure.erased_at})

    async def end_erasure(self, erasure: Erasure) -> None:
        """Forget a wish that is fulfilled, and with it who had it."""
        await self._connection.execute(END_ERASURE, {"id": erasure.id})

    async def unfinished_jobs(self, erasure: Erasure, limit: int) -> Sequence[Job]:
        """Return jobs that an erasure is about and that wait or run."""
        rows = await self._connection.fetch_all(LIST_UNFINISHED, _of(erasure, 0, limit))
        return [job_from(row) for row in rows]

    async def being_delivered(self, erasure: Erasure) -> int:
        """Return how many answers that an erasure is about are being posted just now."""
        return await self._number(COUNT_DELIVERED_NOW, _of(erasure, 0, 0))

    async def posted_jobs(self, erasure: Erasure, after: str, limit: int) -> Sequence[str]:
        """Return ids of jobs that an erasure is about and whose answer stands in Discord."""
        rows = await self._connection.fetch_all(LIST_POSTED, {**_of(erasure, 0, limit), "after": after})
        return [row["id"] for row in rows]

    async def opened_places(self, erasure: Erasure) -> Sequence[tuple[int, int | None]]:
        """Return the threads of a member, and the messages that may be ours and begin them."""
        rows = await self._connection.fetch_all(LIST_PLACES, _of(erasure, 0, 0))
        return [(row["place_id"], row["message_id"]) for row in rows]

    async def hide_images(self, erasure: Erasure, *, now: int, limit: int) -> int:
        """Delete some images that an erasure is about for everybody; return how many."""
        return await self._connection.execute(HIDE_IMAGES, _of(erasure, now, limit))

    # --- exports ------------------------------------------------------------------------------------------

    async def begin_export(self, member_id: int, *, now: int, pause: int) -> int | None:
        """Write down that a member takes what there is; return when they last did where that is too soon."""
        params: Params = {"member_id": member_id, "now": now, "before": now - pause}
        if await self._connection.fetch_one(BEGIN_EXPORT, params) is not None:
            return None
        row = await self._connection.fetch_one(LATEST_EXPORT, {"member_id": member_id})
        return now if row is None else int(row["at"])

    # --- servers ------------------------------------------------------------------------------------------

    async def leave_server(self, guild_id: int, *, now: int) -> None:
        """Write down that the bot was removed from a server, where it is not known."""
        await self._connection.execute(LEAVE_SERVER, {"guild_id": guild_id, "now": now})

    async def enter_server(self, guild_id: int) -> bool:
        """Write down that the bot is in a server; return whether it had been removed from it."""
        await self._connection.execute(ADD_SERVER, {"guild_id": guild_id})
        return await self._connection.execute(RETURN_TO_SERVER, {"guild_id": guild_id}) == 1

    async def forget_server(self, guild_id: int) -> None:
        """Forget that the bot was ever in a server: nothing that belongs to it is left."""
        for sql in (RETURN_TO_SERVER, FORGET_SERVER):
            await self._connection.execute(sql, {"guild_id": guild_id})

    async def left_servers(self, before: int | None = None) -> Sequence[int]:
        """Return servers that the bot was removed from, of these the ones before a moment."""
        params: Params = {"before": _END_OF_TIME if before is None else before}
        return [row["guild_id"] for row in await self._connection.fetch_all(LIST_LEFT, params)]

    async def servers(self) -> Sequence[int]:
        """Return the servers that the bot is in, or was and has not forgotten."""
        return [row["guild_id"] for row in await self._connection.fetch_all(LIST_SERVERS)]

    # --- messages -----------------------------------------------------------------------------------------

    async def forget_answer(self, job_id: str) -> None:
        """Forget where a job's answer stood: it has been taken away."""
        await self._connection.execute(FORGET_ANSWER, {"job_id": job_id})

    async def knows_message(self, message_id: int) -> bool:
        """Return whether a message is one of ours that is remembered."""
        return await self._connection.fetch_one(KNOWS_MESSAGE, {"message_id": message_id}) is not None

    async def forget_message(self, message_id: int) -> None:
        """Forget a message that is not there any more."""
        for sql in (FORGET_MESSAGE, FORGET_POSTING, FORGET_DRAWN_TURNS, FORGET_DRAWING):
            await self._connection.execute(sql, {"message_id": message_id})

    async def _number(self, sql: str, params: Params) -> int:
        row = await self._connection.fetch_one(sql, params)
        return 0 if row is None else int(row["number"])


def _of(erasure: Erasure, now: int, limit: int) -> Params:
    return {
        "member_id": erasure.member_id,
        "pseudonym": erasure.id,
        "until": erasure.asked_at,
        "caps": now - CAPS_DAYS * DAY_MS,
        "now": now,
        "limit": limit,
    }


def _erasure(row: Row) -> Erasure:
    return Erasure(row["id"], row["member_id"], row["asked_at"], row["erased_at"])

"""Jobs whose messages are gone: what leaves them, and what stays for moderators."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.requests import Request
from bot.domain.retractions import Kept
from storage.encoding import from_text, to_text
from storage.engine import Connection, Params
from storage.personal import holds
from storage.personal.requests import FREE_FILE, digests_in

ADD_MESSAGE = """
INSERT INTO job_messages (message_id, job_id, pictures) VALUES (:message_id, :job_id, :pictures)
ON CONFLICT DO NOTHING
"""
COPY_MESSAGES = """
INSERT INTO job_messages (message_id, job_id, pictures)
SELECT message_id, CAST(:target AS TEXT), pictures FROM job_messages WHERE job_id = :source
ON CONFLICT DO NOTHING
"""

ASKED_BY = """
SELECT job_id FROM turns WHERE prompt_id = :message_id
UNION SELECT job_id FROM job_messages WHERE message_id = :message_id AND pictures = 0
"""
BROUGHT_BY = "SELECT job_id FROM job_messages WHERE message_id = :message_id AND pictures = 1 ORDER BY job_id"
ASKED_IN_PLACE = """
SELECT turns.job_id FROM conversations JOIN turns ON turns.conversation_id = conversations.id
WHERE conversations.place_id = :id AND turns.prompt_id IS NOT NULL
ORDER BY turns.created_at, turns.id
"""
ASKED_IN_CHANNEL = """
SELECT turns.job_id FROM conversations JOIN turns ON turns.conversation_id = conversations.id
WHERE conversations.channel_id = :id AND turns.prompt_id IS NOT NULL
ORDER BY turns.created_at, turns.id
"""
# A conversation that began from a picture has that as its first turn, with the job that made it.
OPENED_BY = """
SELECT DISTINCT conversations.place_id, jobs.message_id
FROM turns JOIN conversations ON conversations.id = turns.conversation_id JOIN jobs ON jobs.id = turns.job_id
WHERE turns.job_id = :job_id AND turns.number = 1
    AND conversations.guild_id IS NOT NULL AND conversations.place_id IS NOT NULL
ORDER BY conversations.place_id
"""
LIST_CHANNELS = """
SELECT DISTINCT conversations.guild_id, conversations.channel_id FROM conversations
WHERE conversations.guild_id IS NOT NULL AND (
    conversations.ended_at IS NULL OR EXISTS (
        SELECT 1 FROM turns WHERE turns.conversation_id = conversations.id AND turns.prompt_id IS NOT NULL
    )
)
ORDER BY 1, 2
"""

NOTE = """
INSERT INTO retractions (job_id, at, pictures, due)
SELECT id, CAST(:now AS BIGINT), CAST(:pictures AS BIGINT), 1 FROM jobs
WHERE id = :job_id AND forgotten_at IS NULL
ON CONFLICT (job_id) DO UPDATE SET at = excluded.at, pictures = 0, due = 1
WHERE retractions.pictures = 1 AND excluded.pictures = 0
"""
LIST_DUE = """
SELECT retractions.job_id, retractions.pictures FROM retractions JOIN jobs ON jobs.id = retractions.job_id
WHERE retractions.due = 1 AND (
    jobs.state IN ('succeeded', 'failed') OR (jobs.state = 'created' AND retractions.pictures = 0)
)
ORDER BY retractions.at, retractions.job_id LIMIT :limit
"""

GET_DUE = f"""
SELECT jobs.request, jobs.guild_id, retractions.pictures, retractions.kept, (
    SELECT COUNT(*) FROM images WHERE images.job_id = jobs.id AND {holds.IN_OPEN_CASE}
) AS cases
FROM retractions JOIN jobs ON jobs.id = retractions.job_id
WHERE retractions.job_id = :job_id AND retractions.due = 1
"""
LIST_SAID = "SELECT id, said FROM turns WHERE job_id = :job_id AND said IS NOT NULL"
LIST_TEXTS = "SELECT position, text FROM answers WHERE job_id = :job_id AND text <> '' ORDER BY position"
SET_REQUEST = "UPDATE jobs SET request = :request WHERE id = :job_id"
SET_SAID = "UPDATE turns SET said = :said WHERE id = :id"
TAKE_PICTURES = "DELETE FROM job_messages WHERE job_id = :job_id AND pictures = 1"
TAKE_WORDS = "UPDATE jobs SET request = :request, words = '' WHERE id = :job_id"
# The turn stays in its tree; without words and the model's own content it goes along as a picture.
TAKE_SAID = """
UPDATE turns SET said = CASE WHEN said IS NULL THEN NULL ELSE :nothing END, prompt_id = NULL
WHERE job_id = :job_id
"""
TAKE_ANSWERS = "UPDATE answers SET content = NULL, text = '' WHERE job_id = :job_id"
TAKE_MESSAGES = "DELETE FROM job_messages WHERE job_id = :job_id"
KEEP = "UPDATE retractions SET kept = :kept, due = 0 WHERE job_id = :job_id"
DROP = "DELETE FROM retractions WHERE job_id = :job_id"
GET_KEPT = "SELECT kept FROM retractions WHERE job_id = :job_id AND kept IS NOT NULL"

_NOTHING = to_text({"texts": [], "pictures": []})


class RetractionRepository:
    """Retractions within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add_message(self, job_id: str, message_id: int, *, pictures: bool) -> None:
        """Remember that one more message went into a job: its words, or only its pictures."""
        await self._connection.execute(
            ADD_MESSAGE, {"job_id": job_id, "message_id": message_id, "pictures": pictures}
        )

    async def copy_messages(self, source: str, target: str) -> None:
        """Remember for a job that takes another one's place what went into that."""
        await self._connection.execute(COPY_MESSAGES, {"source": source, "target": target})

    async def asked_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Return the jobs that messages asked for, each once."""
        return await self._of_messages(ASKED_BY, message_ids)

    async def brought_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Return the jobs that only pictures of messages went into, each once."""
        return await self._of_messages(BROUGHT_BY, message_ids)

    async def asked_in_place(self, place_id: int) -> Sequence[str]:
        """Return the jobs that messages of a thread asked for."""
        return await self._jobs(ASKED_IN_PLACE, {"id": place_id})

    async def asked_in_channel(self, channel_id: int) -> Sequence[str]:
        """Return the jobs that messages in the threads of a channel asked for."""
        return await self._jobs(ASKED_IN_CHANNEL, {"id": channel_id})

    async def opened_by(self, job_id: str) -> Sequence[tuple[int, int | None]]:
        """Return the threads of servers that are named after the words of a job, and the messages that may be
        ours and begin them."""
        rows = await self._connection.fetch_all(OPENED_BY, {"job_id": job_id})
        return [(row["place_id"], row["message_id"]) for row in rows]

    async def channels(self) -> Sequence[tuple[int, int]]:
        """Return servers and their channels in which messages asked for something that is still known."""
        rows = await self._connection.fetch_all(LIST_CHANNELS)
        return [(row["guild_id"], row["channel_id"]) for row in rows]

    async def note(self, job_ids: Sequence[str], now: int, *, pictures: bool = False) -> None:
        """Write down that the messages of jobs are gone; the same one twice is one."""
        for job_id in job_ids:
            await self._connection.execute(NOTE, {"job_id": job_id, "now": now, "pictures": pictures})

    async def due(self, limit: int) -> Sequence[tuple[str, bool]]:
        """Return jobs that were noted, are not at work, and still have what was said; the oldest first."""
        rows = await self._connection.fetch_all(LIST_DUE, {"limit": limit})
        return [(row["job_id"], bool(row["pictures"])) for row in rows]

    async def carry_out(self, job_id: str, now: int) -> bool:
        """Take what was noted out of a job; return whether that was still to be done.

        In direct messages there are no moderators who could need them: nothing is kept of them there, unless
        a case is open.
        """
        of_job: Params = {"job_id": job_id}
        row = await self._connection.fetch_one(GET_DUE, of_job)
        if row is None:
            return False
        request = Request.from_json(from_text(row["request"]))
        # What left it before is in what is kept of it.
        before = None if row["kept"] is None else Kept.from_json(from_text(row["kept"]))
        whole = request if before is None else before.request
        if row["pictures"]:
            kept = Kept(whole)
            await self._take_pictures(request, of_job, now)
        else:
            texts = await self._connection.fetch_all(LIST_TEXTS, of_job)
            kept = Kept(whole, {text["position"]: text["text"] for text in texts})
            await self._take_words(request, of_job, now)
        if row["guild_id"] is None and not row["cases"]:
            await self._connection.execute(DROP, of_job)
        else:
            await self._connection.execute(KEEP, {**of_job, "kept": to_text(kept.to_json())})
        return True

    async def kept_of(self, job_id: str) -> Kept | None:
        """Return what a job lost."""
        row = await self._connection.fetch_one(GET_KEPT, {"job_id": job_id})
        return None if row is None else Kept.from_json(from_text(row["kept"]))

    async def _take_words(self, request: Request, of_job: Params, now: int) -> None:
        said = await self._connection.fetch_all(LIST_SAID, of_job)
        await self._free_files([to_text(request.to_json()), *(turn["said"] for turn in said)], now)
        bare = to_text(request.without_words().to_json())
        await self._connection.execute(TAKE_WORDS, {**of_job, "request": bare})
        await self._connection.execute(TAKE_SAID, {**of_job, "nothing": _NOTHING})
        for sql in (TAKE_ANSWERS, TAKE_MESSAGES):
            await self._connection.execute(sql, of_job)

    async def _take_pictures(self, request: Request, of_job: Params, now: int) -> None:
        """Take only the pictures: the words are somebody else's."""
        gone = {item.sha256 for item in request.references}
        await self._free_files(sorted(gone), now)
        bare = to_text(request.without_pictures().to_json())
        await self._connection.execute(SET_REQUEST, {**of_job, "request": bare})
        for turn in await self._connection.fetch_all(LIST_SAID, of_job):
            said = from_text(turn["said"])
            left = [item for item in said["pictures"] if item["sha256"] not in gone]
            text = to_text({**said, "pictures": left})
            await self._connection.execute(SET_SAID, {"id": turn["id"], "said": text})
        await self._connection.execute(TAKE_PICTURES, of_job)

    async def _free_files(self, texts: Sequence[str], now: int) -> None:
        """Let the sweep look at the files that texts name: whoever else needs one keeps it."""
        for digest in digests_in(texts):
            await self._connection.execute(FREE_FILE, {"sha256": digest, "now": now})

    async def _of_messages(self, sql: str, message_ids: Sequence[int]) -> list[str]:
        found: dict[str, None] = {}
        for message_id in message_ids:
            found |= dict.fromkeys(await self._jobs(sql, {"message_id": message_id}))
        return list(found)

    async def _jobs(self, sql: str, params: Params) -> list[str]:
        return [row["job_id"] for row in await self._connection.fetch_all(sql, params)]

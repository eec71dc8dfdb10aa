"""Jobs whose messages are gone: what leaves them, and what stays for moderators."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.requests import Request
from bot.domain.retractions import Kept
from storage.encoding import from_text, to_text
from storage.engine import Connection, Params, Row
from storage.personal import holds
from storage.personal.requests import FREE_FILE, digests_in

ADD_MESSAGE = """
INSERT INTO job_messages (message_id, job_id) VALUES (:message_id, :job_id) ON CONFLICT DO NOTHING
"""
COPY_MESSAGES = """
INSERT INTO job_messages (message_id, job_id)
SELECT message_id, CAST(:target AS TEXT) FROM job_messages WHERE job_id = :source
ON CONFLICT DO NOTHING
"""

ASKED_BY = """
SELECT job_id FROM turns WHERE prompt_id = :message_id
UNION SELECT job_id FROM job_messages WHERE message_id = :message_id
"""
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
INSERT INTO retractions (job_id, at) SELECT id, CAST(:now AS BIGINT) FROM jobs
WHERE id = :job_id AND forgotten_at IS NULL
ON CONFLICT (job_id) DO NOTHING
"""
LIST_DUE = """
SELECT retractions.job_id FROM retractions JOIN jobs ON jobs.id = retractions.job_id
WHERE retractions.kept IS NULL AND jobs.state NOT IN ('running', 'storing')
ORDER BY retractions.at, retractions.job_id LIMIT :limit
"""

GET_DUE = f"""
SELECT jobs.request, jobs.guild_id, (
    SELECT COUNT(*) FROM images WHERE images.job_id = jobs.id AND {holds.IN_OPEN_CASE}
) AS cases
FROM retractions JOIN jobs ON jobs.id = retractions.job_id
WHERE retractions.job_id = :job_id AND retractions.kept IS NULL
"""
LIST_SAID = "SELECT said FROM turns WHERE job_id = :job_id AND said IS NOT NULL"
LIST_TEXTS = "SELECT position, text FROM answers WHERE job_id = :job_id AND text <> '' ORDER BY position"
TAKE_WORDS = "UPDATE jobs SET request = :request, words = '' WHERE id = :job_id"
# The turn stays in its tree; without words and the model's own content it goes along as a picture.
TAKE_SAID = """
UPDATE turns SET said = CASE WHEN said IS NULL THEN NULL ELSE :nothing END, prompt_id = NULL
WHERE job_id = :job_id
"""
TAKE_ANSWERS = "UPDATE answers SET content = NULL, text = '' WHERE job_id = :job_id"
TAKE_MESSAGES = "DELETE FROM job_messages WHERE job_id = :job_id"
KEEP = "UPDATE retractions SET kept = :kept WHERE job_id = :job_id"
DROP = "DELETE FROM retractions WHERE job_id = :job_id"
GET_KEPT = "SELECT kept FROM retractions WHERE job_id = :job_id AND kept IS NOT NULL"

_NOTHING = to_text({"texts": [], "pictures": []})


class RetractionRepository:
    """Retractions within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add_message(self, job_id: str, message_id: int) -> None:
        """Remember that words of one more message went into a job."""
        await self._connection.execute(ADD_MESSAGE, {"job_id": job_id, "message_id": message_id})

    async def copy_messages(self, source: str, target: str) -> None:
        """Remember for a job that takes another one's place what went into that."""
        await self._connection.execute(COPY_MESSAGES, {"source": source, "target": target})

    async def asked_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Return the jobs that messages asked for, each once."""
        found: dict[str, None] = {}
        for message_id in message_ids:
            found |= dict.fromkeys(await self._jobs(ASKED_BY, {"message_id": message_id}))
        return list(found)

    async def asked_in_place(self, place_id: int) -> Sequence[str]:
        """Return the jobs that messages of a thread asked for."""
        return await self._jobs(ASKED_IN_PLACE, {"id": place_id})

    async def asked_in_channel(self, channel_id: int) -> Sequence[str]:
        """Return the jobs that messages in the threads of a channel asked for."""
        return await self._jobs(ASKED_IN_CHANNEL, {"id": channel_id})

    async def channels(self) -> Sequence[tuple[int, int]]:
        """Return servers and their channels in which messages asked for something that is still known."""
        rows = await self._connection.fetch_all(LIST_CHANNELS)
        return [(row["guild_id"], row["channel_id"]) for row in rows]

    async def note(self, job_ids: Sequence[str], now: int) -> None:
        """Write down that the messages of jobs are gone; the same one twice is one."""
        for job_id in job_ids:
            await self._connection.execute(NOTE, {"job_id": job_id, "now": now})

    async def due(self, limit: int) -> Sequence[str]:
        """Return jobs that were noted, are not at work, and still have their words; the oldest first."""
        return await self._jobs(LIST_DUE, {"limit": limit})

    async def carry_out(self, job_id: str, now: int) -> bool:
        """Take the words out of a job that was noted; return whether there were any left.

        In direct messages there are no moderators who could need them: nothing is kept of them there, unless
        a case is open.
        """
        of_job: Params = {"job_id": job_id}
        row = await self._connection.fetch_one(GET_DUE, of_job)
        if row is None:
            return False
        await self._free_files(row, of_job, now)
        request = Request.from_json(from_text(row["request"]))
        texts = await self._connection.fetch_all(LIST_TEXTS, of_job)
        kept = Kept(request, {text["position"]: text["text"] for text in texts})
        bare = to_text(request.without_words().to_json())
        await self._connection.execute(TAKE_WORDS, {**of_job, "request": bare})
        await self._connection.execute(TAKE_SAID, {**of_job, "nothing": _NOTHING})
        for sql in (TAKE_ANSWERS, TAKE_MESSAGES):
            await self._connection.execute(sql, of_job)
        if row["guild_id"] is None and not row["cases"]:
            await self._connection.execute(DROP, of_job)
        else:
            await self._connection.execute(KEEP, {**of_job, "kept": to_text(kept.to_json())})
        return True

    async def kept_of(self, job_id: str) -> Kept | None:
        """Return what a job lost."""
        row = await self._connection.fetch_one(GET_KEPT, {"job_id": job_id})
        return None if row is None else Kept.from_json(from_text(row["kept"]))

    async def _free_files(self, row: Row, of_job: Params, now: int) -> None:
        """Let the sweep look at the pictures that came with the words: whoever else needs one keeps it."""
        said = await self._connection.fetch_all(LIST_SAID, of_job)
        for digest in digests_in([row["request"], *(turn["said"] for turn in said)]):
            await self._connection.execute(FREE_FILE, {"sha256": digest, "now": now})

    async def _jobs(self, sql: str, params: Params) -> list[str]:
        return [row["job_id"] for row in await self._connection.fetch_all(sql, params)]

"""Requests: the prompt, what was sent along, what came back, where it was asked and answered."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storage.encoding import from_text, to_text
from storage.engine import Connection, Row
from storage.personal.holds import BEING_DELIVERED
from storage.personal.kinds import Kind, Params

LISTING = """
SELECT id AS cursor, id, state, request, guild_id, channel_id, locale, created_at, started_at, finished_at,
    failure_code, failure_message, cost_micros
FROM jobs
WHERE member_id = :member_id AND forgotten_at IS NULL AND id > :after
ORDER BY id LIMIT :limit
"""

_COLUMNS = "jobs.id, jobs.request, jobs.member_id, jobs.forgotten_at"

# The last picture of a job decides about the job: who is to be forgotten has none left, and nothing is kept.
FORGET_JOB_OF_IMAGES = f"""
SELECT {_COLUMNS} FROM jobs
WHERE jobs.id = (SELECT job_id FROM images WHERE images.id = :id) AND jobs.forgotten_at IS NULL
    AND jobs.state IN ('succeeded', 'failed') AND NOT EXISTS (
        SELECT 1 FROM images WHERE images.job_id = jobs.id AND images.forgotten_at IS NULL
    )
"""
OF_MEMBER = f"""
SELECT {_COLUMNS} FROM jobs
WHERE jobs.member_id = :member_id AND jobs.created_at <= :until AND jobs.state IN ('succeeded', 'failed')
    AND NOT EXISTS (SELECT 1 FROM images WHERE images.job_id = jobs.id AND images.forgotten_at IS NULL)
    AND NOT ({BEING_DELIVERED})
ORDER BY jobs.created_at LIMIT :limit
"""
WITHOUT_IMAGES = f"""
SELECT {_COLUMNS} FROM jobs
WHERE jobs.forgotten_at IS NULL AND (jobs.state = 'failed' OR jobs.kind = 'describe')
    AND jobs.finished_at < :evidence
ORDER BY jobs.finished_at LIMIT :limit
"""
NAMES_LONG_AGO = """
UPDATE jobs SET member_id = 0 WHERE id IN (
    SELECT id FROM jobs
    WHERE forgotten_at IS NOT NULL AND member_id > 0 AND created_at < :ledger
    ORDER BY created_at LIMIT :limit
)
"""
OF_SERVER = f"""
SELECT {_COLUMNS} FROM jobs
WHERE jobs.guild_id = :guild_id AND jobs.forgotten_at IS NULL AND jobs.state IN ('succeeded', 'failed')
    AND NOT EXISTS (SELECT 1 FROM images WHERE images.job_id = jobs.id AND images.forgotten_at IS NULL)
LIMIT :limit
"""

LIST_ANSWERS = "SELECT pictures, content FROM answers WHERE job_id = :id"
FREE_FILE = "INSERT INTO freed_files (sha256, at) VALUES (:sha256, :now) ON CONFLICT (sha256) DO NOTHING"
FORGET_ANSWERS = """
UPDATE answers SET response_id = '', message = '', text = '', pictures = '[]', safety = '[]', content = NULL
WHERE job_id = :id
"""
FORGET_DELIVERY = """
UPDATE deliveries SET
    state = CASE WHEN state = 'sent' THEN state ELSE 'kept' END, card_message_id = NULL, channel_id = NULL,
    message_id = NULL
WHERE job_id = :id
"""
LIST_SAID = "SELECT said FROM turns WHERE job_id = :id AND said IS NOT NULL"
FORGET_TURN = "UPDATE turns SET said = NULL, prompt_id = NULL WHERE job_id = :id"
FORGET_RETRACTION = (
    "DELETE FROM retractions WHERE job_id = :id",
    "DELETE FROM job_messages WHERE job_id = :id",
)
FORGET_EVENTS = "UPDATE job_events SET note = '' WHERE job_id = :id"
FORGET_JOB = """
UPDATE jobs SET
    request = :request, words = '', token = NULL, message_id = NULL, channel_id = 0, application_id = 0,
    locale = 'en-US',
    origin_key = :origin_key, failure_message = NULL, failure_reference = NULL,
    member_id = CASE WHEN member_id = :member_id THEN :pseudonym ELSE member_id END, forgotten_at = :now
WHERE id = :id
"""
# What a request keeps: how it was to be made, which says nothing about a person.
KEPT = ("kind", "options", "variation", "private", "spoiler", "unit", "credit_micros")

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Requests(Kind):
    """Jobs with their answers and deliveries. The rows stay: the ledger points at them."""

    __slots__ = ()

    async def erase(self, connection: Connection, params: Params) -> int:
        """Forget a member's requests, but those of pictures that have to stay."""
        return await forget_jobs(connection, OF_MEMBER, params)

    async def purge(self, connection: Connection, params: Params) -> int:
        """Forget requests that no picture came of, and with the ledger's names whose a forgotten one was."""
        nobody: Params = {"member_id": 0, "pseudonym": 0, **params}
        done = await forget_jobs(connection, WITHOUT_IMAGES, nobody)
        return done + await connection.execute(NAMES_LONG_AGO, nobody)

    async def leave(self, connection: Connection, params: Params) -> int:
        """Forget the requests of a server."""
        return await forget_jobs(connection, OF_SERVER, {"member_id": 0, "pseudonym": 0, **params})


async def forget_jobs(connection: Connection, which: str, params: Params) -> int:
    """Forget the jobs that a statement selects."""
    rows = await connection.fetch_all(which, params)
    for row in rows:
        await _forget(connection, row, params)
    return len(rows)


async def _forget(connection: Connection, row: Row, params: Params) -> None:
    of_job: Params = {"id": row["id"]}
    texts = [str(row["request"])]
    for answer in await connection.fetch_all(LIST_ANSWERS, of_job):
        texts += [answer["pictures"], answer["content"] or ""]
    texts += [turn["said"] for turn in await connection.fetch_all(LIST_SAID, of_job)]
    for digest in digests_in(texts):
        await connection.execute(FREE_FILE, {"sha256": digest, "now": params["now"]})
    for sql in (FORGET_ANSWERS, FORGET_DELIVERY, FORGET_TURN, FORGET_EVENTS, *FORGET_RETRACTION):
        await connection.execute(sql, of_job)
    await connection.execute(
        FORGET_JOB,
        {
            **of_job,
            "request": without_words(row["request"]),
            "origin_key": f"forgotten:{row['id']}",
            "member_id": params["member_id"],
            "pseudonym": params["pseudonym"],
            "now": params["now"],
        },
    )


def digests_in(texts: Iterable[str]) -> list[str]:
    """Return the files that texts name, each once."""
    return sorted({digest for text in texts for digest in _DIGEST.findall(text)})


def without_words(request: str) -> str:
    """Return a kept request without prompt, references and whatever else somebody wrote."""
    found = from_text(request)
    kept = {name: found[name] for name in KEPT if name in found}
    return to_text({**kept, "prompt": "", "references": []})


REQUESTS = Requests("requests", LISTING)

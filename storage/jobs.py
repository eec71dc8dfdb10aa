"""Jobs and their events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot.domain.jobs import Job, JobState
from bot.errors import StaleState
from storage.admission import CLAIM_JOB, CLAIM_THIS_JOB, GET_PLACE, LIST_WAITING, admitted_at, queued_at
from storage.engine import CLAIMS, Connection, Params, Value
from storage.job_rows import changing, job_from, whole_job

INSERT_JOB = """
INSERT INTO jobs (
    id, state, kind, words, request, origin_key, application_id, member_id, guild_id, channel_id, token,
    token_at, upload_limit, direct, locale, place_locale, created_at, updated_at, started_at, finished_at,
    attempts, lease_owner, lease_until, failure_code, failure_message, failure_reference, cost_micros,
    message_id, conversation, turn, priority, max_running, model, size, images, fallback, cancelled_at
) VALUES (
    :id, :state, :kind, :words, :request, :origin_key, :application_id, :member_id, :guild_id, :channel_id,
    :token, :token_at, :upload_limit, :direct, :locale, :place_locale, :created_at, :updated_at,
    :started_at, :finished_at, :attempts, :lease_owner, :lease_until, :failure_code, :failure_message,
    :failure_reference, :cost_micros, :message_id, :conversation, :turn, :priority, :max_running, :model,
    :size, :images, :fallback, :cancelled_at
)
ON CONFLICT DO NOTHING
"""

# The number of attempts is the fence against a worker that lost its lease: whoever claims the job after it
# counts one more.
UPDATE_JOB = """
UPDATE jobs SET
    state = :state, updated_at = :updated_at, started_at = :started_at, finished_at = :finished_at,
    lease_owner = :lease_owner, lease_until = :lease_until, failure_code = :failure_code,
    failure_message = :failure_message, failure_reference = :failure_reference, cost_micros = :cost_micros,
    model = :model
WHERE id = :id AND state = :expected AND attempts = :attempts
"""

INSERT_EVENT = """
INSERT INTO job_events (job_id, number, at, state, note) VALUES (
    :job_id, (SELECT COALESCE(MAX(number), 0) + 1 FROM job_events WHERE job_id = :job_id), :at, :state, :note
)
"""

GET_JOB = "SELECT * FROM jobs WHERE id = :id"
GET_JOB_BY_ORIGIN = "SELECT * FROM jobs WHERE origin_key = :key"

RENEW_LEASES = """
UPDATE jobs SET lease_until = :until WHERE lease_owner = :owner AND state IN ('running', 'storing')
"""

LIST_ABANDONED = """
SELECT * FROM jobs WHERE state IN ('running', 'storing') AND lease_until <= :now ORDER BY created_at, id
"""

FORGET_TOKENS = "UPDATE jobs SET token = NULL WHERE token IS NOT NULL AND token_at < :before"

COUNT_UNFINISHED = """
SELECT state, COUNT(*) AS jobs FROM jobs WHERE state IN ('created', 'running', 'storing') GROUP BY state
"""

# What is at work is not taken away from its worker: it is only told.
CANCEL_RUNNING = """
UPDATE jobs SET cancelled_at = :now
WHERE id = :id AND state = 'running' AND cancelled_at IS NULL
RETURNING *
"""

LIST_WAITING_SINCE = """
SELECT * FROM jobs WHERE state = 'created' AND created_at < :before ORDER BY created_at, id LIMIT 100
"""

# 0 is every server, and outside of them.
LIST_WAITING_OF = """
SELECT * FROM jobs
WHERE state = 'created' AND member_id = :member_id AND (guild_id = :guild_id OR CAST(:guild_id AS BIGINT) = 0)
ORDER BY created_at, id
"""

LIST_CANCELLED = """
SELECT id FROM jobs WHERE state = 'running' AND lease_owner = :owner AND cancelled_at IS NOT NULL
"""

# The provider's own answers, and whether there was a picture in them.
LIST_LATEST_ANSWERED = """
SELECT
    finished_at,
    CASE WHEN EXISTS (SELECT 1 FROM images WHERE images.job_id = jobs.id) THEN 1 ELSE 0 END AS made
FROM jobs
WHERE member_id = :member_id AND started_at > :since AND finished_at IS NOT NULL AND kind <> 'describe'
    AND (state = 'succeeded' OR failure_code IN ('safety', 'no_image'))
ORDER BY started_at DESC
LIMIT :limit
"""

LIST_LATENCIES = """
SELECT finished_at - started_at AS took FROM jobs
WHERE state = 'succeeded' AND model = :model AND size = :size AND finished_at > :since
ORDER BY finished_at DESC
LIMIT :limit
"""


class JobRepository:
    """Jobs within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, job: Job) -> None:
        """Write a new job and its first event; StaleState where its id or its origin's key exists."""
        if await self._connection.execute(INSERT_JOB, whole_job(job)) == 0:
            raise StaleState(f"the id or the origin of job {job.id} exists already")
        await self._record(job, "")

    async def get(self, job_id: str) -> Job | None:
        row = await self._connection.fetch_one(GET_JOB, {"id": job_id})
        return None if row is None else job_from(row)

    async def by_origin(self, key: str) -> Job | None:
        row = await self._connection.fetch_one(GET_JOB_BY_ORIGIN, {"key": key})
        return None if row is None else job_from(row)

    async def latest_answered(self, member_id: int, *, since: int, limit: int) -> Sequence[tuple[int, bool]]:
        """Return when a member's latest requests that a provider answered ended, and whether with a picture.

        The latest first, by when they were begun; descriptions are none.
        """
        params = {"member_id": member_id, "since": since, "limit": limit}
        rows = await self._connection.fetch_all(LIST_LATEST_ANSWERED, params)
        return [(row["finished_at"], bool(row["made"])) for row in rows]

    async def save(self, job: Job, expected: JobState, note: str = "") -> None:
        """Write what changes about a job, where it is in `expected` and was not claimed since it was read.

        Raises StaleState otherwise. Request, origin, priority and attempts are not written: the first
        three never change, and only `claim` counts attempts.
        """
        params = {**changing(job), "expected": expected}
        if await self._connection.execute(UPDATE_JOB, params) == 0:
            raise StaleState(f"job {job.id} is not {expected} any more")
        if job.state is not expected or note:
            await self._record(job, note)

    async def claim(
        self,
        owner: str,
        *,
        now: int,
        lease_until: int,
        max_running: int,
        max_per_member: int,
        only: str | None = None,
    ) -> Job | None:
        """Take the job that may run next; None where nothing waits or the bounds are reached.

        With the id of a job that this transaction has written: that one, or None where another goes first or
        somebody else claims at this moment. On PostgreSQL nothing is waited for then, neither the claims'
        lock nor the row of another job, so that a transaction may do it that holds other locks: who has those
        two may be waiting for these.
        """
        params: dict[str, Value] = {
            "owner": owner,
            "lease_until": lease_until,
            "max_running": max_running,
            "max_per_member": max_per_member,
            **admitted_at(now),
        }
        if only is None:
            await self._connection.lock(CLAIMS)
            row = await self._connection.fetch_one(CLAIM_JOB, params)
        elif await self._connection.try_lock(CLAIMS):
            row = await self._connection.fetch_one(CLAIM_THIS_JOB, {**params, "id": only})
        else:
            row = None
        if row is None:
            return None
        job = job_from(row)
        await self._record(job, f"attempt {job.attempts}")
        return job

    async def renew_leases(self, owner: str, *, until: int) -> None:
        await self._connection.execute(RENEW_LEASES, {"owner": owner, "until": until})

    async def abandoned(self, now: int) -> Sequence[Job]:
        """Jobs at work whose lease has ended, the oldest first."""
        return [job_from(row) for row in await self._connection.fetch_all(LIST_ABANDONED, {"now": now})]

    async def ahead_of(self, job_id: str, now: int) -> int:
        """How many waiting jobs will probably begin before this one; 0 where it does not wait."""
        row = await self._connection.fetch_one(GET_PLACE, {"id": job_id, **queued_at(now)})
        return 0 if row is None else int(row["place"]) - 1

    async def waiting(self, limit: int, now: int) -> Sequence[Job]:
        """CREATED jobs in the order in which they will probably begin."""
        params = {"limit": limit, **queued_at(now)}
        return [job_from(row) for row in await self._connection.fetch_all(LIST_WAITING, params)]

    async def waiting_since(self, before: int) -> Sequence[Job]:
        """CREATED jobs that are older than a time, the oldest first, some at once."""
        return [
            job_from(row) for row in await self._connection.fetch_all(LIST_WAITING_SINCE, {"before": before})
        ]

    async def waiting_of(self, member_id: int, guild_id: int) -> Sequence[Job]:
        """CREATED jobs of a member in a server, or (0) everywhere, the oldest first."""
        params: dict[str, Value] = {"member_id": member_id, "guild_id": guild_id}
        return [job_from(row) for row in await self._connection.fetch_all(LIST_WAITING_OF, params)]

    async def cancel_running(self, job_id: str, now: int) -> Job | None:
        """Note that nobody wants more of a job that is at work; None where it is not, or was noted before."""
        row = await self._connection.fetch_one(CANCEL_RUNNING, {"id": job_id, "now": now})
        return None if row is None else job_from(row)

    async def cancelled_of(self, owner: str) -> Sequence[str]:
        """Ids of the jobs that an owner works on and that somebody cancelled."""
        return [row["id"] for row in await self._connection.fetch_all(LIST_CANCELLED, {"owner": owner})]

    async def latencies(self, model: str, size: str, *, since: int, limit: int) -> Sequence[int]:
        """How many milliseconds the latest successes of a model took; size "" is the model's own."""
        params: Params = {"model": model, "size": size, "since": since, "limit": limit}
        return [int(row["took"]) for row in await self._connection.fetch_all(LIST_LATENCIES, params)]

    async def forget_tokens(self, before: int) -> None:
        """Remove interaction tokens that were issued before a time: they opened a door that is shut now."""
        await self._connection.execute(FORGET_TOKENS, {"before": before})

    async def unfinished(self) -> Mapping[JobState, int]:
        """How many jobs there are in each state that is not the end; 0 for any other."""
        rows = await self._connection.fetch_all(COUNT_UNFINISHED)
        return Counter({JobState(row["state"]): int(row["jobs"]) for row in rows})

    async def _record(self, job: Job, note: str) -> None:
        await self._connection.execute(
            INSERT_EVENT, {"job_id": job.id, "at": job.updated_at, "state": job.state, "note": note}
        )

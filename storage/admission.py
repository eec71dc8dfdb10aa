"""Admission: who may run next, and in which order the others will (the rule in words: `bot.domain.queue`).

It is one statement, so that two workers never take the same job and no bound is passed between a look and a
claim.
"""

from __future__ import annotations

from bot.domain.queue import AGEING, LATELY, MINUTE
from storage.engine import Value

# What admission knows about a member who waits: how much was begun for them lately, each picture weighing
# less the longer ago that was, and when something of theirs was worked on last (`bot.domain.queue`).
#
# Almost all jobs have ended. Where SQLite has statistics (somebody ran ANALYZE) it takes a state for what
# every row has, and would rather read the table than the index of states: an expression in place of a
# column (`+ 0`), MATERIALIZED and CROSS JOIN leave it no such choice.
_LATELY = """
    asking AS MATERIALIZED (SELECT DISTINCT member_id + 0 AS member_id FROM jobs WHERE state = 'created'),
    lately AS MATERIALIZED (
        SELECT
            asking.member_id,
            COALESCE((
                SELECT SUM(recent.images * (recent.started_at - :since))
                FROM jobs AS recent
                WHERE recent.member_id = asking.member_id AND recent.started_at > :since
            ), 0) AS had,
            COALESCE((
                SELECT MAX(COALESCE(recent.finished_at, :now))
                FROM jobs AS recent
                WHERE recent.member_id = asking.member_id AND recent.started_at > :since
            ), 0) AS served_at
        FROM asking
    )
"""

# What is at work.
_AT_WORK = """
    at_work AS MATERIALIZED (
        SELECT member_id, model FROM jobs
        WHERE id IN (SELECT id FROM jobs WHERE state IN ('running', 'storing'))
    ),
    busy AS MATERIALIZED (SELECT member_id, COUNT(*) AS running FROM at_work GROUP BY member_id)
"""

# The steps of priority that a waiting job has by now.
_PRIORITY = """
    waiting.priority + (
        CAST(:now AS BIGINT) - CASE WHEN waiting.created_at > lately.served_at
            THEN waiting.created_at ELSE lately.served_at END
    ) / :ageing
"""

# Admission: who may run next by all bounds (of everybody, of the member, of the model: paused, slowed down or
# in doubt, unless another may take its place), and among those who goes first (`bot.domain.queue`). A turn of
# a conversation waits for those before it.
_CLAIM = f"""
UPDATE jobs SET
    state = 'running', attempts = attempts + 1, lease_owner = :owner, lease_until = :lease_until,
    started_at = COALESCE(started_at, :now), updated_at = :now
WHERE state = 'created' AND id = (
    WITH {_LATELY}, {_AT_WORK}
    SELECT waiting.id
    FROM lately
    CROSS JOIN jobs AS waiting
    LEFT JOIN busy ON busy.member_id = waiting.member_id
    LEFT JOIN lanes AS lane ON lane.model = waiting.model
    LEFT JOIN lanes AS other ON other.model = waiting.fallback
    WHERE waiting.state = 'created'
        AND lately.member_id = waiting.member_id
        AND (SELECT COUNT(*) FROM at_work) < :max_running
        AND COALESCE(busy.running, 0) < :max_per_member
        AND (waiting.max_running IS NULL OR COALESCE(busy.running, 0) < waiting.max_running)
        AND (
            (
                COALESCE(lane.paused_until, 0) <= :now
                AND (lane.at_once IS NULL OR lane.at_once > (
                    SELECT COUNT(*) FROM at_work WHERE at_work.model = waiting.model
                ))
                AND (lane.per_minute IS NULL OR lane.per_minute > (
                    SELECT COALESCE(SUM(begun.images), 0) FROM jobs AS begun
                    WHERE begun.model = waiting.model AND begun.started_at > :minute_ago
                ))
            )
            OR (
                lane.at_once IS NOT NULL AND waiting.fallback IS NOT NULL
                AND other.at_once IS NULL AND COALESCE(other.paused_until, 0) <= :now
            )
        )
        AND NOT EXISTS (
            SELECT 1 FROM jobs AS earlier
            WHERE earlier.conversation = waiting.conversation AND earlier.turn < waiting.turn
                AND earlier.conversation IS NOT NULL AND earlier.state IN ('created', 'running', 'storing')
        )
    ORDER BY {_PRIORITY} DESC, lately.had, waiting.created_at, waiting.id
    LIMIT 1
)
"""
CLAIM_JOB = f"{_CLAIM} RETURNING *"

# The same for one job alone: where another goes first, nothing is claimed.
CLAIM_THIS_JOB = f"{_CLAIM} AND id = :id RETURNING *"

# Everybody who waits, in the order in which admission will take them as far as that can be said now: what of
# a member goes before a job counts as had. Only a member's first has aged, because the others begin after it.
_QUEUE = f"""
    WITH {_LATELY}
    SELECT
        waiting.*,
        ROW_NUMBER() OVER mine AS nth,
        {_PRIORITY} AS aged,
        lately.had + :lately * COALESCE(SUM(waiting.images) OVER (
            mine ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS will_have_had
    FROM lately
    CROSS JOIN jobs AS waiting
    WHERE waiting.state = 'created' AND waiting.member_id = lately.member_id
    WINDOW mine AS (
        PARTITION BY waiting.member_id ORDER BY waiting.priority DESC, waiting.created_at, waiting.id
    )
"""
_ORDER = "CASE WHEN nth = 1 THEN aged ELSE priority END DESC, will_have_had, created_at, id"

LIST_WAITING = f"SELECT * FROM ({_QUEUE}) AS queue ORDER BY {_ORDER} LIMIT :limit"

GET_PLACE = f"""
SELECT place FROM (
    SELECT id, ROW_NUMBER() OVER (ORDER BY {_ORDER}) AS place FROM ({_QUEUE}) AS queue
) AS places
WHERE id = :id
"""


def admitted_at(now: int) -> dict[str, Value]:
    """Return what CLAIM_JOB and CLAIM_THIS_JOB have to know about time."""
    return {"now": now, "since": now - LATELY, "ageing": AGEING, "minute_ago": now - MINUTE}


def queued_at(now: int) -> dict[str, Value]:
    """Return what LIST_WAITING and GET_PLACE have to know about time."""
    return {"now": now, "since": now - LATELY, "lately": LATELY, "ageing": AGEING}

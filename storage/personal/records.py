"""What was used and what happened: it is added up, so that rows stay and only the person goes."""

from __future__ import annotations

from storage.engine import Connection
from storage.personal.kinds import Kind, Params

QUARTER_MS = 900_000  # what the ledger is summed up by (storage.ledger)

LISTING = """
SELECT job_id || ' ' || kind AS cursor, job_id, kind, guild_id, charged_at, at, reserved_images,
    reserved_micros, settled_images, settled_micros
FROM ledger
WHERE member_id = :member_id AND job_id || ' ' || kind > :after
ORDER BY 1 LIMIT :limit
"""

# Entries and their sums change together, so whole quarters of an hour are taken.
QUARTERS_OF_MEMBER = f"""
SELECT DISTINCT member_id, charged_at - charged_at % {QUARTER_MS} AS quarter FROM ledger
WHERE member_id = :member_id AND charged_at - charged_at % {QUARTER_MS} <= :until
    AND charged_at - charged_at % {QUARTER_MS} + {QUARTER_MS} <= :caps
ORDER BY 2 LIMIT :limit
"""
QUARTERS_LONG_AGO = f"""
SELECT DISTINCT member_id, charged_at - charged_at % {QUARTER_MS} AS quarter FROM ledger
WHERE member_id > 0 AND charged_at < :ledger
    AND charged_at - charged_at % {QUARTER_MS} + {QUARTER_MS} <= :ledger
ORDER BY 2 LIMIT :limit
"""
RENAME_ENTRIES = f"""
UPDATE ledger SET member_id = :pseudonym
WHERE member_id = :member_id AND charged_at >= :quarter AND charged_at < :quarter + {QUARTER_MS}
"""
COPY_SUM = """
INSERT INTO ledger_sums (account, account_id, quarter, images, micros)
SELECT 'member', CAST(:pseudonym AS BIGINT), quarter, images, micros FROM ledger_sums
WHERE account = 'member' AND account_id = :member_id AND quarter = :quarter
ON CONFLICT (account, account_id, quarter) DO UPDATE SET
    images = ledger_sums.images + excluded.images, micros = ledger_sums.micros + excluded.micros
"""
REMOVE_SUM = """
DELETE FROM ledger_sums WHERE account = 'member' AND account_id = :member_id AND quarter = :quarter
"""


class Ledger(Kind):
    """The ledger's entries and their sums, which stay; the member becomes a number.

    What still counts against a cap is kept by name until the cap's period is over: erasing must not be a way
    to more pictures.
    """

    __slots__ = ()

    async def erase(self, connection: Connection, params: Params) -> int:
        """Take a member's name out."""
        return await _rename(connection, QUARTERS_OF_MEMBER, params, params["pseudonym"])

    async def purge(self, connection: Connection, params: Params) -> int:
        """Take everybody's name out of what is too old."""
        return await _rename(connection, QUARTERS_LONG_AGO, params, 0)

    async def leave(self, connection: Connection, params: Params) -> int:
        """Entries of a server stay: what everybody uses together is added up from them."""
        return 0


async def _rename(connection: Connection, which: str, params: Params, pseudonym: int | str | None) -> int:
    rows = await connection.fetch_all(which, params)
    for row in rows:
        quarter: Params = {
            "member_id": row["member_id"],
            "quarter": row["quarter"],
            "pseudonym": pseudonym,
        }
        for sql in (RENAME_ENTRIES, COPY_SUM, REMOVE_SUM):
            await connection.execute(sql, quarter)
    return len(rows)


GRANTS = Kind(
    "grants",
    listing="""
    SELECT * FROM (
        SELECT grant_id || ' ' || kind || ' ' || COALESCE(job_id, '') AS cursor, grant_id, kind, guild_id,
            images, at, charged_at, expires_at, job_id, reason
        FROM grants WHERE member_id = :member_id
        UNION ALL SELECT 'reset ' || CAST(guild_id AS TEXT) || ' ' || CAST(at AS TEXT) AS cursor,
            '' AS grant_id, 'reset' AS kind, guild_id, 0 AS images, at, at AS charged_at, NULL AS expires_at,
            NULL AS job_id, reason
        FROM resets WHERE member_id = :member_id
    ) AS granted
    WHERE cursor > :after
    ORDER BY 1 LIMIT :limit
    """,
    # A grant goes as a whole, once none of it counts any more: what is left of one is the sum of its entries.
    erasing=(
        """
        UPDATE grants SET member_id = :pseudonym, reason = '' WHERE member_id = :member_id AND grant_id IN (
            SELECT grant_id FROM grants WHERE member_id = :member_id
            GROUP BY grant_id HAVING MAX(charged_at) < :caps AND MIN(at) <= :until LIMIT :limit
        )
        """,
        "UPDATE grants SET actor_id = :pseudonym WHERE actor_id = :member_id AND at <= :until",
        """
        UPDATE resets SET member_id = :pseudonym, reason = ''
        WHERE member_id = :member_id AND at <= :until AND at < :caps
        """,
        "UPDATE resets SET actor_id = :pseudonym WHERE actor_id = :member_id AND at <= :until",
    ),
    # It goes with the ledger that it belongs to, but not what somebody may still use.
    purging=(
        """
        UPDATE grants SET
            member_id = -1, actor_id = CASE WHEN actor_id IS NULL THEN NULL ELSE -1 END, reason = ''
        WHERE grant_id IN (
            SELECT grant_id FROM grants WHERE member_id > 0 GROUP BY grant_id
            HAVING MAX(charged_at) < :ledger AND (SUM(images) = 0 OR MAX(expires_at) < :ledger) LIMIT :limit
        )
        """,
        """
        UPDATE resets SET member_id = -1, actor_id = -1, reason = ''
        WHERE member_id > 0 AND at < :ledger AND NOT EXISTS (
            SELECT 1 FROM resets AS others
            WHERE others.guild_id = resets.guild_id AND others.at = resets.at AND others.member_id = -1
        )
        """,
    ),
)

TIERS = Kind(
    "tiers",
    listing="""
    SELECT CAST(guild_id AS TEXT) || ' ' || tier AS cursor, guild_id, tier, given_at, until FROM memberships
    WHERE member_id = :member_id AND CAST(guild_id AS TEXT) || ' ' || tier > :after
    ORDER BY 1 LIMIT :limit
    """,
    erasing=(
        "DELETE FROM memberships WHERE member_id = :member_id AND given_at <= :until",
        "UPDATE memberships SET given_by = :pseudonym WHERE given_by = :member_id AND given_at <= :until",
    ),
    purging=("DELETE FROM memberships WHERE until < :ledger",),
    leaving=("DELETE FROM memberships WHERE guild_id = :guild_id",),
)

EVENTS = Kind(
    "events",
    purging=(
        """
        DELETE FROM job_events WHERE (job_id, number) IN (
            SELECT job_events.job_id, job_events.number FROM job_events
            JOIN jobs ON jobs.id = job_events.job_id
            WHERE job_events.at < :events AND jobs.state IN ('succeeded', 'failed')
            ORDER BY job_events.at LIMIT :limit
        )
        """,
    ),
)


LEDGER = Ledger("ledger", LISTING)

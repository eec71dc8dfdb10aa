"""What was used and what happened: it is added up, so that rows stay and only the person goes."""

from __future__ import annotations

from storage.personal.kinds import Table

LEDGER = Table(
    "ledger",
    listing="""
    SELECT job_id || ' ' || kind AS cursor, job_id, kind, guild_id, charged_at, at, reserved_images,
        reserved_micros, settled_images, settled_micros
    FROM ledger
    WHERE member_id = :member_id AND job_id || ' ' || kind > :after
    ORDER BY 1 LIMIT :limit
    """,
    # What still counts against a cap is kept by name until the cap's period is over: erasing must not be a
    # way to more pictures.
    erasing=(
        """
        UPDATE ledger SET member_id = :pseudonym
        WHERE member_id = :member_id AND charged_at <= :until AND charged_at < :caps AND job_id IN (
            SELECT job_id FROM ledger
            WHERE member_id = :member_id AND charged_at <= :until AND charged_at < :caps LIMIT :limit
        )
        """,
    ),
    purging=(
        """
        UPDATE ledger SET member_id = 0 WHERE member_id > 0 AND charged_at < :ledger AND job_id IN (
            SELECT job_id FROM ledger
            WHERE member_id > 0 AND charged_at < :ledger ORDER BY charged_at LIMIT :limit
        )
        """,
    ),
)

EVENTS = Table(
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

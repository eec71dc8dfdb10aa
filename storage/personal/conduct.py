"""What is known about how somebody behaves: refused attempts, reports, cases, strikes and bans."""

from __future__ import annotations

from storage.personal.holds import BAN_HOLDS, IN_KEPT_CASE, STRIKE_COUNTS
from storage.personal.kinds import Kind, names_member

_OF_SERVER = "SELECT id FROM cases WHERE guild_id = :guild_id"

# What was tried goes at once; that something was tried counts against repeating it until the caps' time is
# over. The entries of the word lists that were found are nobody's to know.
ATTEMPTS = Kind(
    "attempts",
    listing="""
    SELECT id AS cursor, id, guild_id, channel_id, at, rule, what, text, kept_until FROM attempts
    WHERE member_id = :member_id AND id > :after
    ORDER BY id LIMIT :limit
    """,
    erasing=(
        """
        UPDATE attempts SET text = '""', entries = '[]', channel_id = 0 WHERE id IN (
            SELECT id FROM attempts
            WHERE member_id = :member_id AND at <= :until AND text <> '""' LIMIT :limit
        )
        """,
        """
        DELETE FROM attempts WHERE id IN (
            SELECT id FROM attempts
            WHERE member_id = :member_id AND at <= :until AND at < :caps LIMIT :limit
        )
        """,
    ),
    purging=(
        """
        DELETE FROM attempts WHERE id IN (
            SELECT id FROM attempts WHERE kept_until <= :now ORDER BY kept_until LIMIT :limit
        )
        """,
    ),
    leaving=("DELETE FROM attempts WHERE guild_id = :guild_id",),
)

# What messages said that were deleted. It goes with its job at the latest, whoever forgets that.
RETRACTIONS = Kind(
    "retractions",
    purging=(
        f"""
        DELETE FROM retractions WHERE job_id IN (
            SELECT retractions.job_id FROM retractions
            WHERE retractions.due = 0 AND retractions.at < :evidence AND NOT EXISTS (
                SELECT 1 FROM images WHERE images.job_id = retractions.job_id AND {IN_KEPT_CASE}
            )
            ORDER BY retractions.at LIMIT :limit
        )
        """,
    ),
)

REPORTS = Kind(
    "reports",
    listing="""
    SELECT case_id AS cursor, cases.guild_id, cases.number, reports.reason, reports.text, reports.at,
        reports.wants_outcome
    FROM reports JOIN cases ON cases.id = reports.case_id
    WHERE reports.reporter_id = :member_id AND reports.case_id > :after
    ORDER BY 1 LIMIT :limit
    """,
    # What an open case needs stays until it is decided.
    erasing=(
        """
        UPDATE reports SET reporter_id = :pseudonym, text = '', wants_outcome = 0
        WHERE reporter_id = :member_id AND at <= :until
            AND case_id IN (SELECT id FROM cases WHERE state <> 'open')
        """,
    ),
    purging=(
        """
        DELETE FROM reports WHERE case_id IN (
            SELECT cases.id FROM cases
            WHERE cases.state <> 'open' AND cases.updated_at < :cases
                AND EXISTS (SELECT 1 FROM reports AS others WHERE others.case_id = cases.id)
            LIMIT :limit
        )
        """,
    ),
    leaving=(f"DELETE FROM reports WHERE case_id IN ({_OF_SERVER})",),
)

SANCTIONS = Kind(
    "sanctions",
    listing="""
    SELECT id AS cursor, 'strike' AS kind, guild_id, at, reason, expires_at AS ends_at,
        pardoned_at AS lifted_at, '' AS appeal
    FROM strikes WHERE member_id = :member_id AND id > :after
    UNION ALL SELECT id AS cursor, 'ban' AS kind, guild_id, at, reason, ends_at, lifted_at,
        COALESCE(appeal, '') AS appeal
    FROM bans WHERE member_id = :member_id AND id > :after
    ORDER BY 1 LIMIT :limit
    """,
    # What still holds stays: erasing must not be a way out of it.
    erasing=(
        f"""
        UPDATE strikes SET member_id = :pseudonym, reason = ''
        WHERE member_id = :member_id AND at <= :until AND NOT ({STRIKE_COUNTS})
        """,
        f"""
        UPDATE bans SET
            member_id = :pseudonym, reason = '', appeal = CASE WHEN appeal IS NULL THEN NULL ELSE '' END
        WHERE member_id = :member_id AND at <= :until AND NOT ({BAN_HOLDS})
        """,
        f"""
        DELETE FROM member_notes WHERE member_id = :member_id AND at <= :until
            AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.member_id = :member_id AND {BAN_HOLDS})
            AND NOT EXISTS (SELECT 1 FROM strikes WHERE strikes.member_id = :member_id AND {STRIKE_COUNTS})
        """,
        "UPDATE strikes SET given_by = :pseudonym WHERE given_by = :member_id AND at <= :until",
        """
        UPDATE strikes SET pardoned_by = :pseudonym
        WHERE pardoned_by = :member_id AND pardoned_at <= :until
        """,
        "UPDATE bans SET given_by = :pseudonym WHERE given_by = :member_id AND at <= :until",
        "UPDATE bans SET lifted_by = :pseudonym WHERE lifted_by = :member_id AND lifted_at <= :until",
        "UPDATE bans SET answered_by = :pseudonym WHERE answered_by = :member_id AND answered_at <= :until",
        "UPDATE member_notes SET written_by = :pseudonym WHERE written_by = :member_id AND at <= :until",
    ),
    purging=(
        f"DELETE FROM strikes WHERE at < :audit AND NOT ({STRIKE_COUNTS})",
        f"DELETE FROM bans WHERE at < :audit AND NOT ({BAN_HOLDS})",
        "DELETE FROM member_notes WHERE at < :audit",
    ),
    leaving=(
        "DELETE FROM strikes WHERE guild_id = :guild_id",
        "DELETE FROM bans WHERE guild_id = :guild_id",
        "DELETE FROM member_notes WHERE guild_id = :guild_id",
    ),
)

# A case that was decided says what was decided about a picture, and not any more about whose.
CASES = Kind(
    "cases",
    # What became of a picture that others reported; who they were and who decided is not for its maker.
    listing="""
    SELECT id AS cursor, guild_id, number, image_id, reason, state, opened_at, decision, decided_at FROM cases
    WHERE member_id = :member_id AND id > :after
    ORDER BY id LIMIT :limit
    """,
    erasing=(
        """
        UPDATE cases SET member_id = :pseudonym
        WHERE member_id = :member_id AND opened_at <= :until AND state <> 'open'
        """,
        # An open case that nobody works on any more is free for others.
        """
        UPDATE cases SET claimed_by = NULL, claimed_at = NULL
        WHERE claimed_by = :member_id AND claimed_at <= :until AND state = 'open'
        """,
        """
        UPDATE cases SET claimed_by = :pseudonym
        WHERE claimed_by = :member_id AND claimed_at <= :until AND state <> 'open'
        """,
        "UPDATE cases SET decided_by = :pseudonym WHERE decided_by = :member_id AND decided_at <= :until",
    ),
    # After its time a case is a number and what was decided.
    purging=(
        """
        UPDATE cases SET
            member_id = 0, claimed_by = CASE WHEN claimed_by IS NULL THEN NULL ELSE 0 END, decided_by = 0
        WHERE id IN (
            SELECT id FROM cases
            WHERE state <> 'open' AND updated_at < :cases
                AND (member_id <> 0 OR decided_by <> 0 OR COALESCE(claimed_by, 0) <> 0)
            LIMIT :limit
        )
        """,
    ),
    leaving=(f"DELETE FROM cases WHERE id IN ({_OF_SERVER})",),
)

# What somebody was to be told and Discord did not take. It is not kept any more; earlier versions did.
NOTICES = Kind(
    "notices",
    erasing=(f"DELETE FROM notices WHERE due_at IS NULL AND {names_member('data', 'member_id')}",),
    purging=("DELETE FROM notices WHERE due_at IS NULL AND kind IN ('member', 'outcome')",),
)

"""What is known about how somebody behaves: refused attempts."""

from __future__ import annotations

from storage.personal.kinds import Table

# What was tried goes at once; that something was tried counts against repeating it until the caps' time is
# over. The entries of the word lists that were found are nobody's to know.
ATTEMPTS = Table(
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

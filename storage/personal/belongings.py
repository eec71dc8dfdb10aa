"""What members and servers keep beside pictures, and the record of what was changed."""

from __future__ import annotations

from storage.personal.kinds import Kind, names_member

_OF_CHARACTERS = "SELECT id FROM characters WHERE owner_id = :member_id AND created_at <= :until"

CHARACTERS = Kind(
    "characters",
    listing="""
    SELECT characters.id || ' ' || character_pictures.position AS cursor, characters.id, characters.name,
        characters.guild_id, characters.consent, characters.created_at, character_pictures.position,
        character_pictures.sha256, character_pictures.mime, character_pictures.size,
        character_pictures.image_id
    FROM characters JOIN character_pictures ON character_pictures.character_id = characters.id
    WHERE characters.owner_id = :member_id AND characters.id || ' ' || character_pictures.position > :after
    ORDER BY 1 LIMIT :limit
    """,
    erasing=(
        f"""
        INSERT INTO freed_files (sha256, at) SELECT DISTINCT sha256, CAST(:now AS BIGINT)
        FROM character_pictures WHERE character_id IN ({_OF_CHARACTERS}) ON CONFLICT (sha256) DO NOTHING
        """,
        f"DELETE FROM character_pictures WHERE character_id IN ({_OF_CHARACTERS})",
        "DELETE FROM characters WHERE owner_id = :member_id AND created_at <= :until",
    ),
    # They belong to their owners: a server that is left only loses sight of them.
    leaving=("UPDATE characters SET guild_id = NULL WHERE guild_id = :guild_id",),
)

PRESETS = Kind(
    "presets",
    listing="""
    SELECT guild_id || ' ' || name_key AS cursor, guild_id, name, data, created_at, updated_at FROM presets
    WHERE created_by = :member_id AND guild_id || ' ' || name_key > :after
    ORDER BY 1 LIMIT :limit
    """,
    erasing=(
        "DELETE FROM presets WHERE created_by = :member_id AND created_at <= :until",
        "UPDATE presets SET updated_by = :pseudonym WHERE updated_by = :member_id AND updated_at <= :until",
    ),
    leaving=("DELETE FROM presets WHERE guild_id = :guild_id",),
)

SETTINGS = Kind(
    "settings",
    listing="""
    SELECT 'settings' AS cursor, data, updated_at FROM member_settings
    WHERE member_id = :member_id AND CAST(:after AS TEXT) = '' LIMIT :limit
    """,
    erasing=(
        "DELETE FROM member_settings WHERE member_id = :member_id AND updated_at <= :until",
        "DELETE FROM exports WHERE member_id = :member_id AND at <= :caps",
    ),
)

# What servers have set is theirs; who set it last becomes nobody.
SERVERS = Kind(
    "servers",
    erasing=(
        *(
            f"""
            UPDATE {table} SET updated_by = :pseudonym
            WHERE updated_by = :member_id AND updated_at <= :until
            """
            for table in ("server_settings", "word_lists", "server_limits")
        ),
        "UPDATE blocked_pictures SET blocked_by = :pseudonym WHERE blocked_by = :member_id AND at <= :until",
        f"""
        DELETE FROM spending_notes
        WHERE kind = 'unusual' AND at <= :until AND {names_member("data", "member_id")}
        """,
    ),
    # A note is kept so that it is sent once in its period, which is over long before.
    purging=("DELETE FROM spending_notes WHERE at < :ledger",),
    leaving=(
        "DELETE FROM server_settings WHERE guild_id = :guild_id",
        "DELETE FROM server_limits WHERE guild_id = :guild_id",
        "DELETE FROM spending_notes WHERE guild_id = :guild_id",
        "DELETE FROM word_lists WHERE guild_id = :guild_id",
        "DELETE FROM blocked_pictures WHERE guild_id = :guild_id",
    ),
)

# Who did what becomes nobody; that something was done at that time stays. Names of characters are words of
# their owners; a claim names whose it was before, and what was cancelled whose it was.
AUDIT = Kind(
    "audit",
    listing="""
    SELECT id AS cursor, id, guild_id, at, action, target, data FROM audit
    WHERE actor_id = :member_id AND id > :after
    ORDER BY id LIMIT :limit
    """,
    erasing=(
        """
        UPDATE audit SET salt = NULL, actor_id = :pseudonym, target = '', data = '{}' WHERE id IN (
            SELECT id FROM audit
            WHERE actor_id = :member_id AND at <= :until
                AND action IN ('character.shared', 'character.unshared') LIMIT :limit
        )
        """,
        f"""
        UPDATE audit SET salt = NULL, data = '{{}}' WHERE id IN (
            SELECT id FROM audit
            WHERE action IN ('case.claimed', 'job.cancelled') AND at <= :until
                AND ({names_member("data", "before")} OR {names_member("data", "member_id")})
            LIMIT :limit
        )
        """,
        """
        UPDATE audit SET salt = NULL, actor_id = :pseudonym WHERE id IN (
            SELECT id FROM audit WHERE actor_id = :member_id AND at <= :until LIMIT :limit
        )
        """,
        """
        UPDATE audit SET salt = NULL, target = '', data = '{}' WHERE id IN (
            SELECT id FROM audit
            WHERE target = CAST(CAST(:member_id AS BIGINT) AS TEXT) AND at <= :until LIMIT :limit
        )
        """,
    ),
    purging=(
        """
        UPDATE audit SET salt = NULL, actor_id = 0, target = '', data = '{}' WHERE id IN (
            SELECT id FROM audit WHERE actor_id > 0 AND at < :audit ORDER BY at LIMIT :limit
        )
        """,
    ),
    leaving=(
        """
        UPDATE audit SET salt = NULL, actor_id = 0, target = '', data = '{}' WHERE id IN (
            SELECT id FROM audit
            WHERE guild_id = :guild_id AND (actor_id > 0 OR target <> '' OR data <> '{}') LIMIT :limit
        )
        """,
    ),
)

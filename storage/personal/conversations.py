"""Conversations and their turns."""

from __future__ import annotations

from storage.personal.kinds import Kind

_OF_SERVER = "SELECT id FROM conversations WHERE guild_id = :guild_id"
_DRAWINGS_OF_SERVER = f"SELECT message_id FROM drawings WHERE conversation_id IN ({_OF_SERVER})"
_DRAWN_LONG_AGO = "SELECT message_id FROM drawings WHERE at < :images ORDER BY at LIMIT :limit"

# A conversation that lacks a turn cannot go on: it ends for everybody in it. What others said stays theirs.
CONVERSATIONS = Kind(
    "conversations",
    listing="""
    SELECT turns.id AS cursor, turns.id, turns.conversation_id, conversations.guild_id,
        conversations.place_id, turns.number, turns.state, turns.created_at, turns.parent, turns.said,
        turns.image_id
    FROM turns JOIN conversations ON conversations.id = turns.conversation_id
    WHERE turns.author_id = :member_id AND turns.id > :after
    ORDER BY turns.id LIMIT :limit
    """,
    erasing=(
        """
        DELETE FROM drawn_turns WHERE turn_id IN (
            SELECT id FROM turns WHERE author_id = :member_id AND created_at <= :until
        )
        """,
        """
        DELETE FROM drawings WHERE NOT EXISTS (
            SELECT 1 FROM drawn_turns WHERE drawn_turns.message_id = drawings.message_id
        )
        """,
        """
        UPDATE conversations SET ended_at = :now, ending = 'gone'
        WHERE ended_at IS NULL AND id IN (
            SELECT conversation_id FROM turns WHERE author_id = :member_id AND created_at <= :until
        )
        """,
        """
        UPDATE conversations SET
            owner_id = :pseudonym, head = NULL, ended_at = COALESCE(ended_at, :now),
            ending = COALESCE(ending, 'gone')
        WHERE owner_id = :member_id AND created_at <= :until
        """,
        """
        UPDATE turns SET author_id = :pseudonym, said = NULL, prompt_id = NULL WHERE id IN (
            SELECT id FROM turns WHERE author_id = :member_id AND created_at <= :until LIMIT :limit
        )
        """,
        """
        DELETE FROM conversation_members WHERE member_id = :member_id AND conversation_id IN (
            SELECT id FROM conversations WHERE created_at <= :until
        )
        """,
    ),
    # Every picture in them is forgotten by then.
    purging=(
        f"DELETE FROM drawn_turns WHERE message_id IN ({_DRAWN_LONG_AGO})",
        f"DELETE FROM drawings WHERE message_id IN ({_DRAWN_LONG_AGO})",
    ),
    leaving=(
        f"DELETE FROM drawn_turns WHERE message_id IN ({_DRAWINGS_OF_SERVER})",
        f"DELETE FROM drawings WHERE conversation_id IN ({_OF_SERVER})",
        f"DELETE FROM turns WHERE conversation_id IN ({_OF_SERVER})",
        f"DELETE FROM conversation_members WHERE conversation_id IN ({_OF_SERVER})",
        "DELETE FROM conversations WHERE guild_id = :guild_id",
    ),
)

"""Conversations, and who is invited to them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.conversations import (
    Conversation,
    Ending,
    Participants,
)
from bot.errors import StaleState
from storage.engine import Connection, Row, Value

INSERT_CONVERSATION = """
INSERT INTO conversations (
    id, place_id, channel_id, guild_id, owner_id, participants, model, private, head, moves, turns,
    created_at, updated_at, ended_at, ending
) VALUES (
    :id, :place_id, :channel_id, :guild_id, :owner_id, :participants, :model, :private, :head, :moves, :turns,
    :created_at, :updated_at, :ended_at, :ending
)
ON CONFLICT DO NOTHING
RETURNING id
"""

UPDATE_CONVERSATION = """
UPDATE conversations SET
    place_id = :place_id, participants = :participants, model = :model, head = :head, moves = :moves,
    turns = :turns, updated_at = :updated_at, ended_at = :ended_at, ending = :ending
WHERE id = :id
"""

# Changes nothing; whoever else wants to change the row waits until this transaction has ended.
LOCK_CONVERSATION = "UPDATE conversations SET moves = moves WHERE id = :id RETURNING *"
GET_CONVERSATION = "SELECT * FROM conversations WHERE id = :id"
LATEST_AT = "SELECT * FROM conversations WHERE place_id = :place_id ORDER BY created_at DESC, id DESC LIMIT 1"
OPEN_AT = "SELECT * FROM conversations WHERE place_id = :place_id AND ended_at IS NULL"
LIST_OPEN_IN_CHANNEL = """
SELECT * FROM conversations WHERE channel_id = :channel_id AND ended_at IS NULL ORDER BY created_at, id
"""

LIST_MEMBERS = "SELECT member_id FROM conversation_members WHERE conversation_id = :id"
INSERT_MEMBER = """
INSERT INTO conversation_members (conversation_id, member_id) VALUES (:id, :member_id) ON CONFLICT DO NOTHING
"""
DELETE_MEMBER = "DELETE FROM conversation_members WHERE conversation_id = :id AND member_id = :member_id"

SUM_SPENT = """
SELECT COALESCE(SUM(
    COALESCE(held.reserved_micros, 0) + COALESCE(closed.reserved_micros + closed.settled_micros, 0)
), 0) AS micros
FROM turns
LEFT JOIN ledger AS held ON held.job_id = turns.id AND held.kind = 'reserve'
LEFT JOIN ledger AS closed ON closed.job_id = turns.id AND closed.kind IN ('settle', 'release')
WHERE turns.conversation_id = :conversation_id
"""


class ConversationRepository:
    """Conversations within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, conversation: Conversation) -> None:
        """Write a new conversation; StaleState where its id is taken, or its place has an open one."""
        if await self._connection.fetch_one(INSERT_CONVERSATION, _of_conversation(conversation)) is None:
            raise StaleState(f"the id or the place of conversation {conversation.id} is taken")

    async def save(self, conversation: Conversation) -> None:
        """Write what changes about a conversation that was read with `lock`."""
        await self._connection.execute(UPDATE_CONVERSATION, _of_conversation(conversation))

    async def lock(self, conversation_id: str) -> Conversation | None:
        """Return a conversation that nobody else changes until this transaction ends."""
        return await self._found(LOCK_CONVERSATION, {"id": conversation_id})

    async def get(self, conversation_id: str) -> Conversation | None:
        return await self._found(GET_CONVERSATION, {"id": conversation_id})

    async def open_at(self, place_id: int) -> Conversation | None:
        """Return the conversation that goes on in a thread or in direct messages."""
        return await self._found(OPEN_AT, {"place_id": place_id})

    async def latest_at(self, place_id: int) -> Conversation | None:
        """Return the latest conversation of a place, open or not."""
        return await self._found(LATEST_AT, {"place_id": place_id})

    async def open_in_channel(self, channel_id: int) -> Sequence[Conversation]:
        """Return the open conversations whose threads belong to a channel."""
        rows = await self._connection.fetch_all(LIST_OPEN_IN_CHANNEL, {"channel_id": channel_id})
        return [_conversation(row) for row in rows]

    async def invite(self, conversation_id: str, member_id: int) -> None:
        """Let somebody take part; the same one twice is one."""
        await self._connection.execute(INSERT_MEMBER, {"id": conversation_id, "member_id": member_id})

    async def uninvite(self, conversation_id: str, member_id: int) -> None:
        """Take an invitation back."""
        await self._connection.execute(DELETE_MEMBER, {"id": conversation_id, "member_id": member_id})

    async def spent(self, conversation_id: str) -> int:
        """Return what its turns have cost and hold back, in micro-dollars."""
        row = await self._connection.fetch_one(SUM_SPENT, {"conversation_id": conversation_id})
        return 0 if row is None else int(row["micros"])

    async def _found(self, sql: str, params: dict[str, Value]) -> Conversation | None:
        row = await self._connection.fetch_one(sql, params)
        if row is None:
            return None
        found = _conversation(row)
        if found.participants is not Participants.INVITED:
            return found
        members = await self._connection.fetch_all(LIST_MEMBERS, {"id": found.id})
        return found.evolve(invited=frozenset(row["member_id"] for row in members))


def _of_conversation(conversation: Conversation) -> dict[str, Value]:
    return {
        "id": conversation.id,
        "place_id": conversation.place_id,
        "channel_id": conversation.channel_id,
        "guild_id": conversation.guild_id,
        "owner_id": conversation.owner_id,
        "participants": conversation.participants,
        "model": conversation.model,
        "private": conversation.private,
        "head": conversation.head,
        "moves": conversation.moves,
        "turns": conversation.turns,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "ended_at": conversation.ended_at,
        "ending": conversation.ending,
    }


def _conversation(row: Row) -> Conversation:
    return Conversation(
        id=row["id"],
        place_id=row["place_id"],
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        owner_id=row["owner_id"],
        participants=Participants(row["participants"]),
        model=row["model"],
        private=bool(row["private"]),
        head=row["head"],
        moves=row["moves"],
        turns=row["turns"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        ended_at=row["ended_at"],
        ending=None if row["ending"] is None else Ending(row["ending"]),
    )

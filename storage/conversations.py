"""Conversations and their turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.domain.calls import UserContent
from bot.domain.conversations import (
    Conversation,
    Ending,
    Node,
    Participants,
    Step,
    Turn,
    TurnNote,
    TurnState,
)
from bot.domain.requests import Reference
from bot.errors import StaleState
from storage.encoding import from_text, to_text
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

INSERT_TURN = """
INSERT INTO turns (
    id, conversation_id, number, job_id, position, author_id, state, created_at, parent, branches, prompt_id,
    said, image_id, family, moves, alone, notes
) VALUES (
    :id, :conversation_id, :number, :job_id, :position, :author_id, :state, :created_at, :parent, :branches,
    :prompt_id, :said, :image_id, :family, :moves, :alone, :notes
)
ON CONFLICT DO NOTHING
RETURNING id
"""

UPDATE_TURN = """
UPDATE turns SET
    state = :state, parent = :parent, said = :said, image_id = :image_id, family = :family, moves = :moves,
    alone = :alone, notes = :notes, prompt_id = :prompt_id
WHERE id = :id
"""

GET_TURN = "SELECT * FROM turns WHERE id = :id"
TURN_BY_NUMBER = """
SELECT * FROM turns WHERE conversation_id = :conversation_id AND number = :number AND state <> 'failed'
"""
TURN_OF_IMAGE = """
SELECT * FROM turns WHERE image_id = :image_id AND conversation_id = :conversation_id ORDER BY number LIMIT 1
"""
# Nobody sees it and it is not gone on from: deleted, or withheld by moderation (`Image.available`).
_REMOVED = "(images.deleted_at IS NOT NULL OR images.withheld IS NOT NULL) AS removed"

TURN_OF_PROMPT = "SELECT * FROM turns WHERE prompt_id = :prompt_id ORDER BY number DESC, id DESC LIMIT 1"
LIST_WAITING_TURNS = """
SELECT turns.* FROM turns JOIN jobs ON jobs.id = turns.job_id
WHERE turns.conversation_id = :conversation_id AND turns.state = 'waiting' AND jobs.state = 'created'
ORDER BY turns.number
"""

LIST_NODES = f"""
SELECT turns.id, turns.number, turns.parent, turns.image_id, images.sha256, {_REMOVED}, jobs.request
FROM turns LEFT JOIN images ON images.id = turns.image_id LEFT JOIN jobs ON jobs.id = turns.job_id
WHERE turns.conversation_id = :conversation_id AND turns.state = 'done'
ORDER BY turns.number
"""

# From a turn to its root. `steps` counts them, so that no damage of the data makes this endless.
LIST_PATH = f"""
WITH RECURSIVE path (id, parent, steps) AS (
    SELECT id, parent, 0 FROM turns WHERE id = :turn_id
    UNION ALL
    SELECT turns.id, turns.parent, path.steps + 1 FROM turns JOIN path ON turns.id = path.parent
    WHERE path.steps < :most
)
SELECT turns.id, turns.said, turns.family, turns.alone, answers.content, answers.pictures,
    images.sha256, images.mime, images.size, {_REMOVED}
FROM path
JOIN turns ON turns.id = path.id
LEFT JOIN answers ON answers.job_id = turns.job_id AND answers.position = turns.position
LEFT JOIN images ON images.id = turns.image_id
WHERE turns.said IS NOT NULL
ORDER BY path.steps DESC
"""

LIST_ANCESTORS = f"""
WITH RECURSIVE path (id, parent, steps) AS (
    SELECT id, parent, 0 FROM turns WHERE id = :turn_id
    UNION ALL
    SELECT turns.id, turns.parent, path.steps + 1 FROM turns JOIN path ON turns.id = path.parent
    WHERE path.steps < :most
)
SELECT turns.id, turns.number, turns.parent, turns.image_id, images.sha256, {_REMOVED}
FROM path
JOIN turns ON turns.id = path.id
LEFT JOIN images ON images.id = turns.image_id
ORDER BY path.steps
"""

IMAGE_AT_MESSAGE = """
SELECT images.id FROM deliveries JOIN images ON images.job_id = deliveries.job_id
WHERE deliveries.message_id = :message_id
UNION ALL
SELECT image_id FROM postings WHERE message_id = :message_id
LIMIT 1
"""

FIND_WITHHELD = "SELECT sha256 FROM images WHERE sha256 = :sha256 AND withheld IS NOT NULL LIMIT 1"

SUM_SPENT = """
SELECT COALESCE(SUM(
    COALESCE(held.reserved_micros, 0) + COALESCE(closed.reserved_micros + closed.settled_micros, 0)
), 0) AS micros
FROM turns
LEFT JOIN ledger AS held ON held.job_id = turns.id AND held.kind = 'reserve'
LEFT JOIN ledger AS closed ON closed.job_id = turns.id AND closed.kind IN ('settle', 'release')
WHERE turns.conversation_id = :conversation_id
"""

MOST_STEPS = 10_000


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

    # --- turns --------------------------------------------------------------------------------------------

    async def insert_turn(self, turn: Turn) -> None:
        """Write a new turn; StaleState where its id is taken."""
        if await self._connection.fetch_one(INSERT_TURN, _of_turn(turn)) is None:
            raise StaleState(f"turn {turn.id} exists already")

    async def save_turn(self, turn: Turn) -> None:
        """Write what changes about a turn."""
        await self._connection.execute(UPDATE_TURN, _of_turn(turn))

    async def turn(self, turn_id: str) -> Turn | None:
        return await self._turn(GET_TURN, {"id": turn_id})

    async def turn_numbered(self, conversation_id: str, number: int) -> Turn | None:
        return await self._turn(TURN_BY_NUMBER, {"conversation_id": conversation_id, "number": number})

    async def turn_of_image(self, conversation_id: str, image_id: str) -> Turn | None:
        return await self._turn(TURN_OF_IMAGE, {"conversation_id": conversation_id, "image_id": image_id})

    async def turn_of_prompt(self, prompt_id: int) -> Turn | None:
        """Return the latest turn that a message asked for."""
        return await self._turn(TURN_OF_PROMPT, {"prompt_id": prompt_id})

    async def waiting_turns(self, conversation_id: str) -> Sequence[Turn]:
        """Return the turns that nobody works on yet, in their order."""
        rows = await self._connection.fetch_all(LIST_WAITING_TURNS, {"conversation_id": conversation_id})
        return [_turn(row) for row in rows]

    async def nodes(self, conversation_id: str) -> Sequence[Node]:
        """Return the turns that were made, in their order."""
        rows = await self._connection.fetch_all(LIST_NODES, {"conversation_id": conversation_id})
        return [
            _node(row, spoiler=row["request"] is not None and bool(from_text(row["request"])["spoiler"]))
            for row in rows
        ]

    async def ancestors(self, turn_id: str) -> Sequence[Node]:
        """Return a turn and those before it, the nearest first."""
        rows = await self._connection.fetch_all(LIST_ANCESTORS, {"turn_id": turn_id, "most": MOST_STEPS})
        return [_node(row) for row in rows]

    async def path(self, turn_id: str) -> Sequence[Step]:
        """Return all that was said from the root to a turn."""
        rows = await self._connection.fetch_all(LIST_PATH, {"turn_id": turn_id, "most": MOST_STEPS})
        removed = {row["sha256"] for row in rows if row["removed"]}
        removed |= await self._withheld({item.sha256 for row in rows for item in _said(row["said"]).pictures})
        return [_step(row, frozenset(removed)) for row in rows]

    async def _withheld(self, sha256s: set[str]) -> set[str]:
        """Return which of these pictures, that were sent along, moderators keep back."""
        rows = [await self._connection.fetch_one(FIND_WITHHELD, {"sha256": sha}) for sha in sorted(sha256s)]
        return {row["sha256"] for row in rows if row is not None}

    async def image_at(self, message_id: int) -> str | None:
        """Return the id of the first picture that a message of ours shows."""
        row = await self._connection.fetch_one(IMAGE_AT_MESSAGE, {"message_id": message_id})
        return None if row is None else str(row["id"])

    async def _turn(self, sql: str, params: dict[str, Value]) -> Turn | None:
        row = await self._connection.fetch_one(sql, params)
        return None if row is None else _turn(row)

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


def _of_turn(turn: Turn) -> dict[str, Value]:
    return {
        "id": turn.id,
        "conversation_id": turn.conversation_id,
        "number": turn.number,
        "job_id": turn.job_id,
        "position": turn.position,
        "author_id": turn.author_id,
        "state": turn.state,
        "created_at": turn.created_at,
        "parent": turn.parent,
        "branches": turn.branches,
        "prompt_id": turn.prompt_id,
        "said": None if turn.said is None else to_text(asdict(turn.said)),
        "image_id": turn.image_id,
        "family": turn.family,
        "moves": turn.moves,
        "alone": turn.alone,
        "notes": to_text(list(turn.notes)),
    }


def _turn(row: Row) -> Turn:
    return Turn(
        id=row["id"],
        conversation_id=row["conversation_id"],
        number=row["number"],
        job_id=row["job_id"],
        position=row["position"],
        author_id=row["author_id"],
        state=TurnState(row["state"]),
        created_at=row["created_at"],
        parent=row["parent"],
        branches=bool(row["branches"]),
        prompt_id=row["prompt_id"],
        said=None if row["said"] is None else _said(row["said"]),
        image_id=row["image_id"],
        family=row["family"],
        moves=row["moves"],
        alone=bool(row["alone"]),
        notes=tuple(TurnNote(note) for note in from_text(row["notes"])),
    )


def _said(text: str) -> UserContent:
    data: dict[str, Any] = from_text(text)
    return UserContent(tuple(data["texts"]), tuple(Reference(**item) for item in data["pictures"]))


def _node(row: Row, *, spoiler: bool = False) -> Node:
    there = row["sha256"] is not None and not row["removed"]
    sha256 = row["sha256"] if there else None
    return Node(row["id"], row["number"], row["parent"], row["image_id"], sha256, spoiler)


def _step(row: Row, removed: frozenset[str]) -> Step:
    there = row["sha256"] is not None and not row["removed"]
    pictures = [] if row["pictures"] is None else from_text(row["pictures"])
    if row["sha256"] is None:  # its image was erased: no file of its answer may be looked for
        removed |= {item["sha256"] for item in pictures}
    return Step(
        turn_id=row["id"],
        said=_said(row["said"]),
        raw=None if row["content"] is None else from_text(row["content"]),
        raw_bytes=len(row["content"] or ""),
        result=Reference(row["sha256"], row["mime"], row["size"]) if there else None,
        family=row["family"],
        sizes={item["sha256"]: item["size"] for item in pictures},
        removed=removed,
        alone=bool(row["alone"]),
    )

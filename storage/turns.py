"""The turns of conversations: each row a step, linked to the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.domain.calls import UserContent
from bot.domain.conversations import Node, Step, Turn, TurnNote, TurnState
from bot.domain.images import Sender
from bot.domain.requests import Reference
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row, Value
from storage.images import AVAILABLE, ImageRepository

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
TURN_OF_PROMPT = "SELECT * FROM turns WHERE prompt_id = :prompt_id ORDER BY number DESC, id DESC LIMIT 1"
LIST_WAITING_TURNS = """
SELECT turns.* FROM turns JOIN jobs ON jobs.id = turns.job_id
WHERE turns.conversation_id = :conversation_id AND turns.state = 'waiting' AND jobs.state = 'created'
ORDER BY turns.number
"""

# Nobody sees it and it is not gone on from.
_REMOVED = f"NOT ({AVAILABLE}) AS removed"

LIST_NODES = f"""
SELECT turns.id, turns.number, turns.parent, turns.image_id, images.sha256, {_REMOVED}, jobs.request
FROM turns LEFT JOIN images ON images.id = turns.image_id LEFT JOIN jobs ON jobs.id = turns.job_id
WHERE turns.conversation_id = :conversation_id AND turns.state = 'done'
ORDER BY turns.number
"""

# From a turn to its root. `steps` counts them, so that no damage of the data makes this endless.
_PATH = """
WITH RECURSIVE path (id, parent, steps) AS (
    SELECT id, parent, 0 FROM turns WHERE id = :turn_id
    UNION ALL
    SELECT turns.id, turns.parent, path.steps + 1 FROM turns JOIN path ON turns.id = path.parent
    WHERE path.steps < :most
)
"""

LIST_PATH = f"""
{_PATH}
SELECT turns.id, turns.said, turns.family, turns.alone, turns.author_id, turns.image_id,
    conversations.guild_id, answers.content, answers.pictures, images.sha256, images.mime, images.size,
    {_REMOVED}
FROM path
JOIN turns ON turns.id = path.id
JOIN conversations ON conversations.id = turns.conversation_id
LEFT JOIN answers ON answers.job_id = turns.job_id AND answers.position = turns.position
LEFT JOIN images ON images.id = turns.image_id
ORDER BY path.steps DESC
"""

LIST_ANCESTORS = f"""
{_PATH}
SELECT turns.id, turns.number, turns.parent, turns.image_id, images.sha256, {_REMOVED}
FROM path
JOIN turns ON turns.id = path.id
LEFT JOIN images ON images.id = turns.image_id
ORDER BY path.steps
"""

MOST_STEPS = 10_000


class TurnRepository:
    """Turns within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._images = ImageRepository(connection)

    async def insert(self, turn: Turn) -> None:
        """Write a new turn; StaleState where its id is taken."""
        if await self._connection.fetch_one(INSERT_TURN, _of_turn(turn)) is None:
            raise StaleState(f"turn {turn.id} exists already")

    async def save(self, turn: Turn) -> None:
        """Write what changes about a turn."""
        await self._connection.execute(UPDATE_TURN, _of_turn(turn))

    async def get(self, turn_id: str) -> Turn | None:
        return await self._found(GET_TURN, {"id": turn_id})

    async def numbered(self, conversation_id: str, number: int) -> Turn | None:
        return await self._found(TURN_BY_NUMBER, {"conversation_id": conversation_id, "number": number})

    async def of_image(self, conversation_id: str, image_id: str) -> Turn | None:
        return await self._found(TURN_OF_IMAGE, {"conversation_id": conversation_id, "image_id": image_id})

    async def of_prompt(self, prompt_id: int) -> Turn | None:
        """Return the latest turn that a message asked for."""
        return await self._found(TURN_OF_PROMPT, {"prompt_id": prompt_id})

    async def waiting(self, conversation_id: str) -> Sequence[Turn]:
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
        found = await self._connection.fetch_all(LIST_PATH, {"turn_id": turn_id, "most": MOST_STEPS})
        # Asked of SQLite, this makes it read all turns of all conversations for a filter of those few.
        rows = [row for row in found if row["said"] is not None]
        removed = {row["sha256"] for row in rows if row["removed"]}
        sent = [(item.sha256, row) for row in rows for item in _said(row["said"]).pictures]
        known = {
            sha256: await self._images.is_withheld_anywhere(sha256) for sha256 in {sha for sha, _ in sent}
        }
        for sha256, row in sent:
            if known[sha256] and sha256 not in removed:
                # Who sent a picture along is who would have it sent again.
                sender = Sender(row["guild_id"], row["author_id"], row["image_id"])
                if await self._images.is_withheld(sha256, sender):
                    removed.add(sha256)
        return [_step(row, frozenset(removed)) for row in rows]

    async def _found(self, sql: str, params: dict[str, Value]) -> Turn | None:
        row = await self._connection.fetch_one(sql, params)
        return None if row is None else _turn(row)


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

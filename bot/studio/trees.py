"""A conversation as a picture: its tree, or two of its turns beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.conversations import Conversation, Node, Turn
from bot.domain.images import FittedFile
from bot.domain.trees import Drawn
from bot.errors import ConversationRefused, Hindrance
from bot.studio.conversation_ports import TreeDrawing
from bot.studio.histories import living
from bot.studio.ports import Blobs
from bot.studio.store_ports import Store

MOST_DRAWN = 200  # turns; of more, the latest are drawn


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of turns, and what is in it."""

    file: FittedFile
    turns: int
    spoiler: bool  # one of the pictures in it was posted as a spoiler, so this is one, too


class Trees:
    """Has conversations drawn."""

    def __init__(self, store: Store, blobs: Blobs, drawing: TreeDrawing) -> None:
        self._store = store
        self._blobs = blobs
        self._drawing = drawing

    async def draw(self, conversation: Conversation) -> Drawing:
        """Return the tree; raise ConversationRefused where no turn was made."""
        async with self._store.reading() as tx:
            nodes = list(await tx.turns.nodes(conversation.id))[-MOST_DRAWN:]
            head = await living(tx, conversation.head)
            path = {node.id for node in await tx.turns.ancestors(head)} if head else set()
        if not nodes:
            raise ConversationRefused(Hindrance.NO_PICTURES)
        at = {node.id: place for place, node in enumerate(nodes)}
        drawn = [
            self._drawn(node, None if node.parent is None else at.get(node.parent), head, path)
            for node in nodes
        ]
        return Drawing(await self._drawing.tree(drawn), len(nodes), _hides(nodes))

    async def compare(self, one: Turn, other: Turn) -> Drawing:
        """Return two turns of a conversation beside each other."""
        async with self._store.reading() as tx:
            known = {node.id: node for node in await tx.turns.nodes(one.conversation_id)}
        nodes = [known[turn.id] for turn in (one, other)]
        first, second = (self._drawn(node, None, None, set()) for node in nodes)
        return Drawing(await self._drawing.side_by_side(first, second), len(nodes), _hides(nodes))

    def _drawn(self, node: Node, parent: int | None, head: str | None, path: set[str]) -> Drawn:
        return Drawn(
            label=f"{node.number} · {node.image_id or '–'}",
            path=None if node.sha256 is None else self._blobs.path(node.sha256),
            parent=parent,
            head=node.id == head,
            on_path=node.id in path,
        )


def _hides(nodes: Sequence[Node]) -> bool:
    """Whether one of the pictures that are seen is a spoiler."""
    return any(node.spoiler and node.sha256 is not None for node in nodes)

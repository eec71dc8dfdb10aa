"""A conversation as a picture: its tree, or two of its turns beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.conversations import Conversation, Node
from bot.domain.drawings import PostedDrawing
from bot.domain.images import FittedFile
from bot.domain.trees import Drawn
from bot.errors import ConversationRefused, Hindrance
from bot.studio.conversation_ports import TreeDrawing
from bot.studio.histories import living
from bot.studio.ports import Blobs
from bot.studio.store_ports import Store, Transaction

MOST_DRAWN = 200  # turns; of more, the latest are drawn


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of turns, and what is in it."""

    file: FittedFile | None  # None: no picture of them is there any more
    turns: int
    seen: frozenset[str]  # ids of the images in it
    compares: bool
    spoiler: bool  # one of the pictures in it was posted as a spoiler, so this is one, too


class Trees:
    """Has conversations drawn."""

    def __init__(self, store: Store, blobs: Blobs, drawing: TreeDrawing) -> None:
        self._store = store
        self._blobs = blobs
        self._drawing = drawing

    async def turns_of(self, tx: Transaction, conversation: Conversation) -> tuple[str, ...]:
        """Return the turns that a tree shows now; raise ConversationRefused where none was made."""
        nodes = list(await tx.turns.nodes(conversation.id))[-MOST_DRAWN:]
        if not nodes:
            raise ConversationRefused(Hindrance.NO_PICTURES)
        return tuple(node.id for node in nodes)

    async def draw(self, posted: PostedDrawing) -> Drawing:
        """Draw what a message shows, with the pictures that are there now."""
        async with self._store.reading() as tx:
            there = await self._nodes(tx, posted)
            head = await living(tx, posted.head)
            path = {node.id for node in await tx.turns.ancestors(head)} if head else set()
        seen = frozenset(node.image_id for node in there if node.sha256 is not None and node.image_id)
        return Drawing(
            await self._drawn(posted, there, head, path) if seen else None,
            len(there),
            seen,
            posted.compares,
            any(node.spoiler and node.sha256 is not None for node in there),
        )

    async def seen_in(self, posted: PostedDrawing) -> frozenset[str]:
        """Return the images that a drawing of it shows if it is made now."""
        async with self._store.reading() as tx:
            nodes = await self._nodes(tx, posted)
        return frozenset(node.image_id for node in nodes if node.sha256 is not None and node.image_id)

    async def _nodes(self, tx: Transaction, posted: PostedDrawing) -> Sequence[Node]:
        known = {node.id: node for node in await tx.turns.nodes(posted.conversation_id)}
        return [known[turn_id] for turn_id in posted.turns if turn_id in known]

    async def _drawn(
        self, posted: PostedDrawing, nodes: Sequence[Node], head: str | None, path: set[str]
    ) -> FittedFile:
        at = {node.id: place for place, node in enumerate(nodes)}
        if posted.compares:
            one, other = (self._tile(node, None, None, set()) for node in (nodes[0], nodes[-1]))
            return await self._drawing.side_by_side(one, other)
        return await self._drawing.tree(
            [
                self._tile(node, None if node.parent is None else at.get(node.parent), head, path)
                for node in nodes
            ]
        )

    def _tile(self, node: Node, parent: int | None, head: str | None, path: set[str]) -> Drawn:
        return Drawn(
            label=f"{node.number} · {node.image_id or '–'}",
            path=None if node.sha256 is None else self._blobs.path(node.sha256),
            parent=parent,
            head=node.id == head,
            on_path=node.id in path,
        )

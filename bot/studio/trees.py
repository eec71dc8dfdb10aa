"""A conversation as a picture: its tree, or two of its turns beside each other."""

from __future__ import annotations

from bot.domain.conversations import Conversation, Node, Turn
from bot.domain.images import FittedFile
from bot.domain.trees import Drawn
from bot.errors import ConversationRefused, Hindrance
from bot.studio.conversation_ports import TreeDrawing
from bot.studio.histories import living
from bot.studio.ports import Blobs
from bot.studio.store_ports import Store

MOST_DRAWN = 200  # turns; of more, the latest are drawn


class Trees:
    """Has conversations drawn."""

    def __init__(self, store: Store, blobs: Blobs, drawing: TreeDrawing) -> None:
        self._store = store
        self._blobs = blobs
        self._drawing = drawing

    async def draw(self, conversation: Conversation) -> tuple[FittedFile, int]:
        """Return the tree and how many turns are in it; raise ConversationRefused where none was made."""
        async with self._store.reading() as tx:
            nodes = list(await tx.conversations.nodes(conversation.id))[-MOST_DRAWN:]
            head = await living(tx, conversation.head)
            path = {node.id for node in await tx.conversations.ancestors(head)} if head else set()
        if not nodes:
            raise ConversationRefused(Hindrance.NO_PICTURES)
        at = {node.id: place for place, node in enumerate(nodes)}
        drawn = [
            self._drawn(node, None if node.parent is None else at.get(node.parent), head, path)
            for node in nodes
        ]
        return await self._drawing.tree(drawn), len(nodes)

    async def compare(self, one: Turn, other: Turn) -> FittedFile:
        """Return two turns of a conversation beside each other."""
        async with self._store.reading() as tx:
            nodes = {node.id: node for node in await tx.conversations.nodes(one.conversation_id)}
        return await self._drawing.side_by_side(
            *(self._drawn(nodes[turn.id], None, None, set()) for turn in (one, other))
        )

    def _drawn(self, node: Node, parent: int | None, head: str | None, path: set[str]) -> Drawn:
        return Drawn(
            label=f"{node.number} · {node.image_id or '–'}",
            path=None if node.sha256 is None else self._blobs.path(node.sha256),
            parent=parent,
            head=node.id == head,
            on_path=node.id in path,
        )

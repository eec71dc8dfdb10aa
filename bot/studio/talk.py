"""Everything about conversations that the cogs talk to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Limits
from bot.studio.conversation_ports import TreeDrawing
from bot.studio.converse import Conversations
from bot.studio.endings import Endings
from bot.studio.heads import Heads
from bot.studio.lookup import Lookup
from bot.studio.pictures import Pictures
from bot.studio.ports import Blobs, Clock
from bot.studio.store_ports import Store
from bot.studio.submit import Submissions
from bot.studio.trees import Trees


@dataclass(frozen=True, slots=True)
class Talk:
    """The services for conversations."""

    conversations: Conversations
    lookup: Lookup
    endings: Endings
    heads: Heads
    trees: Trees


def open_talk(
    *,
    store: Store,
    blobs: Blobs,
    drawing: TreeDrawing,
    catalogue: Catalogue,
    submissions: Submissions,
    pictures: Pictures,
    clock: Clock,
    new_id: Callable[[], str],
    limits: Limits,
    deliver: Callable[[str], None],
    wake: Callable[[], None],
) -> Talk:
    """Put the services together. `deliver` and `wake` are those of `Workers`."""
    lookup = Lookup(store, pictures)
    endings = Endings(store=store, lookup=lookup, clock=clock, deliver=deliver, wake=wake)
    conversations = Conversations(
        store=store,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        endings=endings,
        clock=clock,
        new_id=new_id,
        limits=limits,
    )
    return Talk(conversations, lookup, endings, Heads(store, clock), Trees(store, blobs, drawing))

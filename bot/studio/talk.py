"""Everything about conversations that the cogs talk to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Limits
from bot.studio.converse import Conversations
from bot.studio.drawings import Drawings
from bot.studio.endings import Endings
from bot.studio.heads import Heads
from bot.studio.lookup import Lookup
from bot.studio.pictures import Pictures
from bot.studio.ports import Clock
from bot.studio.store_ports import Store
from bot.studio.submit import Submissions


@dataclass(frozen=True, slots=True)
class Talk:
    """The services for conversations."""

    conversations: Conversations
    lookup: Lookup
    endings: Endings
    heads: Heads
    drawings: Drawings


def open_talk(
    *,
    store: Store,
    drawings: Drawings,
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
    return Talk(conversations, lookup, endings, Heads(store, clock), drawings)

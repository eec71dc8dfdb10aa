"""Everything about conversations that the cogs talk to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.studio.converse import Conversations
from bot.studio.heads import Heads
from bot.studio.trees import Trees


@dataclass(frozen=True, slots=True)
class Talk:
    """The services for conversations."""

    conversations: Conversations
    heads: Heads
    trees: Trees

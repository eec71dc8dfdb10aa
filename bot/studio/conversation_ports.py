"""What conversations need from the outside, as protocols."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.conversations import Conversation, Node, Step, Turn
from bot.domain.drawings import PostedDrawing
from bot.domain.images import FittedFile
from bot.domain.trees import Drawn


class ConversationStore(Protocol):
    """Conversations within one transaction."""

    async def insert(self, conversation: Conversation) -> None:
        """Write a new conversation; StaleState where its id is taken, or its place has an open one."""
        ...

    async def save(self, conversation: Conversation) -> None:
        """Write what changes about a conversation that was read with `lock`."""
        ...

    async def lock(self, conversation_id: str) -> Conversation | None:
        """Return a conversation that nobody else changes until this transaction ends."""
        ...

    async def get(self, conversation_id: str) -> Conversation | None: ...

    async def open_at(self, place_id: int) -> Conversation | None:
        """Return the conversation that goes on in a thread or in direct messages."""
        ...

    async def latest_at(self, place_id: int) -> Conversation | None:
        """Return the latest conversation of a place, open or not."""
        ...

    async def open_in_channel(self, channel_id: int) -> Sequence[Conversation]:
        """Return the open conversations whose threads belong to a channel."""
        ...

    async def invite(self, conversation_id: str, member_id: int) -> None:
        """Let somebody take part; the same one twice is one."""
        ...

    async def uninvite(self, conversation_id: str, member_id: int) -> None:
        """Take an invitation back."""
        ...

    async def spent(self, conversation_id: str) -> int:
        """Return what its turns have cost and hold back, in micro-dollars."""
        ...


class Turns(Protocol):
    """The turns of conversations within one transaction."""

    async def insert(self, turn: Turn) -> None:
        """Write a new turn; StaleState where its id is taken."""
        ...

    async def save(self, turn: Turn) -> None:
        """Write what changes about a turn."""
        ...

    async def get(self, turn_id: str) -> Turn | None: ...

    async def numbered(self, conversation_id: str, number: int) -> Turn | None: ...

    async def of_image(self, conversation_id: str, image_id: str) -> Turn | None: ...

    async def of_prompt(self, prompt_id: int) -> Turn | None:
        """Return the latest turn that a message asked for."""
        ...

    async def waiting(self, conversation_id: str) -> Sequence[Turn]:
        """Return the turns that nobody works on yet, in their order."""
        ...

    async def nodes(self, conversation_id: str) -> Sequence[Node]:
        """Return the turns that were made, in their order."""
        ...

    async def ancestors(self, turn_id: str) -> Sequence[Node]:
        """Return a turn and those before it, the nearest first."""
        ...

    async def path(self, turn_id: str) -> Sequence[Step]:
        """Return all that was said from the root to a turn."""
        ...


class Drawings(Protocol):
    """Conversations that were posted as one picture, within one transaction."""

    async def insert(self, drawing: PostedDrawing) -> None:
        """Remember what a message shows. The same message twice is one."""
        ...

    async def with_image(self, image_id: str) -> Sequence[PostedDrawing]:
        """Return the drawings that a picture is in, the oldest first; none that was drawn without it since it
        was deleted."""
        ...

    async def drawn(self, message_id: int, seen: Collection[str]) -> None:
        """Remember that a drawing shows these images alone: those that were deleted do not come back."""
        ...

    async def remove(self, message_id: int) -> None:
        """Forget a drawing that is not there any more."""
        ...


class TreeDrawing(Protocol):
    """Draws conversations, off the event loop."""

    async def tree(self, drawn: Sequence[Drawn]) -> FittedFile:
        """Return a picture of a tree."""
        ...

    async def side_by_side(self, one: Drawn, other: Drawn) -> FittedFile:
        """Return two pictures beside each other."""
        ...

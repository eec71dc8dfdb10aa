"""Posted drawings of conversations: remembered with what is in them, and made to agree with it.

A drawing is a picture of pictures: whatever becomes of one of them has to be seen in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol
from weakref import WeakValueDictionary

from bot.domain.conversations import Conversation, Turn
from bot.domain.drawings import PostedDrawing
from bot.errors import DeliveryError
from bot.studio.message_changes import MessageChanges
from bot.studio.ports import Clock, Waits
from bot.studio.store_ports import Store, Transaction
from bot.studio.trees import Drawing, Trees


class DrawingMessages(Protocol):
    """Changes messages with drawings. The only implementation that reaches people is Discord's."""

    async def redraw(self, posted: PostedDrawing, drawing: Drawing) -> None:
        """Show a drawing in its message; raise DeliveryError where Discord does not take it."""
        ...


class Drawings:
    """Posts drawings of conversations and keeps them true."""

    def __init__(
        self, *, store: Store, trees: Trees, messages: DrawingMessages, clock: Clock, waits: Waits
    ) -> None:
        self._store = store
        self._trees = trees
        self._messages = messages
        self._clock = clock
        self._change = MessageChanges(clock, waits)
        # Drawing and showing is one step: who changes a drawing waits until it stands in its message.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def post(
        self,
        conversation: Conversation,
        compared: tuple[Turn, Turn] | None,
        place: tuple[int, int, str],
        show: Callable[[Drawing], Awaitable[None]],
    ) -> None:
        """Have a conversation, or two of its turns, drawn and shown in a message that is there already.

        `place`: ids of channel and message, and the locale of those who see it. What is in the drawing is
        remembered before it is shown, in the transaction that looks at it: a picture that is removed at any
        time after that finds its drawing, also after a crash. Raises ConversationRefused where no turn was
        made, DeliveryError where Discord does not take it.
        """
        channel_id, message_id, locale = place

        async def remember(tx: Transaction) -> PostedDrawing:
            turns = (
                await self._trees.turns_of(tx, conversation)
                if compared is None
                else tuple(turn.id for turn in compared)
            )
            posted = PostedDrawing(
                message_id=message_id,
                channel_id=channel_id,
                conversation_id=conversation.id,
                turns=turns,
                compares=compared is not None,
                head=conversation.head if compared is None else None,
                locale=locale,
                at=self._clock.now(),
            )
            await tx.drawings.insert(posted)
            return posted

        async with self._turn(message_id):
            posted = await self._store.write(remember)
            try:
                drawing = await self._trees.draw(posted)
                await show(drawing)
            except Exception:
                await self._forget(posted)
                raise
            if not drawing.seen <= await self._trees.seen_in(posted):  # removed meanwhile
                await self._redraw(posted)

    async def agree(self, image_id: str) -> None:
        """Make the drawings with a picture show it, or that it is not there; raise DeliveryError where one
        cannot be changed, after the others. Safe to repeat."""
        async with self._store.reading() as tx:
            found = await tx.drawings.with_image(image_id)
        failed: DeliveryError | None = None
        for posted in found:
            async with self._turn(posted.message_id):
                try:
                    await self._redraw(posted)
                except DeliveryError as error:
                    failed = error
        if failed is not None:
            raise failed

    async def withdraw(self, job_id: str) -> bool:
        """Take a job's deleted pictures out of the drawings; False where Discord does not let us."""
        async with self._store.reading() as tx:
            images = [image for image in await tx.images.of_job(job_id) if image.deleted_at is not None]

        async def agree() -> None:
            for image in images:
                await self.agree(image.id)

        return await self._change(agree, f"a drawing with a picture of job {job_id}")

    async def _redraw(self, posted: PostedDrawing) -> None:
        drawing = await self._trees.draw(posted)
        try:
            await self._messages.redraw(posted, drawing)
        except DeliveryError as error:
            if not error.gone:
                raise
            await self._forget(posted)
        else:
            # Of many that are deleted at once, as by an erasure, the first takes all of them out.
            await self._store.write(lambda tx: tx.drawings.drawn(posted.message_id, drawing.seen))

    async def _forget(self, posted: PostedDrawing) -> None:
        await self._store.write(lambda tx: tx.drawings.remove(posted.message_id))

    def _turn(self, message_id: int) -> asyncio.Lock:
        return self._turns.setdefault(message_id, asyncio.Lock())

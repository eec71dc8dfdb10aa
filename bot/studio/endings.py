"""The ends of conversations, and of turns that wait: what is held back is released, whoever asked is told."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.conversations import Conversation, Ending, Turn
from bot.domain.jobs import Job
from bot.errors import ConversationRefused, Hindrance
from bot.studio.lookup import Lookup
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction
from bot.studio.taking_back import take_back_turn

log = logging.getLogger(__name__)


class Endings:
    """Ends conversations and cancels turns that wait."""

    def __init__(
        self,
        *,
        store: Store,
        lookup: Lookup,
        clock: Clock,
        deliver: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._lookup = lookup
        self._clock = clock
        self._deliver = deliver
        self._wake = wake

    async def end(self, person: Person) -> Conversation:
        """End the conversation of this place; only its owner and moderators may."""
        conversation = await self._lookup.here(person)
        if person.id != conversation.owner_id and not person.moderator:
            raise ConversationRefused(Hindrance.OWNER_ONLY)
        await self.end_now(conversation.id, Ending.ASKED)
        return conversation

    async def cancel(self, turn: Turn) -> bool:
        """Cancel a turn that waits and release what it held back; False where it does not wait any more."""
        async with self._store.transaction() as tx:
            cancelled = await take_back_turn(tx, turn, self._clock.now())
        if cancelled is not None:
            self._after_cancelling([cancelled])
        return cancelled is not None

    async def place_gone(self, place_id: int) -> None:
        """End the conversation of a thread that was deleted, and release what waits."""
        if (conversation := await self._lookup.at(place_id)) is not None:
            await self.end_now(conversation.id, Ending.GONE)

    async def channel_gone(self, channel_id: int) -> None:
        """End the conversations of a channel that was deleted with its threads."""
        async with self._store.reading() as tx:
            found = await tx.conversations.open_in_channel(channel_id)
        for conversation in found:
            await self.end_now(conversation.id, Ending.GONE)

    async def end_now(self, conversation_id: str, ending: Ending) -> None:
        """End a conversation whoever asks; one that has ended stays as it is."""
        async with self._store.transaction() as tx:
            conversation = await tx.conversations.lock(conversation_id)
            if conversation is None or not conversation.is_open:
                return
            cancelled = await self._close(tx, conversation, ending)
        log.info("conversation %s ended: %s", conversation_id, ending)
        self._after_cancelling(cancelled)

    async def make_room(self, tx: Transaction, place_id: int | None) -> None:
        """End what goes on in a place where another conversation begins."""
        if place_id is not None and (earlier := await tx.conversations.open_at(place_id)) is not None:
            await self._close(tx, earlier, Ending.ASKED)

    async def _close(self, tx: Transaction, conversation: Conversation, ending: Ending) -> list[Job]:
        """End a conversation and cancel what waits in it; return the jobs that were cancelled."""
        now = self._clock.now()
        waiting = await tx.turns.waiting(conversation.id)
        cancelled = [await take_back_turn(tx, turn, now) for turn in waiting]
        await tx.conversations.save(conversation.ended(ending, now))
        return [job for job in cancelled if job is not None]

    def _after_cancelling(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.origin.message_id is None:  # its card says that it is being made
                self._deliver(job.id)
        self._wake()

"""Moving the head of a conversation, and saying who may take part."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.conversations import Conversation, Participants, Turn, TurnState
from bot.errors import ConversationRefused, Gone, Hindrance
from bot.studio.consequences import check_banned
from bot.studio.histories import living
from bot.studio.notifier_ports import Posted
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction


@dataclass(frozen=True, slots=True)
class Headed:
    """A conversation, its head, and where the head's picture was posted."""

    conversation: Conversation
    head: Turn | None
    posted: Posted | None


class Heads:
    """Undo, Use this, and the rest of what people do with a conversation beside writing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def head(self, conversation: Conversation) -> Headed:
        """Return the head as it is now; a picture that was removed is no head."""
        async with self._store.reading() as tx:
            found = await tx.conversations.get(conversation.id)
            return await self._headed(tx, found or conversation)

    async def undo(self, conversation: Conversation, person: Person, turn_id: str | None = None) -> Headed:
        """Move the head to the parent of the head, or of `turn_id`, which has to be the head.

        Raises ConversationRefused: HEAD_MOVED where somebody else was first, NOTHING_TO_UNDO at the root.
        """
        async with self._store.transaction() as tx:
            current = await self._writable(tx, conversation, person)
            head = await living(tx, current.head)
            if turn_id is not None and head != turn_id:
                raise ConversationRefused(Hindrance.HEAD_MOVED)
            turn = await tx.turns.get(head) if head is not None else None
            parent = None if turn is None else await living(tx, turn.parent)
            if parent is None:
                raise ConversationRefused(Hindrance.NOTHING_TO_UNDO)
            return await self._move(tx, current, parent)

    async def use(self, conversation: Conversation, person: Person, turn_id: str) -> Headed:
        """Make a turn the head; raise Gone where its picture was removed."""
        async with self._store.transaction() as tx:
            current = await self._writable(tx, conversation, person)
            turn = await tx.turns.get(turn_id)
            if turn is None or turn.conversation_id != current.id or turn.state is not TurnState.DONE:
                raise ConversationRefused(Hindrance.NOT_IN_IT, typed=turn_id)
            if await living(tx, turn_id) != turn_id:
                raise Gone(turn.image_id or turn_id)
            return await self._move(tx, current, turn_id)

    async def set_participants(
        self,
        conversation: Conversation,
        person: Person,
        who: Participants | None,
        *,
        invite: int | None = None,
        remove: int | None = None,
    ) -> Conversation:
        """Change who may take part; only the owner and moderators may.

        Inviting somebody into the owner's own conversation lets those who are invited take part.
        """
        async with self._store.transaction() as tx:
            current = await self._locked(tx, conversation)
            if person.id != current.owner_id and not person.moderator:
                raise ConversationRefused(Hindrance.OWNER_ONLY)
            if who is None and invite is not None and current.participants is Participants.OWNER:
                who = Participants.INVITED
            if who is not None:
                current = current.evolve(participants=who)
            if invite is not None:
                await tx.conversations.invite(current.id, invite)
            if remove is not None:
                await tx.conversations.uninvite(current.id, remove)
            await tx.conversations.save(current.evolve(updated_at=self._clock.now()))
            locked = await tx.conversations.lock(current.id)
        return locked or current

    async def _writable(self, tx: Transaction, conversation: Conversation, person: Person) -> Conversation:
        await check_banned(tx, conversation.guild_id, person.id, self._clock.now())
        current = await self._locked(tx, conversation)
        if not current.may_take_part(person.id):
            raise ConversationRefused(Hindrance.NOT_A_PARTICIPANT)
        return current

    async def _locked(self, tx: Transaction, conversation: Conversation) -> Conversation:
        current = await tx.conversations.lock(conversation.id)
        if current is None or not current.is_open:
            raise ConversationRefused(Hindrance.ENDED)
        return current

    async def _move(self, tx: Transaction, conversation: Conversation, turn_id: str) -> Headed:
        moved = conversation.with_head(turn_id, self._clock.now())
        await tx.conversations.save(moved)
        return await self._headed(tx, moved)

    async def _headed(self, tx: Transaction, conversation: Conversation) -> Headed:
        head = await living(tx, conversation.head)
        turn = await tx.turns.get(head) if head is not None else None
        delivery = await tx.deliveries.get(turn.job_id) if turn is not None else None
        posted = None
        if delivery is not None and delivery.channel_id is not None and delivery.message_id is not None:
            posted = Posted(delivery.channel_id, delivery.message_id)
        return Headed(conversation, turn, posted)

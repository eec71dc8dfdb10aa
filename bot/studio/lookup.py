"""Finding conversations and their turns: what a place, a number, a picture or a message means."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.conversations import Conversation, Turn, TurnState
from bot.domain.jobs import JobState
from bot.domain.requests import Reference, Request
from bot.errors import ConversationRefused, Gone, Hindrance
from bot.studio.histories import living
from bot.studio.pictures import Person, Pictures
from bot.studio.store_ports import Store, Transaction


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a turn goes on from, when that was chosen: another turn, or pictures that begin a new root."""

    parent: str | None
    references: tuple[Reference, ...] = ()


class Lookup:
    """Finds conversations and turns; changes nothing. Every method checks again who asks."""

    def __init__(self, store: Store, pictures: Pictures) -> None:
        self._store = store
        self._pictures = pictures

    async def at(self, place_id: int | None) -> Conversation | None:
        """Return the conversation that goes on in a place."""
        if place_id is None:
            return None
        return await self._store.read(lambda tx: tx.conversations.open_at(place_id))

    async def was_at(self, place_id: int) -> bool:
        """Return whether a place has, or had, a conversation."""
        async with self._store.reading() as tx:
            return await tx.conversations.latest_at(place_id) is not None

    async def named(self, conversation_id: str) -> Conversation | None:
        """Return a conversation by its id."""
        async with self._store.reading() as tx:
            return await tx.conversations.get(conversation_id)

    async def here(self, person: Person, *, ended: bool = False) -> Conversation:
        """Return the conversation of the place where somebody is; raise ConversationRefused without one.

        `ended`: one that has ended will do.
        """
        async with self._store.reading() as tx:
            found = await tx.conversations.latest_at(person.channel_id or 0)
        if found is None:
            raise ConversationRefused(Hindrance.NONE_HERE)
        if not found.is_open and not ended:
            raise ConversationRefused(Hindrance.ENDED)
        return found

    async def turn_named(self, conversation: Conversation, typed: str) -> Turn:
        """Return the turn that somebody means by its number or by its picture's id."""
        name = typed.strip().lstrip("#")
        async with self._store.reading() as tx:
            if name.isdecimal() and len(name) < 7:
                turn = await tx.turns.numbered(conversation.id, int(name))
            else:
                turn = await tx.turns.of_image(conversation.id, name.lower())
            return await _checked(tx, turn, typed)

    async def turn_of(self, conversation: Conversation, image_id: str) -> Turn | None:
        """Return the turn that made a picture, or None where it is of another conversation."""
        async with self._store.reading() as tx:
            return await tx.turns.of_image(conversation.id, image_id)

    async def turn_at(self, turn_id: str) -> tuple[Conversation, Turn]:
        """Return a turn and its conversation; raise ConversationRefused where that has ended."""
        async with self._store.reading() as tx:
            turn = await tx.turns.get(turn_id)
            found = await tx.conversations.get(turn.conversation_id) if turn is not None else None
        if turn is None:
            raise Gone(turn_id)
        if found is None or not found.is_open:
            raise ConversationRefused(Hindrance.ENDED)
        return found, turn

    async def branch_at(self, conversation: Conversation, message_id: int, person: Person) -> Branch | None:
        """Return what a reply to a message goes on from; None where the message shows no picture of ours.

        Raises Gone for a picture that was removed, or that this person may not use.
        """
        async with self._store.reading() as tx:
            image_id = await tx.images.at_message(message_id)
        return None if image_id is None else await self.branch_from(conversation, image_id, person)

    async def branch_from(self, conversation: Conversation, image_id: str, person: Person) -> Branch:
        """Return what going on from a picture means; raise Gone as `branch_at`."""
        shown = await self._pictures.of_image(image_id, person)
        turn = await self.turn_of(conversation, image_id)
        if turn is not None:
            return Branch(turn.id)
        image = shown.images[0]
        if image.private and not conversation.private:
            raise Gone(image_id)  # it would be seen by everybody there
        return Branch(None, (Reference(image.sha256, image.mime, image.size),))

    async def asked_by(self, prompt_id: int) -> tuple[Conversation, Turn, bool] | None:
        """Return the open conversation and the latest turn that a message asked for, and whether it waits."""
        async with self._store.reading() as tx:
            turn = await tx.turns.of_prompt(prompt_id)
            if turn is None:
                return None
            job = await tx.jobs.get(turn.job_id)
            conversation = await tx.conversations.get(turn.conversation_id)
        if job is None or conversation is None or not conversation.is_open:
            return None
        return conversation, turn, job.state is JobState.CREATED

    async def request_of(self, turn: Turn) -> Request:
        """Return what a turn's job was asked for."""
        async with self._store.reading() as tx:
            job = await tx.jobs.get(turn.job_id)
        if job is None:
            raise Gone(turn.job_id)
        return job.request

    async def last_waiting(self, conversation: Conversation, author_id: int) -> Turn | None:
        """Return the last turn that waits where it is somebody's own: what a correction is joined to."""
        async with self._store.reading() as tx:
            waiting = await tx.turns.waiting(conversation.id)
        return waiting[-1] if waiting and waiting[-1].author_id == author_id else None


async def _checked(tx: Transaction, turn: Turn | None, typed: str) -> Turn:
    """Return a turn whose picture is there, or raise."""
    if turn is None or turn.state is not TurnState.DONE:
        raise ConversationRefused(Hindrance.NOT_IN_IT, typed=typed)
    if await living(tx, turn.id) != turn.id:
        raise Gone(turn.image_id or turn.id)
    return turn

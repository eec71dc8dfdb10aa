"""Conversations: beginning one, taking a turn, and everything that keeps the turns in order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.calls import said_by
from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Conversation, Ending, Limits, Participants, Turn, TurnState
from bot.domain.jobs import Job, JobState
from bot.domain.progress import Ticket
from bot.domain.requests import Origin, Reference, Request
from bot.domain.standing import Standing
from bot.errors import ConversationRefused, Gone, Hindrance, InvalidRequest
from bot.studio.histories import living
from bot.studio.pictures import Person, Pictures
from bot.studio.ports import Clock
from bot.studio.standing import check_banned
from bot.studio.store_ports import Store, Transaction
from bot.studio.submit import MEMBER, Submissions
from bot.studio.taking_back import take_back_turn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation goes on. `id` None: its thread is made when its first card is posted."""

    id: int | None
    channel_id: int
    guild_id: int | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a turn goes on from, when that was chosen: another turn, or pictures that begin a new root."""

    parent: str | None
    references: tuple[Reference, ...] = ()


class Conversations:
    """The conversations of all places. Every method checks again who asks."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        submissions: Submissions,
        pictures: Pictures,
        clock: Clock,
        new_id: Callable[[], str],
        limits: Limits,
        deliver: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._submissions = submissions
        self._pictures = pictures
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._deliver = deliver
        self._wake = wake

    # --- finding ------------------------------------------------------------------------------------------

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
                turn = await tx.conversations.turn_numbered(conversation.id, int(name))
            else:
                turn = await tx.conversations.turn_of_image(conversation.id, name.lower())
            return await _checked(tx, turn, typed)

    async def turn_of(self, conversation: Conversation, image_id: str) -> Turn | None:
        """Return the turn that made a picture, or None where it is of another conversation."""
        async with self._store.reading() as tx:
            return await tx.conversations.turn_of_image(conversation.id, image_id)

    async def branch_at(self, conversation: Conversation, message_id: int, person: Person) -> Branch | None:
        """Return what a reply to a message goes on from; None where the message shows no picture of ours.

        Raises Gone for a picture that was removed, or that this person may not use.
        """
        async with self._store.reading() as tx:
            image_id = await tx.conversations.image_at(message_id)
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

    # --- beginning ----------------------------------------------------------------------------------------

    async def begin(
        self,
        request: Request,
        origin: Origin,
        place: Place,
        participants: Participants,
        standing: Standing = MEMBER,
    ) -> tuple[Ticket, str]:
        """Begin a conversation with a request as its first turn; return the ticket and the conversation.

        Where the place has a conversation already (direct messages), that one ends.
        """
        conversation = self._new(place, origin.member_id, participants, request)
        joining = _Beginning(self, conversation)
        ticket = await self._submissions.submit(request, origin, standing, joining)
        return ticket, ticket.job.request.conversation or conversation.id

    async def begin_from(
        self, image_id: str, person: Person, place: Place, participants: Participants
    ) -> Conversation:
        """Begin a conversation whose root is a picture that is there; raise Gone where it is not."""
        shown = await self._pictures.of_image(image_id, person)
        image, job = shown.images[0], shown.job
        conversation = self._new(place, person.id, participants, job.request)
        conversation = conversation.evolve(private=image.private)
        root = Turn(
            id=self._new_id(),
            conversation_id=conversation.id,
            number=1,
            job_id=job.id,
            author_id=image.owner_id,
            state=TurnState.DONE,
            created_at=self._clock.now(),
            position=image.position,
            said=said_by(job.request),
            image_id=image.id,
            family=self._family(job.request.options.model),
        )
        async with self._store.transaction() as tx:
            await check_banned(tx, place.guild_id, person.id, self._clock.now())
            await self._replace(tx, place)
            made_in = await tx.conversations.turn(job.id)
            if made_in is not None and made_in.said is not None:
                root = root.evolve(said=made_in.said)
            await tx.conversations.insert(conversation.evolve(head=root.id, turns=1))
            await tx.conversations.insert_turn(root)
        return conversation.evolve(head=root.id, turns=1)

    async def opened(self, conversation_id: str, place_id: int | None) -> None:
        """Remember the thread of a conversation that was begun before it had one; None: there is none."""
        async with self._store.transaction() as tx:
            found = await tx.conversations.lock(conversation_id)
            if found is not None:
                await tx.conversations.save(found.evolve(place_id=place_id))

    def _new(self, place: Place, owner_id: int, who: Participants, request: Request) -> Conversation:
        now = self._clock.now()
        return Conversation(
            id=self._new_id(),
            place_id=place.id,
            channel_id=place.channel_id,
            guild_id=place.guild_id,
            owner_id=owner_id,
            participants=who,
            model=request.options.model,
            created_at=now,
            updated_at=now,
            private=request.private,
        )

    async def _replace(self, tx: Transaction, place: Place) -> None:
        if place.id is not None and (earlier := await tx.conversations.open_at(place.id)) is not None:
            await self._close(tx, earlier, Ending.ASKED)

    # --- turns --------------------------------------------------------------------------------------------

    async def take(
        self,
        conversation: Conversation,
        request: Request,
        origin: Origin,
        *,
        branch: Branch | None = None,
        instead_of: Turn | None = None,
        prompt_id: int | None = None,
        standing: Standing = MEMBER,
    ) -> Ticket:
        """Add a turn: it is made when those before it are. Returns its ticket, or raises a Refusal.

        `instead_of` is a turn that waits: it is cancelled, and this one has its place. Whoever writes is
        charged. Where a limit of the conversation is reached it ends, and the refusal says which.
        """
        if branch is not None and branch.references:
            request = request.evolve(references=(*branch.references, *request.references))
        joining = _Joining(self, conversation.id, branch, instead_of, prompt_id)
        try:
            return await self._submissions.submit(request, origin, standing, joining)
        except ConversationRefused as refused:
            if refused.hindrance is not Hindrance.LIMIT:
                raise
            await self._end(conversation.id, Ending(str(refused.values["ending"])))
            raise

    async def asked_by(self, prompt_id: int) -> tuple[Conversation, Turn, bool] | None:
        """Return the open conversation and the latest turn that a message asked for, and whether it waits."""
        async with self._store.reading() as tx:
            turn = await tx.conversations.turn_of_prompt(prompt_id)
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

    async def cancel(self, turn: Turn) -> bool:
        """Cancel a turn that waits and release what it held back; False where it does not wait any more."""
        async with self._store.transaction() as tx:
            cancelled = await take_back_turn(tx, turn, self._clock.now())
        if cancelled is not None:
            self._after_cancelling([cancelled])
        return cancelled is not None

    async def last_waiting(self, conversation: Conversation, author_id: int) -> Turn | None:
        """Return the last turn that waits where it is somebody's own: what a correction is joined to."""
        async with self._store.reading() as tx:
            waiting = await tx.conversations.waiting_turns(conversation.id)
        return waiting[-1] if waiting and waiting[-1].author_id == author_id else None

    # --- the end ------------------------------------------------------------------------------------------

    async def end(self, person: Person) -> Conversation:
        """End the conversation of this place; only its owner and moderators may."""
        conversation = await self.here(person)
        if person.id != conversation.owner_id and not person.moderator:
            raise ConversationRefused(Hindrance.OWNER_ONLY)
        await self._end(conversation.id, Ending.ASKED)
        return conversation

    async def place_gone(self, place_id: int) -> None:
        """End the conversation of a thread that was deleted, and release what waits."""
        if (conversation := await self.at(place_id)) is not None:
            await self._end(conversation.id, Ending.GONE)

    async def channel_gone(self, channel_id: int) -> None:
        """End the conversations of a channel that was deleted with its threads."""
        async with self._store.reading() as tx:
            found = await tx.conversations.open_in_channel(channel_id)
        for conversation in found:
            await self._end(conversation.id, Ending.GONE)

    async def _end(self, conversation_id: str, ending: Ending) -> None:
        async with self._store.transaction() as tx:
            conversation = await tx.conversations.lock(conversation_id)
            if conversation is None or not conversation.is_open:
                return
            cancelled = await self._close(tx, conversation, ending)
        log.info("conversation %s ended: %s", conversation_id, ending)
        self._after_cancelling(cancelled)

    async def _close(self, tx: Transaction, conversation: Conversation, ending: Ending) -> list[Job]:
        """End a conversation and cancel what waits in it; return the jobs that were cancelled."""
        now = self._clock.now()
        waiting = await tx.conversations.waiting_turns(conversation.id)
        cancelled = [await take_back_turn(tx, turn, now) for turn in waiting]
        await tx.conversations.save(conversation.ended(ending, now))
        return [job for job in cancelled if job is not None]

    def _after_cancelling(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.origin.message_id is None:  # its card says that it is being made
                self._deliver(job.id)
        self._wake()

    def _family(self, model: str) -> str:
        try:
            return self._catalogue.resolve(model).model.family
        except InvalidRequest:
            return ""


class _Joining:
    """Writes a turn together with its job (`submit.Companion`)."""

    def __init__(
        self,
        conversations: Conversations,
        conversation_id: str,
        branch: Branch | None,
        instead_of: Turn | None,
        prompt_id: int | None,
    ) -> None:
        self._conversations = conversations
        self._conversation_id = conversation_id
        self._branch = branch
        self._instead_of = instead_of
        self._prompt_id = prompt_id

    async def before(self, tx: Transaction, request: Request, origin: Origin) -> Request:
        """Return the request as the next turn, where the conversation takes one."""
        conversation = await self._locked(tx)
        if not conversation.may_take_part(origin.member_id):
            raise ConversationRefused(Hindrance.NOT_A_PARTICIPANT)
        number = conversation.turns + 1
        if self._instead_of is not None:
            if await take_back_turn(tx, self._instead_of, self._now) is None:
                raise ConversationRefused(Hindrance.HEAD_MOVED)
            number = self._instead_of.number
        else:
            limits = self._conversations._limits
            spent = await tx.conversations.spent(conversation.id) if limits.micros else 0
            conversation.check_turn(limits, spent=spent, now=self._now)
        head = self._branch.parent if self._branch is not None else conversation.head
        earlier = 0 if head is None else len(await tx.conversations.ancestors(head))
        return request.evolve(
            conversation=conversation.id, turn=number, earlier=earlier, private=conversation.private
        )

    async def after(self, tx: Transaction, job: Job) -> None:
        """Write the turn; the conversation goes on with its model."""
        conversation = await self._locked(tx)
        number = job.request.turn
        await tx.conversations.insert_turn(
            Turn(
                id=job.id,
                conversation_id=conversation.id,
                number=number,
                job_id=job.id,
                author_id=job.origin.member_id,
                state=TurnState.WAITING,
                created_at=job.created_at,
                parent=self._branch.parent if self._branch is not None else None,
                branches=self._branch is not None,
                prompt_id=self._prompt_id if self._prompt_id is not None else job.origin.message_id,
            )
        )
        await tx.conversations.save(
            conversation.evolve(
                turns=max(conversation.turns, number),
                model=job.request.options.model,
                updated_at=job.created_at,
            )
        )

    @property
    def _now(self) -> int:
        return self._conversations._clock.now()

    async def _locked(self, tx: Transaction) -> Conversation:
        conversation = await tx.conversations.lock(self._conversation_id)
        if conversation is None:
            raise ConversationRefused(Hindrance.NONE_HERE)
        return conversation


class _Beginning(_Joining):
    """Writes a conversation together with its first turn and its job."""

    def __init__(self, conversations: Conversations, conversation: Conversation) -> None:
        super().__init__(conversations, conversation.id, None, None, None)
        self._new = conversation

    async def before(self, tx: Transaction, request: Request, origin: Origin) -> Request:
        """Write the conversation first; an earlier one in the same place ends."""
        place = Place(self._new.place_id, self._new.channel_id, self._new.guild_id)
        await self._conversations._replace(tx, place)
        await tx.conversations.insert(self._new)
        return await super().before(tx, request, origin)


async def _checked(tx: Transaction, turn: Turn | None, typed: str) -> Turn:
    """Return a turn whose picture is there, or raise."""
    if turn is None or turn.state is not TurnState.DONE:
        raise ConversationRefused(Hindrance.NOT_IN_IT, typed=typed)
    if await living(tx, turn.id) != turn.id:
        raise Gone(turn.image_id or turn.id)
    return turn

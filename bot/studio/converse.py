"""Conversations: beginning one and taking a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.calls import said_by
from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Conversation, Ending, Limits, Participants, Turn, TurnState
from bot.domain.progress import Ticket
from bot.domain.requests import Origin, Request
from bot.domain.standing import Standing
from bot.errors import ConversationRefused, Hindrance, InvalidRequest
from bot.studio.consequences import check_banned
from bot.studio.endings import Endings
from bot.studio.joining import Beginning, Joining
from bot.studio.lookup import Branch
from bot.studio.pictures import Person, Pictures
from bot.studio.ports import Clock
from bot.studio.store_ports import Store
from bot.studio.submit import MEMBER, Submissions


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation goes on. `id` None: its thread is made when its first card is posted."""

    id: int | None
    channel_id: int
    guild_id: int | None


class Conversations:
    """Begins conversations and adds turns. Every method checks again who asks."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        submissions: Submissions,
        pictures: Pictures,
        endings: Endings,
        clock: Clock,
        new_id: Callable[[], str],
        limits: Limits,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._submissions = submissions
        self._pictures = pictures
        self._endings = endings
        self._clock = clock
        self._new_id = new_id
        self._limits = limits

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
        joining = Beginning(conversation, self._endings, self._limits, self._clock)
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
            await self._endings.make_room(tx, place.id)
            made_in = await tx.turns.get(job.id)
            if made_in is not None and made_in.said is not None:
                root = root.evolve(said=made_in.said)
            await tx.conversations.insert(conversation.evolve(head=root.id, turns=1))
            await tx.turns.insert(root)
        return conversation.evolve(head=root.id, turns=1)

    async def opened(self, conversation_id: str, place_id: int | None) -> None:
        """Remember the thread of a conversation that was begun before it had one; None: there is none."""
        async with self._store.transaction() as tx:
            found = await tx.conversations.lock(conversation_id)
            if found is not None:
                await tx.conversations.save(found.evolve(place_id=place_id))

    async def take(
        self,
        conversation: Conversation,
        request: Request,
        origin: Origin,
        *,
        branch: Branch | None = None,
        instead_of: Turn | None = None,
        written_in: int | None = None,
        standing: Standing = MEMBER,
    ) -> Ticket:
        """Add a turn: it is made when those before it are. Returns its ticket, or raises a Refusal.

        `instead_of` is a turn that waits: it is cancelled, and this one has its place. Whoever writes is
        charged. `written_in` is the message with the latest words, where another one is answered. Where a
        limit of the conversation is reached it ends, and the refusal says which.
        """
        if branch is not None and branch.references:
            request = request.evolve(references=(*branch.references, *request.references))
        joining = Joining(
            conversation.id,
            self._limits,
            self._clock,
            branch=branch,
            instead_of=instead_of,
            written_in=written_in,
        )
        try:
            return await self._submissions.submit(request, origin, standing, joining)
        except ConversationRefused as refused:
            if refused.hindrance is not Hindrance.LIMIT:
                raise
            await self._endings.end_now(conversation.id, Ending(str(refused.values["ending"])))
            raise

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

    def _family(self, model: str) -> str:
        try:
            return self._catalogue.resolve(model).model.family
        except InvalidRequest:
            return ""

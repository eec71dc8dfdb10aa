"""What is written of a conversation in the transaction that accepts a turn's job (`submit.Companion`)."""

from __future__ import annotations

from bot.domain.conversations import Conversation, Limits, Turn, TurnState
from bot.domain.jobs import Job
from bot.domain.requests import Origin, Request
from bot.errors import ConversationRefused, Hindrance
from bot.studio.endings import Endings
from bot.studio.lookup import Branch
from bot.studio.ports import Clock
from bot.studio.store_ports import Transaction
from bot.studio.taking_back import take_back_turn


class Joining:
    """Writes a turn together with its job."""

    def __init__(
        self,
        conversation_id: str,
        limits: Limits,
        clock: Clock,
        *,
        branch: Branch | None = None,
        instead_of: Turn | None = None,
        written_in: int | None = None,
    ) -> None:
        self._conversation_id = conversation_id
        self._limits = limits
        self._clock = clock
        self._branch = branch
        self._instead_of = instead_of
        self._written_in = written_in

    async def before(self, tx: Transaction, request: Request, origin: Origin) -> Request:
        """Return the request as the next turn, where the conversation takes one."""
        conversation = await self._locked(tx)
        if not conversation.may_take_part(origin.member_id):
            raise ConversationRefused(Hindrance.NOT_A_PARTICIPANT)
        number = conversation.turns + 1
        if self._instead_of is not None:
            if await take_back_turn(tx, self._instead_of, self._clock.now()) is None:
                raise ConversationRefused(Hindrance.HEAD_MOVED)
            number = self._instead_of.number
        else:
            spent = await tx.conversations.spent(conversation.id) if self._limits.micros else 0
            conversation.check_turn(self._limits, spent=spent, now=self._clock.now())
        head = self._branch.parent if self._branch is not None else conversation.head
        earlier = 0 if head is None else len(await tx.turns.ancestors(head))
        return request.evolve(
            conversation=conversation.id, turn=number, earlier=earlier, private=conversation.private
        )

    async def after(self, tx: Transaction, job: Job) -> None:
        """Write the turn; the conversation goes on with its model."""
        conversation = await self._locked(tx)
        number = job.request.turn
        await tx.turns.insert(
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
                prompt_id=job.origin.message_id,
            )
        )
        if self._instead_of is not None:
            await tx.retractions.copy_messages(self._instead_of.job_id, job.id)
        if self._written_in is not None and self._written_in != job.origin.message_id:
            await tx.retractions.add_message(job.id, self._written_in, pictures=False)
        await tx.conversations.save(
            conversation.evolve(
                turns=max(conversation.turns, number),
                model=job.request.options.model,
                updated_at=job.created_at,
            )
        )

    async def _locked(self, tx: Transaction) -> Conversation:
        conversation = await tx.conversations.lock(self._conversation_id)
        if conversation is None:
            raise ConversationRefused(Hindrance.NONE_HERE)
        return conversation


class Beginning(Joining):
    """Writes a conversation together with its first turn and its job."""

    def __init__(self, conversation: Conversation, endings: Endings, limits: Limits, clock: Clock) -> None:
        super().__init__(conversation.id, limits, clock)
        self._new = conversation
        self._endings = endings

    async def before(self, tx: Transaction, request: Request, origin: Origin) -> Request:
        """Write the conversation first; an earlier one in the same place ends."""
        await self._endings.make_room(tx, self._new.place_id)
        await tx.conversations.insert(self._new)
        return await super().before(tx, request, origin)

"""What a turn's job sends, and what becomes of its conversation when the job ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.domain.answers import Answer
from bot.domain.calls import Content, UserContent
from bot.domain.catalogue import Catalogue, Model
from bot.domain.conversations import Conversation, Turn, TurnNote, TurnState
from bot.domain.histories import History, Room, build_history, from_head_alone
from bot.domain.jobs import Job
from bot.errors import InvalidRequest, StaleState
from bot.studio.ports import Clock
from bot.studio.retract import take_words
from bot.studio.store_ports import Store, Transaction

# A model that takes few pictures at once is not to be relied on with many earlier ones either.
PICTURES_TIMES = 3


class Histories(Protocol):
    """The part of conversations that work on jobs needs."""

    async def begin(self, job: Job, newest: UserContent) -> tuple[Content, ...]:
        """Return the contents of a turn's request: the path that it goes on from, and its own words."""
        ...

    async def begin_alone(self, job: Job, newest: UserContent) -> tuple[Content, ...]:
        """Return contents without the history, after the provider refused it."""
        ...

    async def parent_image(self, tx: Transaction, job: Job) -> str | None:
        """Return the id of the picture that a turn was made from."""
        ...

    async def made(self, tx: Transaction, job: Job, image_id: str, answer: Answer) -> None:
        """Write that a turn has its picture."""
        ...

    async def failed(self, tx: Transaction, job: Job) -> None:
        """Write that a turn has come to nothing."""
        ...


class TurnHistories:
    """Decides where a turn goes on from when it starts, and keeps what was said."""

    def __init__(self, store: Store, catalogue: Catalogue, clock: Clock, *, most_bytes: int) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._most_bytes = most_bytes

    async def begin(self, job: Job, newest: UserContent) -> tuple[Content, ...]:
        """Return the contents of a turn's request; a second attempt goes on from where the first did."""
        return await self._store.write(lambda tx: self._begin(tx, job, newest))

    async def begin_alone(self, job: Job, newest: UserContent) -> tuple[Content, ...]:
        """Return the head's picture and the words; what follows from this turn begins here, too."""
        return await self._store.write(lambda tx: self._begin(tx, job, newest, alone=True))

    async def parent_image(self, tx: Transaction, job: Job) -> str | None:
        """Return the id of the picture of the turn before."""
        turn = await tx.turns.get(job.id)
        if turn is None or turn.parent is None:
            return job.request.parent
        parent = await tx.turns.get(turn.parent)
        return None if parent is None else parent.image_id

    async def made(self, tx: Transaction, job: Job, image_id: str, answer: Answer) -> None:
        """Write the picture to its turn; it becomes the head unless somebody moved the head meanwhile."""
        conversation, turn = await _both(tx, job)
        if turn.said is None:
            raise StaleState(f"turn {turn.id} was made and never started")
        model = self._family_of(answer.model) or self._family_of(job.request.options.model)
        done = turn.evolve(state=TurnState.DONE, image_id=image_id, family=model)
        await tx.turns.save(done)
        await tx.conversations.save(conversation.advanced(done, self._clock.now()))
        await take_words(tx, job.id, self._clock.now())

    async def failed(self, tx: Transaction, job: Job) -> None:
        """Take a turn out of the tree; the head stays where it is."""
        turn = await tx.turns.get(job.id)
        if turn is not None:
            await tx.turns.save(turn.evolve(state=TurnState.FAILED))
            await take_words(tx, job.id, self._clock.now())

    # --- steps --------------------------------------------------------------------------------------------

    async def _started(self, tx: Transaction, job: Job) -> Turn:
        """Return the turn with its parent decided: once, however often its job is tried."""
        conversation, turn = await _both(tx, job)
        if turn.state is not TurnState.WAITING:
            return turn
        parent = turn.parent if turn.branches else await living(tx, conversation.head)
        started = turn.evolve(state=TurnState.STARTED, parent=parent, moves=conversation.moves)
        await tx.turns.save(started)
        return started

    async def _begin(
        self, tx: Transaction, job: Job, newest: UserContent, *, alone: bool = False
    ) -> tuple[Content, ...]:
        """Decide what is sent and keep what is said, in one step with reading the path, which may be long."""
        turn = await self._started(tx, job)
        path = () if turn.parent is None else await tx.turns.path(turn.parent)
        if alone or turn.alone:
            said = from_head_alone(path, newest)
            history = History((said,), (TurnNote.FROM_HEAD_ALONE,))
            # What was noted about a history that did not go along is not true any more.
            turn = turn.evolve(alone=True, notes=())
        else:
            said = newest
            model = self._catalogue.resolve(job.request.options.model).model
            history = build_history(path, newest, family=model.family, room=self._room(model))
        await tx.turns.save(turn.evolve(said=said, notes=turn.noting(history.notes)))
        return history.contents

    def _room(self, model: Model) -> Room:
        return replace(Room(), pictures=model.max_inputs * PICTURES_TIMES, bytes=self._most_bytes)

    def _family_of(self, model_id: str) -> str:
        try:
            return self._catalogue.resolve(model_id).model.family
        except InvalidRequest:
            return ""


async def living(tx: Transaction, turn_id: str | None) -> str | None:
    """Return the nearest turn whose picture is still there: what was removed is not gone on from."""
    if turn_id is None:
        return None
    for node in await tx.turns.ancestors(turn_id):
        if node.sha256 is not None:
            return node.id
    return None


async def _both(tx: Transaction, job: Job) -> tuple[Conversation, Turn]:
    conversation = await tx.conversations.lock(job.request.conversation or "")
    turn = await tx.turns.get(job.id)
    if conversation is None or turn is None:
        raise LookupError(f"job {job.id} is a turn of no conversation")
    return conversation, turn

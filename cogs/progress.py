"""Keeping the cards of jobs on their way up to date, without getting in the way of their results."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.errors import DeliveryError
from bot.studio.ports import Clock, Waits
from cogs.waiting import until

log = logging.getLogger(__name__)

# Discord allows about five edits in five seconds through one token, and the result needs one of them. The
# end of a job is not held back by this: there is only one.
SECONDS_TO_READ_THE_FIRST = 1.0
SECONDS_BETWEEN_EDITS = 2.5
# Who was told to wait is one of many: their jobs begin first, and then they read how far theirs is.
SECONDS_BEFORE_THE_FIRST = 0.5
# The last stage does not wait for that, but a word that is gone at once tells nobody anything.
SECONDS_BEFORE_THE_LAST_STAGE = 0.25
# In a burst a result is worth more than the word that it is coming: what waits here for its turn is
# forgotten when the result is there.
EDITS_AT_ONCE = 8
# A round of the event loop that takes so long has other things to do than words about work. They wait for a
# better moment, but not for ever: a machine that is always busy tells them as well.
BUSY_ROUND = 0.004
SECONDS_TO_LOOK_AGAIN = 0.1
SECONDS_TO_PUT_OFF = 2.0
REMEMBERED = 1000  # jobs that were closed lately

_ORDER = tuple(Stage)
_State = tuple[Stage, int, Outlook]


@dataclass(slots=True)
class _Card:
    """What a card shows and what it should show."""

    job: Job
    wanted: _State
    next_edit: float  # monotonic
    shown: _State | None = (Stage.PREPARING, 0, NOTHING_KNOWN)  # None: nothing yet
    editing: asyncio.Lock = field(default_factory=asyncio.Lock)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Progress:
    """One background task for each card that is behind; only its latest state is ever sent.

    Three orders are kept: no edit before the interaction was acknowledged (`acknowledging`), none back to an
    earlier stage (whoever tells places in the queue may know less than who works on the job), and none
    after the result (`close` waits for an edit that is on the wire and forbids the next).
    """

    def __init__(
        self, edit: Callable[[Job, Stage, int, Outlook], Awaitable[None]], clock: Clock, waits: Waits
    ) -> None:
        self._edit = edit
        self._clock = clock
        self._waits = waits
        self._cards: dict[str, _Card] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._edits = asyncio.Semaphore(EDITS_AT_ONCE)
        self._closed: dict[str, None] = {}  # in the order in which they were closed

    @asynccontextmanager
    async def acknowledging(self, key: str) -> AsyncIterator[None]:
        """Hold back everything about the job with this origin key until the block has answered Discord."""
        gate = self._gates.setdefault(key, asyncio.Event())
        try:
            yield
        finally:
            gate.set()
            self._gates.pop(key, None)

    def show(self, job: Job, stage: Stage, ahead: int, outlook: Outlook = NOTHING_KNOWN) -> None:
        """Bring a job's card to this state as soon as it may be edited."""
        if job.id in self._closed:
            return
        card = self._cards.get(job.id)
        if card is not None and _ORDER.index(stage) < _ORDER.index(card.wanted[0]):
            return
        if card is None:
            first = self._clock.monotonic() + SECONDS_TO_READ_THE_FIRST
            card = self._cards[job.id] = _Card(job, wanted=(stage, ahead, outlook), next_edit=first)
        card.job, card.wanted = job, (stage, ahead, outlook)
        if stage is Stage.FINALIZING:
            card.hurry.set()
        self._begin_to_catch_up(card)

    def show_first(self, job: Job, ahead: int, outlook: Outlook = NOTHING_KNOWN) -> None:
        """Bring a card that shows nothing yet to where its job is by then, after a short pause."""
        self.show(job, Stage.PREPARING, ahead, outlook)
        if (card := self._cards.get(job.id)) is not None:
            card.shown, card.next_edit = None, self._clock.monotonic() + SECONDS_BEFORE_THE_FIRST
            self._begin_to_catch_up(card)

    async def close(self, job: Job) -> None:
        """Let no edit of this job's card happen from now on."""
        if (gate := self._gates.get(job.origin.key)) is not None:
            await gate.wait()
        self._closed[job.id] = None
        if len(self._closed) > REMEMBERED:
            del self._closed[next(iter(self._closed))]
        card = self._cards.pop(job.id, None)
        if card is None or card.task is None:
            return
        async with card.editing:
            card.task.cancel()
        await asyncio.gather(card.task, return_exceptions=True)

    def _begin_to_catch_up(self, card: _Card) -> None:
        if card.wanted != card.shown and (card.task is None or card.task.done()):
            card.task = asyncio.create_task(self._catch_up(card), name=f"card {card.job.id}")

    async def _catch_up(self, card: _Card) -> None:
        if (gate := self._gates.get(card.job.origin.key)) is not None:
            await gate.wait()
        while card.wanted != card.shown:
            await self._pause(card)
            async with self._edits:
                await self._calm()
                await self._edit_now(card)

    async def _edit_now(self, card: _Card) -> None:
        async with card.editing:
            card.shown = shown = card.wanted
            try:
                await self._edit(card.job, *shown)
            except DeliveryError as error:
                log.info("the card of job %s was not edited: %s", card.job.id, error)
            card.next_edit = self._clock.monotonic() + SECONDS_BETWEEN_EDITS

    async def _calm(self) -> None:
        """Return when the event loop is not busy, at the latest after a while."""
        began = now = self._clock.monotonic()
        while now - began < SECONDS_TO_PUT_OFF:
            await asyncio.sleep(0)  # a round of the event loop
            if self._clock.monotonic() - now < BUSY_ROUND:
                return
            await self._waits(self._clock.sleep(SECONDS_TO_LOOK_AGAIN), "card")
            now = self._clock.monotonic()

    async def _pause(self, card: _Card) -> None:
        """Wait until the card may be edited again, or is about to be finished."""
        seconds = card.next_edit - self._clock.monotonic()
        if seconds > 0 and not card.hurry.is_set():
            await self._waits(until(card.hurry, seconds), "card")
        if card.hurry.is_set():
            await self._waits(self._clock.sleep(SECONDS_BEFORE_THE_LAST_STAGE), "card")

"""Getting a finished job's answer to the person who asked, by whatever way still works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from weakref import WeakValueDictionary

from bot.domain.deliveries import Delivery, DeliveryState, Way, ways
from bot.domain.images import Image
from bot.domain.jobs import FailureCode, Job, JobState
from bot.domain.requests import Origin
from bot.errors import DeliveryError, StorageError
from bot.studio.about import tell_job
from bot.studio.copies import Copies
from bot.studio.delivery_leases import DeliveryLeases
from bot.studio.drawings import Drawings
from bot.studio.fitting import Fitting
from bot.studio.message_changes import MessageChanges
from bot.studio.notifier_ports import Attachment, Notifier, Outcome, Posted
from bot.studio.observer import UNOBSERVED, Observer
from bot.studio.patience import Patience
from bot.studio.places import place_of_parent
from bot.studio.ports import Blobs, Clock, Imaging, Waits
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
# A way that fails for a reason nobody expected is tried in so many rounds before it counts as closed.
ROUNDS_IN_DOUBT = 5


class Deliverer:
    """Delivers outcomes: by token while it is young, else the channel, else directly, else it is kept."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        imaging: Imaging,
        notifier: Notifier,
        clock: Clock,
        waits: Waits,
        leases: DeliveryLeases,
        drawings: Drawings,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.leases = leases
        self.drawings = drawings
        self._store = store
        self._blobs = blobs
        self._fitting = Fitting(imaging)
        self._notifier = notifier
        self._clock = clock
        self._waits = waits
        self._observer = observer
        self._patiently = Patience(clock, waits)
        self._change = MessageChanges(clock, waits)
        # Loading, posting and recording one job's answer is one step: what is posted is what was there
        # when it was recorded, and a deletion that comes meanwhile finds it recorded.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.copies = Copies(
            store=store, blobs=blobs, notifier=notifier, clock=clock, waits=waits, fitting=self._fitting
        )

    async def deliver(self, job_id: str) -> None:
        """Deliver one finished job. Tries as long as Discord's fault is a passing one.

        When this is cancelled or the program dies, the delivery stays PENDING and the next start repeats
        it: every way is safe to repeat. Where another process has it in hand, nothing happens here.
        """
        pause = 2.0
        while await self._one_round(job_id):
            await self._waits(self._clock.sleep(pause), "delivery")
            pause = min(LONGEST_PAUSE, pause * 2)

    async def hand_over_kept(self, origin: Origin) -> None:
        """Give a member what could not be delivered earlier, as private follow-ups of a new interaction.

        What fails stays kept: the interaction is about something else and goes on.
        """
        try:
            kept = await self._store.read(lambda tx: tx.deliveries.kept_for(origin.member_id))
            for job_id in kept:
                await self._hand_over(job_id, origin)
        except StorageError as error:
            log.warning("what is kept for member %d was not handed over: %s", origin.member_id, error)

    async def refresh(self, job_id: str) -> bool:
        """Make a posted answer, its copies and the drawings with it agree with what is there now, as after
        a deletion.

        Return False where Discord does not let us; there is nothing posted in the other states.
        """
        refreshed = await self._refresh_answer(job_id)
        return await self._withdraw_others(job_id) and refreshed

    async def agree(self, image_id: str) -> None:
        """Make every message with a picture show it, or what became of it; raise DeliveryError where
        Discord does not let us. Safe to repeat."""
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        if image is None:
            return
        failed: list[DeliveryError] = []
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            partial(self._update, image.job_id, withdrawn=False),
            partial(self.copies.agree, image_id),
            partial(self.drawings.agree, image_id),
        )
        for step in steps:
            try:
                await step()
            except DeliveryError as error:  # one that cannot be changed keeps none of the others
                failed.append(error)
        if failed:
            raise max(failed, key=lambda error: error.passing)  # while another try can help, there is one

    async def agree_all(self, job_id: str) -> None:
        """Make a job's answer, however it ended, and the copies of its pictures agree with what is there now.

        Raises DeliveryError where Discord does not let us, or where the answer is still on its way: whoever
        delivers it may have read the job before. Safe to repeat.
        """
        # Within a turn: an answer that is being posted here is waited for until it is recorded.
        async with self._turn(job_id), self._store.reading() as tx:
            delivery = await tx.deliveries.get(job_id)
            images = await tx.images.of_job(job_id)
        if delivery is not None and delivery.state is DeliveryState.PENDING:
            raise DeliveryError("it is being delivered", passing=True)
        await self._update(job_id, withdrawn=False)
        for image in images:
            await self.copies.agree(image.id)

    async def withdraw(self, job_id: str) -> bool:
        """Take a posted answer and its copies away, and out of drawings, whatever became of the job.

        Its pictures are deleted by then. Return False where Discord does not let us.
        """
        gone = await self._refresh_answer(job_id, withdrawn=True)
        return await self._withdraw_others(job_id) and gone

    async def _withdraw_others(self, job_id: str) -> bool:
        """Take deleted pictures away wherever else they stand; False where Discord does not let us."""
        removed = await self.copies.withdraw(job_id)
        return await self.drawings.withdraw(job_id) and removed

    async def _refresh_answer(self, job_id: str, *, withdrawn: bool = False) -> bool:
        return await self._change(
            lambda: self._update(job_id, withdrawn=withdrawn), f"the message of job {job_id}"
        )

    # --- one job ------------------------------------------------------------------------------------------

    async def _one_round(self, job_id: str) -> bool:
        """Try all ways once, record how that went, and return whether another round may help."""
        async with self._turn(job_id):
            loaded = await self._patiently(lambda: self._take(job_id, DeliveryState.PENDING), "delivery")
            if loaded is None:
                return False
            job = loaded[1].job
            tell_job(job)
            delivery, passing = await self._try_ways(*loaded)
            # In this order: a start tidies up behind those alone whose answer is still to be delivered.
            await self._tidy(job)
            await self._patiently(lambda: self._save(delivery), "delivery")
            if delivery.state is not DeliveryState.PENDING:
                self._observer.delivered(job, delivery)
        return passing

    async def _tidy(self, job: Job) -> None:
        """Remove what is on disk of the answers; the database has it. Failing is no fault."""
        try:
            await self._blobs.drop_answers(job.id, job.request.options.count)
        except StorageError as error:
            log.warning("the answers of job %s stay on disk: %s", job.id, error)

    async def _hand_over(self, job_id: str, origin: Origin) -> None:
        async with self._turn(job_id):
            loaded = await self._take(job_id, DeliveryState.KEPT)
            if loaded is None:
                return
            delivery, outcome = loaded
            try:
                posted = await self._send(outcome, Way.FOLLOW_UP, delivery, origin)
            except DeliveryError as error:
                log.info("job %s stays kept: %s", job_id, error)
                return
            sent = self._sent(delivery, Way.FOLLOW_UP, posted)
            await self._patiently(lambda: self._save(sent), "delivery")
            self._observer.delivered(outcome.job, sent)

    async def _update(self, job_id: str, *, withdrawn: bool) -> None:
        async with self._turn(job_id):
            loaded = await self._load(job_id, DeliveryState.SENT)
            if loaded is None:
                return
            delivery, outcome = loaded
            if delivery.message_id is None:
                return  # somebody removed it before
            if withdrawn:
                outcome = Outcome(outcome.job, withdrawn=True)
            limit = outcome.job.origin.upload_limit
            await self._fitting.post(outcome, limit, lambda fitted: self._notifier.update(fitted, delivery))

    def _turn(self, job_id: str) -> asyncio.Lock:
        return self._turns.setdefault(job_id, asyncio.Lock())

    async def _take(self, job_id: str, state: DeliveryState) -> tuple[Delivery, Outcome] | None:
        """The same as `_load`, where no other process has it in hand; until it is recorded, none takes it."""
        if await self.leases.take(self._store, job_id, state):
            return await self._load(job_id, state)
        return None

    async def _load(self, job_id: str, state: DeliveryState) -> tuple[Delivery, Outcome] | None:
        """Return a job's delivery where it is in this state, and what its owner gets."""

        async def load(tx: Transaction) -> tuple[Delivery, Outcome] | None:
            found = await tx.deliveries.with_job(job_id, state)
            if found is None:
                return None
            job, delivery = found
            outcome = Outcome(job)
            if job.state is JobState.SUCCEEDED:
                outcome = self._outcome(job, *await tx.images.result_of(job_id))
            elif job.failure is not None and job.failure.code is FailureCode.NO_IMAGE:
                # Perhaps a question, which only the member can answer.
                outcome = Outcome(job, notes=tuple(await tx.answers.notes_of(job_id)))
            turn = await tx.turns.get(job_id) if job.request.conversation else None
            parent = await place_of_parent(tx, job)
            return delivery, outcome.evolve(turn=turn, parent_at=parent.url if parent is not None else "")

        return await self._store.read(load)

    def _outcome(self, job: Job, images: Sequence[Image], notes: Sequence[str]) -> Outcome:
        shown = [image for image in images if image.available]
        withheld = {image.withheld for image in images if image.deleted_at is None and image.withheld}
        return Outcome(
            job,
            attachments=tuple(Attachment(image, self._blobs.path(image.sha256)) for image in shown),
            notes=tuple(notes) if shown or not images else (),
            short_of=job.request.images - len(images),
            withdrawn=bool(images) and not shown and not withheld,
            withheld=max(withheld, default=None),  # "removed" is the stronger word, and the later letter
        )

    async def _save(self, delivery: Delivery) -> None:
        await self._store.write(lambda tx: tx.deliveries.save(delivery))

    # --- the ways -----------------------------------------------------------------------------------------

    async def _try_ways(self, delivery: Delivery, outcome: Outcome) -> tuple[Delivery, bool]:
        """Return the delivery as it stands after one round, and whether another round may help."""
        job = outcome.job
        passing = False
        for way in ways(job.origin, private=job.request.private, now=self._clock.now()):
            try:
                posted = await self._send(outcome, way, delivery, job.origin)
            except DeliveryError as error:
                log.info("job %s not delivered by %s: %s", job.id, way, error)
                if error.passing:
                    # Discord is down, not the way closed: a worse way now would be one answer too many later.
                    passing = True
                    break
            else:
                return self._sent(delivery, way, posted), False
        state = DeliveryState.PENDING if passing else DeliveryState.KEPT
        return delivery.evolve(state=state, tries=delivery.tries + 1, updated_at=self._clock.now()), passing

    def _sent(self, delivery: Delivery, way: Way, posted: Posted) -> Delivery:
        return delivery.evolve(
            state=DeliveryState.SENT,
            way=way,
            channel_id=posted.channel_id,
            message_id=posted.message_id,
            tries=delivery.tries + 1,
            updated_at=self._clock.now(),
        )

    async def _send(self, outcome: Outcome, way: Way, delivery: Delivery, origin: Origin) -> Posted:
        """Send by one way, or raise DeliveryError."""
        card = None if way is Way.FOLLOW_UP else delivery.card_message_id

        async def post(fitted: Outcome) -> Posted:
            return await self._notifier.deliver(fitted, way, origin, card)

        try:
            return await self._fitting.post(outcome, origin.upload_limit, post)
        except DeliveryError:
            raise
        except Exception as error:
            # A fault of ours, or a file that cannot be read. It may pass; if not, other ways may work.
            log.exception("the delivery of job %s by %s broke", outcome.job.id, way)
            in_doubt = delivery.tries + 1 < ROUNDS_IN_DOUBT
            raise DeliveryError(f"broke: {type(error).__name__}", passing=in_doubt) from error

"""Copies of a picture beside the answer that it came with: posted when somebody brings it back, taken away
when it is deleted."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.gallery import job_of_one
from bot.domain.jobs import Job
from bot.domain.postings import Posting
from bot.domain.requests import Origin
from bot.errors import DeliveryError, Gone
from bot.studio.fitting import Fitting
from bot.studio.message_changes import MessageChanges
from bot.studio.notifier_ports import Attachment, Notifier, Outcome, Posted, Showing
from bot.studio.patience import Patience
from bot.studio.picture_files import is_there
from bot.studio.places import place_of, place_of_parent
from bot.studio.ports import Blobs, Clock, Waits
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)


class Copies:
    """Posts single pictures again and remembers where."""

    def __init__(
        self, *, store: Store, blobs: Blobs, notifier: Notifier, clock: Clock, waits: Waits, fitting: Fitting
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._notifier = notifier
        self._clock = clock
        self._fitting = fitting
        self._patiently = Patience(clock, waits)
        self._changing = MessageChanges(clock, waits)
        # Looking whether a picture is there, posting it and remembering the message is one step: a deletion
        # that comes meanwhile finds the copy remembered.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def post(
        self,
        image_id: str,
        origin: Origin,
        showing: Showing,
        *,
        hidden: bool = False,
        message_id: int | None = None,
    ) -> None:
        """Put a picture into the answer of an interaction, which waits for it ("thinking"), or reply with it.

        `hidden`: as a spoiler, whatever it was before. A copy that others see is remembered: before it is
        posted where it is known which message it will be (`message_id`), so that no crash makes it forgotten.
        Raises Gone where the picture or its file is not there (any more), DeliveryError where Discord does
        not take it. Who may see it is for the caller to check.
        """
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        if image is None:
            raise Gone(image_id)
        async with self._turn(image.job_id):
            outcome = await self._outcome(image.job_id, image_id, showing)
            if hidden:
                outcome = _as_spoiler(outcome)
            limit = origin.upload_limit
            if showing is not Showing.COPY:
                await self._fitting.post(outcome, limit, lambda fitted: self._send(fitted, origin))
                return
            posting = Posting(image_id, origin.channel_id, message_id or 0, self._clock.now(), hidden)
            if message_id is not None:
                await self._patiently(lambda: self._remember(posting), "posting")
            try:
                posted = await self._fitting.post(outcome, limit, lambda fitted: self._send(fitted, origin))
            except Exception:
                await self._patiently(lambda: self._forget(posting), "posting")
                raise
            if posted.message_id != message_id:
                posting = replace(posting, channel_id=posted.channel_id, message_id=posted.message_id)
                await self._patiently(lambda: self._remember(posting), "posting")
            if not await self._is_there(image_id):  # who erases everything does not wait for it
                await self._remove(outcome.job, posting)

    async def withdraw(self, job_id: str) -> bool:
        """Take the copies of a job's deleted pictures away; False where Discord does not let us."""
        async with self._turn(job_id):
            async with self._store.reading() as tx:
                job = await tx.jobs.get(job_id)
                postings = await tx.postings.of_job(job_id)
                there = {image.id for image in await tx.images.of_job(job_id) if image.deleted_at is None}
            if job is None:
                return True
            removed = [
                await self._remove(job, posting) for posting in postings if posting.image_id not in there
            ]
        return all(removed)

    async def take_away(self, image_id: str, channel_id: int) -> bool:
        """Take the copies of a picture out of a channel, and nowhere else; False where Discord does not let
        us. Who may is for the caller to check."""
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        if image is None:
            raise Gone(image_id)
        async with self._turn(image.job_id):
            async with self._store.reading() as tx:
                job = await tx.jobs.get(image.job_id)
                postings = await tx.postings.of_job(image.job_id)
            here = [item for item in postings if (item.image_id, item.channel_id) == (image_id, channel_id)]
            if job is None or not here:
                raise Gone(image_id)
            removed = [await self._remove(job, posting) for posting in here]
        return all(removed)

    async def agree(self, image_id: str) -> None:
        """Make the copies of a picture show it, or what became of it; raise DeliveryError where one cannot
        be changed, after the others."""
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        if image is None or image.deleted_at is not None:
            return  # deleted pictures' copies are withdrawn
        failed: DeliveryError | None = None
        async with self._turn(image.job_id):
            async with self._store.reading() as tx:
                job = await tx.jobs.get(image.job_id)
                images = await tx.images.of_job(image.job_id)
                postings = await tx.postings.of_job(image.job_id)
            image = next((item for item in images if item.id == image_id), None)
            if job is None or image is None:
                return
            outcome = Outcome(job, withheld=image.withheld, showing=Showing.COPY)
            if image.withheld is None:
                outcome = await self._outcome(image.job_id, image_id, Showing.COPY)
            for posting in postings:
                if posting.image_id != image_id:
                    continue
                shown = _as_spoiler(outcome) if posting.spoiler else outcome
                try:
                    await self._change(shown, posting)
                except DeliveryError as error:
                    failed = error
        if failed is not None:
            raise failed

    async def _change(self, outcome: Outcome, posting: Posting) -> None:
        """Show something else in one message; forget one that is not there any more."""
        at = _delivered(outcome.job, posting)

        async def update(fitted: Outcome) -> Posted:
            await self._notifier.update(fitted, at)
            return Posted(posting.channel_id, posting.message_id)

        try:
            await self._fitting.post(outcome, outcome.job.origin.upload_limit, update)
        except DeliveryError as error:
            if not error.gone:
                raise
            await self._patiently(lambda: self._forget(posting), "posting")

    async def _outcome(self, job_id: str, image_id: str, showing: Showing) -> Outcome:
        async with self._store.reading() as tx:
            job = await tx.jobs.get(job_id)
            images = await tx.images.of_job(job_id)
            delivery = await tx.deliveries.get(job_id)
            parent = await place_of_parent(tx, job) if job is not None else None
        image = next((item for item in images if item.id == image_id and item.available), None)
        if job is None or image is None:
            raise Gone(image_id)
        path = self._blobs.path(image.sha256)
        if not await is_there(image, path):
            log.error(
                "the file %s of image %s is missing or cut off: restore it from a backup", path, image_id
            )
            raise Gone(image_id)
        alone = job_of_one(job, image, len(images))
        place = place_of(job, delivery)
        return Outcome(
            alone,
            attachments=(Attachment(image, path),),
            showing=showing,
            posted_at=place.url if place is not None else "",
            parent_at=parent.url if parent is not None else "",
        )

    async def _send(self, outcome: Outcome, origin: Origin) -> Posted:
        way = Way.TOKEN if origin.message_id is None else Way.REPLY
        return await self._notifier.deliver(outcome, way, origin, None)

    async def _remove(self, job: Job, posting: Posting) -> bool:
        """Remove one message and forget it; one that somebody else removed is forgotten, too."""
        gone = Outcome(job, withdrawn=True, showing=Showing.COPY)
        at = _delivered(job, posting)

        async def take_away() -> None:
            try:
                await self._notifier.update(gone, at)
            except DeliveryError as error:
                if not error.gone:
                    raise

        what = f"the copy {posting.message_id} of image {posting.image_id}"
        if not await self._changing(take_away, what):
            return False
        await self._patiently(lambda: self._forget(posting), "posting")
        return True

    async def _is_there(self, image_id: str) -> bool:
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        return image is not None and image.deleted_at is None

    async def _remember(self, posting: Posting) -> None:
        async with self._store.transaction() as tx:
            await tx.postings.insert(posting)

    async def _forget(self, posting: Posting) -> None:
        async with self._store.transaction() as tx:
            await tx.postings.remove(posting.message_id)

    def _turn(self, job_id: str) -> asyncio.Lock:
        return self._turns.setdefault(job_id, asyncio.Lock())


def _as_spoiler(outcome: Outcome) -> Outcome:
    job = outcome.job
    return outcome.evolve(job=job.evolve(request=job.request.evolve(spoiler=True)))


def _delivered(job: Job, posting: Posting) -> Delivery:
    """Return a copy as a delivery by its channel: the token that it was posted with is nobody's any more."""
    return Delivery(
        job.id,
        DeliveryState.SENT,
        posting.at,
        way=Way.CHANNEL,
        channel_id=posting.channel_id,
        message_id=posting.message_id,
    )

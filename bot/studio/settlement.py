"""The last transaction of a job: its images, the ledger, its state, and that its answer is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.domain.answers import Answer, Picture
from bot.domain.catalogue import Catalogue
from bot.domain.deliveries import DeliveryState
from bot.domain.images import Image, Inspected
from bot.domain.jobs import Failure, Job, JobState
from bot.domain.ledger import Entry
from bot.domain.pricing import models_asked, total_cost
from bot.errors import IdTaken, InvalidRequest
from bot.studio.closing import release_job, settle_job
from bot.studio.histories import Histories
from bot.studio.ports import Clock
from bot.studio.store_ports import Transaction


@dataclass(frozen=True, slots=True)
class Made:
    """One picture of a job that is whole: as the provider sent it, and what its bytes are."""

    picture: Picture
    found: Inspected


class Settlement:
    """Writes how a job ended. Every method is work within a transaction that commits all of it or nothing."""

    def __init__(
        self, catalogue: Catalogue, histories: Histories, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._catalogue = catalogue
        self._histories = histories
        self._clock = clock
        self._new_id = new_id

    async def succeed(
        self,
        tx: Transaction,
        job: Job,
        made: Mapping[int, Made],
        answers: Mapping[int, Answer],
        paid: int,
    ) -> Job:
        """Write the images, and settle what was paid, shown or not; return the job as it is then."""
        now = self._clock.now()
        reservation = await _reservation(tx, job)
        micros = self._cost(job, answers, reservation)
        await settle_job(tx, reservation, images=paid, micros=micros, now=now)
        ids = {position: await self._insert(tx, job, position, item) for position, item in made.items()}
        for position, answer in sorted(answers.items()):
            await tx.answers.settle(job.id, position, answer, ids.get(position))
        if job.request.conversation is not None:
            position, image_id = next(iter(ids.items()))  # a turn has one picture
            await self._histories.made(tx, job, image_id, answers[position])
        ended = job.to(JobState.SUCCEEDED, now, cost_micros=micros, stand_in=_stand_in(job, made, answers))
        await tx.jobs.save(ended, job.state)
        await tx.deliveries.set_state(job.id, DeliveryState.PENDING, now=now)
        return ended

    async def fail(
        self, tx: Transaction, job: Job, failure: Failure, answers: Mapping[int, Answer], paid: int
    ) -> Job:
        """Fail a job; what was made for it although nobody sees it is settled like any other picture."""
        now = self._clock.now()
        reservation = await _reservation(tx, job)
        micros = self._cost(job, answers, reservation) if answers else 0
        if paid:
            await settle_job(tx, reservation, images=paid, micros=micros, now=now)
        else:
            await release_job(tx, reservation, now=now, lost_micros=micros)
        for position, answer in sorted(answers.items()):
            await tx.answers.settle(job.id, position, answer, None)
        if job.request.conversation is not None:
            await self._histories.failed(tx, job)
        ended = job.to(JobState.FAILED, now, failure=failure)
        await tx.jobs.save(ended, job.state, failure.code)
        await tx.deliveries.set_state(job.id, DeliveryState.PENDING, now=now)
        return ended

    async def _insert(self, tx: Transaction, job: Job, position: int, item: Made) -> str:
        """Write one image under an id that no other has; return the id."""
        parent = job.request.parent
        if job.request.conversation is not None:
            parent = await self._histories.parent_image(tx, job)
        image = Image(
            id=self._new_id(),
            job_id=job.id,
            position=position,
            owner_id=job.origin.member_id,
            guild_id=job.origin.guild_id,
            private=job.request.private,
            sha256=item.picture.sha256,
            mime=item.found.mime,
            width=item.found.width,
            height=item.found.height,
            size=item.picture.size,
            created_at=self._clock.now(),
            parent=parent,
        )
        while True:
            try:
                await tx.images.insert(image)
            except IdTaken:
                image = replace(image, id=self._new_id())
            else:
                return image.id

    def _cost(self, job: Job, answers: Mapping[int, Answer], reservation: Entry) -> int:
        """Return what the answers cost, each at the prices of the model that gave it.

        The estimate stands in where a model has left the catalogue since.
        """
        try:
            models = {name: self._catalogue.resolve(name).model for name in models_asked(answers.values())}
        except InvalidRequest:
            return reservation.reserved_micros
        return total_cost(models, job.request.options.size, answers.values())


def _stand_in(job: Job, made: Mapping[int, Made], answers: Mapping[int, Answer]) -> str | None:
    """Return the model that took the place of the one asked for, for at least one picture."""
    models = {answers[position].model for position in made} - {job.request.options.model}
    return min(models, default=None)


async def _reservation(tx: Transaction, job: Job) -> Entry:
    reservation = await tx.ledger.reservation_of(job.id)
    if reservation is None:
        raise LookupError(f"job {job.id} has no reservation")
    return reservation

"""What can be done with a picture that is there: find it, make another take, delete it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.audit import PICTURE_DELETED, PICTURE_TAKEN_AWAY
from bot.domain.calls import MAX_SEED
from bot.domain.catalogue import Catalogue, Model
from bot.domain.deliveries import Delivery
from bot.domain.images import Image
from bot.domain.jobs import Job
from bot.domain.pricing import estimate
from bot.domain.requests import Kind, Options, Reference, Request
from bot.errors import Gone, InvalidRequest, NotAllowed, Problem
from bot.studio.ports import Clock
from bot.studio.sanctions import Acts
from bot.studio.store_ports import Store, Transaction

FINISHING_TIER = "pro"


@dataclass(frozen=True, slots=True)
class Person:
    """Who presses a button, as far as permissions go. The cog reads it from the press, not from memory."""

    id: int
    guild_id: int | None
    channel_id: int | None
    moderator: bool
    manager: bool = False  # may change what holds for the whole server
    roles: frozenset[int] = frozenset()  # ids of the member's roles: some may be named for moderators


@dataclass(frozen=True, slots=True)
class Shown:
    """A job's pictures as this person may see them, and where they were posted."""

    job: Job
    images: tuple[Image, ...]
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class FinishOffer:
    """One way to make a picture better, and what it costs about (micro-dollars)."""

    model: Model
    size: str
    micros: int


class Pictures:
    """Finds pictures for a person and changes them; every method checks the person again."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        pick: Callable[[int], int],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._pick = pick
        self._new_id = new_id

    async def of_job(self, job_id: str, person: Person, *, hidden: bool = False) -> Shown:
        """Return a job's pictures that are still there; raise Gone where none is, or none for this person.

        `hidden`: also those that reports have hidden, for whoever reports one more time.
        """
        async with self._store.reading() as tx:
            job = await tx.jobs.get(job_id)
            images = await tx.images.of_job(job_id) if job else ()
            delivery = await tx.deliveries.get(job_id)
            postings = await tx.postings.of_job(job_id)
        posted_in = delivery.channel_id if delivery else None
        # Where its owner brought a picture back, those who see it there may use it.
        brought_here = {item.image_id for item in postings if item.channel_id == person.channel_id}
        visible = [
            image
            for image in images
            if (image.available or (hidden and image.hidden))
            and (may_see(person, image, posted_in) or (image.id in brought_here and not image.private))
        ]
        if job is None or not visible:
            raise Gone(job_id)
        return Shown(job, tuple(visible), delivery)

    async def of_image(self, image_id: str, person: Person, *, hidden: bool = False) -> Shown:
        """Return the same for one picture: `images` holds only that one."""
        async with self._store.reading() as tx:
            image = await tx.images.get(image_id)
        if image is None:
            raise Gone(image_id)
        shown = await self.of_job(image.job_id, person, hidden=hidden)
        chosen = tuple(item for item in shown.images if item.id == image_id)
        if not chosen:
            raise Gone(image_id)
        return Shown(shown.job, chosen, shown.delivery)

    def another_take(self, shown: Shown) -> Request:
        """Return the request for one more picture like the first of `shown`.

        Raises InvalidRequest where its words were taken back.
        """
        _check_words(shown.job.request)
        return self.like(shown)

    def like(self, shown: Shown) -> Request:
        """Return the same for words that are still to be written.

        Raises InvalidRequest where pictures that it was made from were taken back.
        """
        request = shown.job.request
        if request.pictures_gone:
            raise InvalidRequest(Problem.PICTURES_DELETED)
        seed = None if request.options.seed is None else self._pick(MAX_SEED + 1)
        return Request(
            kind=Kind.VARY,
            prompt=request.prompt,
            options=Options(request.options.model, request.options.ratio, request.options.size, 1, seed),
            references=request.references,
            brought_in=request.brought_in,
            frame=request.frame,
            style=request.style,
            parent=shown.images[0].id,
            spoiler=request.spoiler,
            consent=request.consent,
            unit=request.unit,
            credit_micros=request.credit_micros,
            variation=request.variation + 1,
            private=request.private,
            age_restricted=request.age_restricted,
        )

    def finish_offers(self, shown: Shown) -> list[FinishOffer]:
        """Return the ways to make the first picture of `shown` better: a better model, a larger size.

        Raises InvalidRequest where its words were taken back: they say what the better one shows.
        """
        request = shown.job.request
        _check_words(request)
        used = self._catalogue.resolve(request.options.model).model
        size = used.size_named(request.options.size).name
        offers = [FinishOffer(used, name, 0) for name in used.size_names[used.size_names.index(size) + 1 :]]
        for model in self._catalogue.models:
            if model.tier == FINISHING_TIER and model.id != used.id:
                offers += [FinishOffer(model, name, 0) for name in model.size_names]
        return [
            replace(
                offer, micros=estimate(offer.model, self._finish_options(shown, offer), request.prompt, 1)
            )
            for offer in offers
            if offer.model.max_inputs > 0
        ]

    def finish_of(self, shown: Shown, offer: FinishOffer) -> Request:
        """Return the request that makes the first picture of `shown` again as an offer says."""
        image = shown.images[0]
        return Request(
            kind=Kind.FINISH,
            prompt=shown.job.request.prompt,
            spoiler=shown.job.request.spoiler,
            unit=shown.job.request.unit,
            credit_micros=shown.job.request.credit_micros,
            options=self._finish_options(shown, offer),
            references=(Reference(image.sha256, image.mime, image.size),),
            parent=image.id,
            private=image.private,
            consent=shown.job.request.consent,
            age_restricted=shown.job.request.age_restricted,
        )

    def _finish_options(self, shown: Shown, offer: FinishOffer) -> Options:
        ratio = shown.job.request.options.ratio
        return Options(offer.model.id, ratio if ratio in offer.model.ratios else None, offer.size)

    def check_delete(self, person: Person, image: Image) -> None:
        """Raise NotAllowed where this person may not delete this picture."""
        if not may_delete(person, image):
            raise NotAllowed("delete")

    async def delete(self, image_id: str, person: Person) -> tuple[Shown, Sequence[Image]]:
        """Delete a picture for everybody; return it and what is left of its job.

        Only its owner and moderators of its server may. The original bytes stay until retention removes
        them: a report may need them as evidence.
        """
        shown = await self.of_image(image_id, person)
        image, now = shown.images[0], self._clock.now()
        self.check_delete(person, image)
        async with self._store.transaction() as tx:
            if not await tx.images.mark_deleted(image_id, now=now, by=person.id):
                raise Gone(image_id)
            left = [other for other in await tx.images.of_job(shown.job.id) if other.available]
            if person.id != image.owner_id:
                await self._record(tx, person, PICTURE_DELETED, image)
        return shown, left

    async def taken_away(self, image: Image, person: Person) -> None:
        """Write into the audit that a moderator took what was made elsewhere out of a channel."""
        async with self._store.transaction() as tx:
            await self._record(tx, person, PICTURE_TAKEN_AWAY, image)

    async def _record(self, tx: Transaction, person: Person, action: str, image: Image) -> None:
        if person.guild_id is None:
            return  # nobody moderates outside of servers
        acts = Acts(tx, person.guild_id, person.id, self._clock.now(), self._new_id)
        acts.record(action, str(image.owner_id), image=image.id)
        await acts.write()


def _check_words(request: Request) -> None:
    """Raise InvalidRequest where nothing is known any more of what was asked for."""
    if not request.prompt:
        raise InvalidRequest(Problem.WORDS_DELETED)


def may_see(person: Person, image: Image, posted_in: int | None) -> bool:
    """Whether a person may use a picture: their own always; others' public ones where they belong.

    That is the server that it was made in, or, outside of servers, the very channel it was posted in.
    """
    if image.owner_id == person.id:
        return True
    if image.private:
        return False
    if image.guild_id is not None:
        return image.guild_id == person.guild_id
    return posted_in is not None and posted_in == person.channel_id


def may_take_away(person: Person, image: Image) -> bool:
    """Whether a person may take away what was brought here from elsewhere: as a moderator of this server.

    The picture itself is not theirs to delete.
    """
    return person.moderator and person.guild_id is not None and image.guild_id != person.guild_id


def may_delete(person: Person, image: Image) -> bool:
    """Whether a person may delete a picture: their own, or as a moderator of the server that it is in."""
    if image.owner_id == person.id:
        return True
    return person.moderator and image.guild_id is not None and image.guild_id == person.guild_id

"""Finding pictures again: a member's own by page, one by its id, its settings, where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

from bot.domain.caps import Period
from bot.domain.gallery import (
    EVER,
    PAGE_SIZE,
    Cursor,
    Filter,
    Found,
    Lineage,
    Page,
    Tile,
    Turn,
    own_seed,
)
from bot.domain.ids import is_id
from bot.domain.images import FittedFile, Image
from bot.domain.requests import Kind, Origin, Request
from bot.errors import Gone, NotAllowed
from bot.studio.copies import Copies
from bot.studio.notifier_ports import Showing
from bot.studio.pictures import Person, Pictures, Shown
from bot.studio.ports import Blobs, Clock, ContactSheets
from bot.studio.store_ports import Store, Transaction

FURTHEST_PARENT = 5  # generations
MOST_CHILDREN = 10
LOOKED_AT = 50  # children, of which a person may not see some

# What may be asked for again as it is; the others were made from a picture, or from another request.
_REPEATED = (Kind.GENERATE, Kind.EDIT, Kind.BLEND)


@dataclass(frozen=True, slots=True)
class Details:
    """How a picture was made, and its relatives."""

    shown: Shown
    seed: int | None  # its own
    lineage: Lineage


class Gallery:
    """What a member finds. Every method checks the person; what they may not see is not there for them."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        sheets: ContactSheets,
        pictures: Pictures,
        copies: Copies,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._sheets = sheets
        self._pictures = pictures
        self._copies = copies
        self._clock = clock
        self._zone = zone

    # --- pages --------------------------------------------------------------------------------------------

    def today(self) -> date:
        """The day that it is, as the limits count days."""
        return datetime.fromtimestamp(self._clock.now() / 1000, tz=UTC).astimezone(self._zone).date()

    async def page(self, person: Person, wanted: Filter, cursor: Cursor = Cursor()) -> Page:
        """Return a page of the person's own pictures. Raises Gone where the cursor's anchor is not theirs.

        Nothing on the wanted side of the anchor, or less than a page of newer ones, is the first page.
        """
        period = self._period(wanted)
        async with self._store.reading() as tx:
            found: Sequence[Found] = ()
            if cursor.turn is not Turn.FIRST:
                anchor = await _own(tx, cursor.anchor, person)
                search = tx.gallery.older if cursor.turn is Turn.OLDER else tx.gallery.newer
                found = await search(person.id, wanted, period, anchor, PAGE_SIZE)
            if not found or (cursor.turn is Turn.NEWER and len(found) < PAGE_SIZE):
                found = await tx.gallery.from_place(person.id, wanted, period, 0, PAGE_SIZE)
            return await self._placed(tx, person, wanted, found)

    async def jump(self, person: Person, wanted: Filter, number: int) -> Page:
        """Return the page of that number, or the nearest one that there is."""
        period = self._period(wanted)
        async with self._store.reading() as tx:
            total = await tx.gallery.count(person.id, wanted, period)
            last = max(1, -(-total // PAGE_SIZE))
            skip = (min(max(1, number), last) - 1) * PAGE_SIZE
            found = await tx.gallery.from_place(person.id, wanted, period, skip, PAGE_SIZE)
            return await self._placed(tx, person, wanted, found)

    async def sheet(self, page: Page, private: str) -> FittedFile:
        """Return the contact sheet of a page that is not empty; `private` is the word for what is."""
        return await self._sheets.contact_sheet(
            [
                Tile(
                    self._blobs.path(found.image.sha256),
                    found.image.id,
                    private if found.image.private else "",
                )
                for found in page.found
            ]
        )

    async def suggestions(self, person: Person, typed: str, limit: int) -> Sequence[Found]:
        """Return the person's own pictures that what they typed may mean, newest first."""
        async with self._store.reading() as tx:
            return await tx.gallery.like(person.id, typed, limit)

    def _period(self, wanted: Filter) -> Period:
        return EVER if wanted.days is None else wanted.days.period(self._zone)

    async def _placed(self, tx: Transaction, person: Person, wanted: Filter, found: Sequence[Found]) -> Page:
        period = self._period(wanted)
        total = await tx.gallery.count(person.id, wanted, period)
        newer = await tx.gallery.count(person.id, wanted, period, found[0].image) if found else 0
        return Page(wanted, tuple(found), newer, total)

    # --- one picture --------------------------------------------------------------------------------------

    async def find(self, image_id: str, person: Person) -> Shown:
        """Return a picture that this person may see; Gone for everything else, whatever it is."""
        image_id = image_id.strip().casefold()
        if not is_id(image_id):
            raise Gone("no id")
        return await self._pictures.of_image(image_id, person)

    async def details(self, image_id: str, person: Person) -> Details:
        """Return how a picture was made and what it is related to, as far as this person may see it."""
        shown = await self.find(image_id, person)
        image = shown.images[0]
        lineage = await self.lineage(image, person)
        return Details(shown, own_seed(shown.job.request, image), lineage)

    async def lineage(self, image: Image, person: Person) -> Lineage:
        """Return the pictures that one was made from, generation by generation, and those made from it.

        What this person may not see, and what was deleted, is left out; the line goes on behind it.
        """
        async with self._store.reading() as tx:
            ancestors = await _ancestors(tx, image)
            children = await tx.gallery.children(image.id, LOOKED_AT)
        parents = [await self._visible(parent.id, person) for parent in ancestors]
        known = {parent.id for parent in ancestors}
        made = [
            await self._visible(found.image.id, person) for found in children if found.image.id not in known
        ]
        return Lineage(
            tuple(parent for parent in parents if parent is not None),
            tuple(child for child in made if child is not None)[:MOST_CHILDREN],
        )

    def again(self, shown: Shown, prompt: str) -> Request:
        """Return the request for another picture with the settings and inputs of the first of `shown`."""
        image, request = shown.images[0], shown.job.request
        base = self._pictures.like(shown)
        kind = request.kind
        if kind not in _REPEATED:
            kind = Kind.EDIT if base.references else Kind.GENERATE
        return base.evolve(
            kind=kind,
            prompt=prompt,
            options=replace(base.options, count=1, seed=own_seed(request, image)),
            parent=image.parent if base.references else None,
            variation=0,
        )

    # --- showing ------------------------------------------------------------------------------------------

    async def open(self, shown: Shown, origin: Origin) -> None:
        """Show the first picture of `shown` in an answer that only the person sees."""
        await self._copies.post(shown.images[0].id, origin, Showing.OPENED)

    async def bring_back(
        self, shown: Shown, origin: Origin, *, hidden: bool = False, message_id: int | None = None
    ) -> None:
        """Show the first picture of `shown` in an answer that everybody sees; a private one never.

        `hidden`: pictures are spoilers there. `message_id`: of the answer, where that is known.
        """
        self.check_public(shown)
        image_id = shown.images[0].id
        await self._copies.post(image_id, origin, Showing.COPY, hidden=hidden, message_id=message_id)

    def check_public(self, shown: Shown) -> None:
        """Raise NotAllowed where the first picture of `shown` is private: it stays so."""
        if shown.images[0].private:
            raise NotAllowed("show_private")

    async def _visible(self, image_id: str, person: Person) -> Found | None:
        try:
            shown = await self._pictures.of_image(image_id, person)
        except Gone:
            return None
        return Found(shown.images[0], shown.job.request)


async def _own(tx: Transaction, image_id: str | None, person: Person) -> Image:
    """Return a picture of the person's own, deleted or not: it only marks a place."""
    image = await tx.images.get(image_id) if image_id else None
    if image is None or image.owner_id != person.id:
        raise Gone(image_id or "no anchor")
    return image


async def _ancestors(tx: Transaction, image: Image) -> Sequence[Image]:
    """Return the pictures that one was made from, the nearest first; a circle ends where it began."""
    known = {image.id}
    found: list[Image] = []
    at = image.parent
    while at is not None and at not in known and len(found) < FURTHEST_PARENT:
        parent = await tx.images.get(at)
        if parent is None:
            break
        known.add(at)
        found.append(parent)
        at = parent.parent
    return found

"""The original of a picture, where what was posted is a smaller copy: a signed link that ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bot.domain.images import Image
from bot.domain.links import Claim
from bot.errors import Gone
from bot.studio.picture_files import is_there
from bot.studio.ports import Blobs, Clock
from bot.studio.store_ports import Store

LINK_SECONDS = 24 * 3600  # as long as Discord's own links to attachments work
PATH = "/originals/"


@dataclass(frozen=True, slots=True)
class Link:
    """An address that works for whoever has it, until it ends."""

    url: str
    until: int  # UTC seconds


@dataclass(frozen=True, slots=True)
class Original:
    """What a link leads to."""

    image: Image
    path: Path


class Originals:
    """Gives links out and opens them. Without a public address of the web server there are none."""

    def __init__(self, *, store: Store, blobs: Blobs, clock: Clock, public_url: str, key: bytes) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._public_url = public_url
        self._key = key

    def link(self, image: Image, viewer: int) -> Link | None:
        """Return a link for somebody who may see a picture; that is for the caller to check."""
        if not self._public_url:
            return None
        until = self._clock.now() // 1000 + LINK_SECONDS
        claim = Claim(image.id, viewer, until)
        query = urlencode({"until": until, "for": viewer, "signature": claim.signature(self._key)})
        return Link(f"{self._public_url}{PATH}{image.id}?{query}", until)

    async def open(self, claim: Claim, signature: str) -> Original:
        """Return what a link leads to; raise Gone where it is none of ours, has ended, or leads nowhere.

        A private picture is only for a link that was given to its owner; what was deleted is for none.
        """
        if not self._public_url or not claim.is_signed(self._key, signature):
            raise Gone(claim.image_id)
        if claim.until <= self._clock.now() // 1000:
            raise Gone(claim.image_id)
        async with self._store.reading() as tx:
            image = await tx.images.get(claim.image_id)
        if image is None or not image.available:
            raise Gone(claim.image_id)
        if image.private and image.owner_id != claim.viewer:
            raise Gone(claim.image_id)
        path = self._blobs.path(image.sha256)
        if not await is_there(image, path):
            raise Gone(claim.image_id)
        return Original(image, path)

"""What is behind a link to an original: the file as the provider sent it, streamed."""

from __future__ import annotations

import logging
import re

from aiohttp import web

from bot.domain.ids import is_id
from bot.domain.images import EXTENSIONS
from bot.domain.links import Claim
from bot.errors import Gone, StorageError
from bot.studio.originals import PATH, Originals

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_NOTHING = "This link has ended, or its picture is gone. Press Original in Discord for a new link.\n"
_TROUBLE = "The picture cannot be read right now. Try again in a minute.\n"
_PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# A picture is shown and nothing else: nothing in it is run, nobody frames it, no address is passed on.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def original_routes(originals: Originals) -> list[web.RouteDef]:
    """Return the route that answers links to originals.

    Nothing of the address reaches the file system: an id is looked up, and where its file is says the store.
    """

    async def original(request: web.Request) -> web.StreamResponse:
        claim = _claim(request)
        if claim is None:
            return _answer(404, _NOTHING)
        try:
            found = await originals.open(claim, request.query.get("signature", ""))
        except Gone:
            return _answer(404, _NOTHING)
        except StorageError as error:
            log.warning("an original was not served: %s", error)
            return _answer(503, _TROUBLE)
        image = found.image
        mime = image.mime if image.mime in EXTENSIONS else "application/octet-stream"
        headers = {
            **_HEADERS,
            "Content-Type": mime,
            "Content-Disposition": f'inline; filename="{image.filename}"',
        }
        return web.FileResponse(found.path, headers=headers)

    return [web.get(PATH + "{id}", original)]


def _claim(request: web.Request) -> Claim | None:
    """Return what a link says, where it has the form of one."""
    image_id, query = request.match_info["id"], request.query
    viewer, until = query.get("for", ""), query.get("until", "")
    if not (is_id(image_id) and _NUMBER.fullmatch(viewer) and _NUMBER.fullmatch(until)):
        return None
    return Claim(image_id, int(viewer), int(until))


def _answer(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text, headers=_PLAIN)

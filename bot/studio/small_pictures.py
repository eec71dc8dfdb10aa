"""Kept pictures, small enough for a message: for moderators who look at them."""

from __future__ import annotations

import logging

from bot.domain.images import FittedFile, Image
from bot.errors import ImageError
from bot.studio.picture_files import is_there
from bot.studio.ports import Blobs, Imaging

log = logging.getLogger(__name__)


class SmallPictures:
    """Shows pictures whatever became of them, as long as their files are kept."""

    def __init__(self, blobs: Blobs, imaging: Imaging) -> None:
        self._blobs = blobs
        self._imaging = imaging

    async def of(self, image: Image, limit: int) -> FittedFile | None:
        """Return a picture in at most `limit` bytes; None where its file is not there as it was."""
        path = self._blobs.path(image.sha256)
        if not await is_there(image, path):
            return None
        try:
            return await self._imaging.fit(path, limit)
        except ImageError as error:
            log.warning("the picture %s cannot be shown: %s", image.id, error)
            return None

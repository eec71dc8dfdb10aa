"""Posting what Discord takes: pictures that are too large for a place go as smaller copies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import DeliveryError, ImageError
from bot.studio.notifier_ports import Attachment, Outcome
from bot.studio.ports import Imaging

T = TypeVar("T")

PLAIN_UPLOAD_LIMIT = 10 * 1024 * 1024  # what any bot may upload anywhere (facts-discord)


class Fitting:
    """Makes outcomes fit where they are posted. What is kept stays as it is."""

    def __init__(self, imaging: Imaging) -> None:
        self._imaging = imaging

    async def post(self, outcome: Outcome, limit: int, post: Callable[[Outcome], Awaitable[T]]) -> T:
        """Post an outcome whose pictures have `limit` bytes each at most; where Discord finds it too large,
        once more with smaller copies."""
        fitted = await self._fitted(outcome, limit)
        try:
            return await post(fitted)
        except DeliveryError as error:
            if not error.too_large or not fitted.attachments:
                raise
        largest = max(_posted_size(attachment) for attachment in fitted.attachments)
        together = min(limit, PLAIN_UPLOAD_LIMIT) // len(fitted.attachments)
        return await post(await self._fitted(outcome, min(together, largest * 3 // 4)))

    async def _fitted(self, outcome: Outcome, limit: int) -> Outcome:
        attachments = []
        for attachment in outcome.attachments:
            if attachment.image.size <= limit:
                attachments.append(attachment)
                continue
            try:
                smaller = await self._imaging.fit(attachment.path, limit)
            except ImageError as error:
                raise DeliveryError(f"image {attachment.image.id} cannot be made to fit: {error}") from error
            attachments.append(Attachment(attachment.image, attachment.path, smaller))
        return outcome.evolve(attachments=tuple(attachments))


def _posted_size(attachment: Attachment) -> int:
    return attachment.image.size if attachment.smaller is None else len(attachment.smaller.data)

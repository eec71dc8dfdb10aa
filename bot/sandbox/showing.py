"""Pictures that SimCord's page can show: it says "unavailable" instead of one with more than 16 megapixels.

Many pictures in 4K have more. Only what the page shows is a smaller copy; the bot posted the original.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from simcord.backend.cdn import CdnStore

MOST_PIXELS = 16 * 1024 * 1024  # simcord 3.2.1, preview/_media.py


class ShownPictures(CdnStore):
    """What SimCord keeps of uploads, for its page."""

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        return super().store_attachment(attachment_id, channel_id, filename, _shown(data), description)


def _shown(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height <= MOST_PIXELS or image.format is None:
                return data
            image.draft("RGB", (image.width // 2, image.height // 2))  # a JPEG is decoded at half its size
            smaller = image.reduce(2) if image.width * image.height > MOST_PIXELS else image
            file = io.BytesIO()
            smaller.save(file, image.format)
            return file.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError):
        return data  # no picture, or none that can be read: the page says so itself

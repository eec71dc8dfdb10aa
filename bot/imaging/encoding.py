"""A file that holds a picture and nothing else, in the form that models take."""

from __future__ import annotations

import io
import math

from PIL import Image

from bot.domain.images import Prepared

# Vertex takes 7 MB for an inline picture, Gemini 100 MB for a request. Only noise and large cut-outs of
# photographs come near.
MAX_BYTES = 7_000_000
_BEST, _GOOD = 92, 80  # of libjpeg's scale
_FULL_CHROMA, _HALVED_CHROMA = 0, 2  # Pillow's numbers for 4:4:4 and 4:2:0
_PACKING = 4  # of zlib's scale: 6, the default, takes twice the time for the same size
_SHRINK_AT_MOST = 0.9  # a side, when the file is too large: less would make many steps


def encoded(image: Image.Image, *, full_chroma: bool) -> Prepared:
    """Encode an RGB picture as JPEG, an RGBA one as PNG, or as JPEG where nothing in it is transparent.

    `full_chroma` says that its colours are worth their full resolution: they had it before, and edges of
    lettering keep it only so. What has too many bytes loses quality first, then pixels.
    """
    if image.mode == "RGBA":
        if image.getchannel("A").getextrema() == (255, 255):
            image = image.convert("RGB")
        else:
            image = _without_hidden_colours(image)
    while True:
        data = _file(image, _BEST, full_chroma)
        if len(data) > MAX_BYTES and image.mode == "RGB":
            data = _file(image, _GOOD, False)
        if len(data) <= MAX_BYTES:
            mime = "image/png" if image.mode == "RGBA" else "image/jpeg"
            return Prepared(data, mime, image.width, image.height)
        factor = min(_SHRINK_AT_MOST, math.sqrt(MAX_BYTES / len(data)))
        width, height = (max(1, int(side * factor)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)


def _file(image: Image.Image, quality: int, full_chroma: bool) -> bytes:
    image.info = {}  # Pillow writes a comment, a profile and more from here without being asked
    buffer = io.BytesIO()
    if image.mode == "RGBA":
        image.save(buffer, "PNG", compress_level=_PACKING)
    else:
        chroma = _FULL_CHROMA if full_chroma else _HALVED_CHROMA
        image.save(buffer, "JPEG", quality=quality, subsampling=chroma)
    return buffer.getvalue()


def _without_hidden_colours(image: Image.Image) -> Image.Image:
    """Blacken what is fully transparent: a file may still hold there what somebody has cut out."""
    seen = image.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    return Image.composite(image, Image.new("RGBA", image.size, 0), seen)

"""A copy of a picture that fits an upload limit, with the smallest loss.

In this order: the original bytes; the best quality at full size; fewer pixels, never under half of them; at
half of the pixels, whatever quality it takes. A picture with transparency becomes WebP, all others JPEG,
which every client shows.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import get_sampling

from bot.domain.images import FittedFile
from bot.errors import ImageError
from bot.imaging.budget import Budget
from bot.imaging.reading import mime_of, opened

BEST, GOOD, WORST = 95, 75, 10  # of libjpeg's and libwebp's quality scales
GOOD_ENOUGH = 0.92  # of the limit: what a closer search gains is not seen, and each step costs an encoding
HALF, WHOLE = 50, 100  # percent of the pixels
_FULL_CHROMA, _HALVED_CHROMA = 0, 2  # Pillow's numbers for 4:4:4 and 4:2:0
_FULL_CHROMA_FROM = 90  # below it, bytes are better spent on brightness than on colour edges
_MAX_SIDE = {"JPEG": 65_535, "WEBP": 16_383}
_ORIENTATION = 0x0112  # the EXIF tag
# Bytes 16 to 19 of an ICC profile (ICC.1, 7.2.6): a grey profile must not go on with a picture made RGB.
_PROFILE_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}
_MAX_XMP = 60_000  # what one JPEG segment holds, less its own header


def fit(data: bytes, limit: int, budget: Budget | None = None) -> FittedFile:
    """Return a copy of at most `limit` bytes, the original where it fits; raise ImageError where none does.

    `budget` as for `reading.opened`.
    """
    with opened(data, budget) as image:
        image.load()
        if len(data) <= limit:
            return FittedFile(data, mime_of(image), image.width, image.height)
        source = _Source.of(image)
        found = (
            _largest(GOOD, BEST, partial(source.encoded, WHOLE), limit)
            or _largest(HALF, WHOLE - 1, lambda percent: source.encoded(percent, GOOD), limit)
            or _largest(WORST, GOOD - 1, partial(source.encoded, HALF), limit)
        )
        if found is None:
            raise ImageError(f"half of {image.width}x{image.height} pixels do not fit {limit} bytes")
        return found


def _largest(
    lowest: int, highest: int, encoded: Callable[[int], FittedFile | None], limit: int
) -> FittedFile | None:
    """Bisect for the largest value whose encoding fits; sizes grow with the value."""
    best = None
    while lowest <= highest:
        value = (lowest + highest) // 2
        found = encoded(value)
        if found is not None and len(found.data) <= limit:
            best = found
            if len(found.data) >= limit * GOOD_ENOUGH:
                break
            lowest = value + 1
        else:
            highest = value - 1
    return best


@dataclass(slots=True)
class _Source:
    """The decoded original, in a form that its target format can hold, and what must survive with it."""

    image: Image.Image
    format: str
    chroma: int
    kept: dict[str, Any]
    scaled: tuple[int, Image.Image] | None = None  # the last smaller size, for a search of qualities

    @classmethod
    def of(cls, image: ImageFile.ImageFile) -> _Source:
        """Prepare a picture that is decoded."""
        chroma = get_sampling(image) if image.format in ("JPEG", "MPO") else _FULL_CHROMA
        plain = _plain(image)
        return cls(plain, "WEBP" if plain.mode == "RGBA" else "JPEG", chroma, _kept(image, plain.mode))

    def encoded(self, percent: int, quality: int) -> FittedFile | None:
        """Encode with that share of the pixels; None where the format cannot hold so long a side."""
        image = self._with(percent)
        if max(image.size) > _MAX_SIDE[self.format]:
            return None
        options: dict[str, Any] = {"quality": quality, **self.kept}
        if self.format == "JPEG":
            full = quality >= _FULL_CHROMA_FROM and self.chroma == _FULL_CHROMA
            options["subsampling"] = _FULL_CHROMA if full else _HALVED_CHROMA
        else:
            options["method"] = 2  # half of the default's time for about the same bytes
            options["alpha_quality"] = 100 if quality >= GOOD else quality
        buffer = io.BytesIO()
        image.save(buffer, self.format, **options)
        return FittedFile(buffer.getvalue(), f"image/{self.format.lower()}", *image.size)

    def _with(self, percent: int) -> Image.Image:
        if percent == WHOLE:
            return self.image
        if self.scaled is None or self.scaled[0] != percent:
            self.scaled = None  # let go of the old one before the new one is made
            # Rounded up: what remains is never under the share, and each side is less than a pixel off.
            factor = math.sqrt(percent / 100)
            width, height = (math.ceil(side * factor) for side in self.image.size)
            self.scaled = percent, self.image.resize((width, height), Image.Resampling.LANCZOS)
        return self.scaled[1]


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture as RGBA where some of it is transparent, else as L, RGB or CMYK."""
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        opaque = image.getchannel("A").getextrema() == (255, 255)
        return image.convert("RGB") if opaque else image
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    if image.mode.startswith("I"):  # 16-bit grey; convert() would cut off its bright half instead of scaling
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("L" if image.mode == "1" else "RGB")


def _kept(image: Image.Image, mode: str) -> dict[str, Any]:
    """What changes how the copy looks (orientation, colour profile), and XMP, which says who made it.

    The rest of the EXIF data (camera, place, thumbnail) stays behind.
    """
    kept: dict[str, Any] = {}
    profile = image.info.get("icc_profile")
    if isinstance(profile, bytes) and profile[16:20] == _PROFILE_SPACES[mode]:
        kept["icc_profile"] = profile
    orientation = _orientation(image.info.get("exif"))
    if orientation is not None:
        exif = Image.Exif()
        exif[_ORIENTATION] = orientation
        kept["exif"] = exif.tobytes()
    xmp = image.info.get("xmp")
    if isinstance(xmp, bytes) and len(xmp) <= _MAX_XMP:
        kept["xmp"] = xmp
    return kept


def _orientation(exif: object) -> int | None:
    """The orientation in EXIF data (2 to 8), or None where nothing has to be turned."""
    if not isinstance(exif, bytes):
        return None
    parsed = Image.Exif()
    try:
        parsed.load(exif)
        value = parsed.get(_ORIENTATION)
    except Exception:  # as `reading.opened` says; a picture is not lost for the sake of its metadata
        return None
    return value if isinstance(value, int) and 2 <= value <= 8 else None

"""Taking a picture in, with what always holds, and files of every kind to take in."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageChops, ImageStat

from bot.domain.images import Prepared
from bot.imaging import encoding
from bot.imaging.intake import take_in
from tests.imaging.contents import is_only_a_picture
from tests.imaging.pictures import decode, encode
from tests.imaging.sent import heic, with_everything

EVERYTHING = with_everything()
SMOOTH = Image.merge("RGB", [Image.radial_gradient("L").rotate(angle) for angle in (0, 90, 180)])


def taken(data: bytes, longest_side: int = 2048) -> tuple[Prepared, Image.Image]:
    """Take in, and check what always holds; return the decoded picture, too."""
    prepared = take_in(data, longest_side)
    image = decode(prepared.data)
    assert image.size == (prepared.width, prepared.height)
    assert max(image.size) <= longest_side
    assert (image.format, image.mode) in {("JPEG", "RGB"), ("PNG", "RGBA")}
    assert prepared.mime == f"image/{(image.format or '').lower()}"
    assert is_only_a_picture(prepared.data)
    assert len(prepared.data) <= encoding.MAX_BYTES
    return prepared, image


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Root mean square of the difference, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other.convert(one.mode))).rms)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of a kind, with as little loss as it can have."""
    match kind:
        case "HEIC":
            return heic(image, quality=90, **options)
        case "AVIF":
            return encode(image, "AVIF", quality=90, **options)
        case "WEBP":
            return encode(image, "WEBP", lossless=True, **options)
        case "JPEG":
            return encode(image, "JPEG", quality=95, **options)
    return encode(image, kind, **options)


KINDS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC", "BMP", "TIFF"]

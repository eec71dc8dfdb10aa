"""Colours as a model and every screen understand them: sRGB, eight bits, with or without transparency."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

from PIL import Image, ImageCms

log = logging.getLogger(__name__)

# Bytes 16 to 19 of an ICC profile say which colours it describes (ICC.1, 7.2.6).
_SPACES = {"L": b"GRAY", "RGB": b"RGB ", "CMYK": b"CMYK"}
_MAX_PROFILE = 8 * 2**20  # bytes; the largest that printers use have about 3 MB
_BLACK_POINT = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.HIGHRESPRECALC

Convert = Callable[[Image.Image], Image.Image]


def plainly(image: Image.Image) -> Convert:
    """Return how parts of a decoded picture become L, RGB, RGBA or CMYK: modes that can be scaled.

    It is decided once for the whole picture, so that it may be converted in bands.
    """
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return _from_deep_grey(image)
    if image.has_transparency_data:
        return _same if mode == "RGBA" else lambda part: part.convert("RGBA")
    if mode in _SPACES:
        return _same
    return lambda part: part.convert("L" if mode == "1" else "RGB")


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return an L, RGB, RGBA or CMYK picture as RGB or RGBA in sRGB.

    `profile` is the ICC profile that came with it. One that is damaged or describes other colours than the
    picture has is no reason to refuse the picture: then it is taken as if it had none.
    """
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and len(profile) <= _MAX_PROFILE:
        space = profile[16:20]
        if image.mode == "RGBA" and space == _SPACES["L"]:
            grey = _converted(image.convert("L"), profile, "RGB")
            grey.putalpha(image.getchannel("A"))
            return grey
        if space == _SPACES["RGB" if image.mode == "RGBA" else image.mode]:
            return _converted(image, profile, wanted)
    return image if image.mode == wanted else image.convert(wanted)


def _same(part: Image.Image) -> Image.Image:
    return part


def _from_deep_grey(image: Image.Image) -> Convert:
    """Bring grey of more than eight bits down to eight; `Image.convert` would cut off what is bright."""
    factor, offset = _range_of(image)
    deep = "F" if image.mode == "F" else "I"  # `point` knows not every way in which 16 bits are kept
    return lambda part: part.convert(deep).point(lambda value: value * factor + offset).convert("L")


def _range_of(image: Image.Image) -> tuple[float, float]:
    """By what the values of grey are multiplied, and what is added then, so that they are 0 to 255."""
    if image.mode.startswith("I;16"):
        return 1 / 256, 0.0
    lowest, highest = _extrema(image)
    if lowest >= 0 and highest < 2**16:
        if highest <= 1 and image.mode == "F":
            return 255.0, 0.0
        return (1.0 if highest < 256 else 1 / 256), 0.0
    # Measurements: what is lowest becomes black, what is highest white.
    factor = 255 / ((highest - lowest) or 1)
    return factor, -lowest * factor


def _extrema(image: Image.Image) -> tuple[float, float]:
    lowest, highest = image.getextrema()
    if isinstance(lowest, tuple) or isinstance(highest, tuple):
        raise TypeError(f"{image.mode} has several channels")
    return float(lowest), float(highest)


def _converted(image: Image.Image, profile: bytes, mode: str) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode=mode,
            flags=_BLACK_POINT,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as exc:
        log.info("a colour profile was left out: %s", exc)
        converted = None
    return image.convert(mode) if converted is None else converted

"""Perceptual hashes: numbers that are close where pictures look alike.

The hash is the well-known one of a cosine transform: the picture in grey at 64 × 64 pixels, its 16 × 16
lowest frequencies, and for each whether it is above their median. What re-encoding, scaling and small changes
of colour do to a picture hardly shows in those. A picture is compared as a whole; what cropping and mirroring
do is covered from the other side: a picture that is blocked is hashed with its edges cut off and mirrored,
too. (Libraries for this bring SciPy or a compiled hash of their own; this is thirty lines.)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps

from bot.imaging.budget import Budget
from bot.imaging.reading import opened

if TYPE_CHECKING:
    import numpy as np

SIDE = 64  # pixels of the grey picture
KEPT = 16  # frequencies in each direction: 256 bits
# How much is cut off, as parts of width and height: left, top, right, bottom.
CUTS = (
    (0.0, 0.0, 0.0, 0.0),
    *((cut, cut, cut, cut) for cut in (0.025, 0.05, 0.075)),
    *((0.05, 0.0, 0.0, 0.0), (0.0, 0.05, 0.0, 0.0), (0.0, 0.0, 0.05, 0.0), (0.0, 0.0, 0.0, 0.05)),
    *((0.1, 0.0, 0.0, 0.0), (0.0, 0.1, 0.0, 0.0), (0.0, 0.0, 0.1, 0.0), (0.0, 0.0, 0.0, 0.1)),
    *((0.05, 0.05, 0.0, 0.0), (0.0, 0.05, 0.05, 0.0), (0.05, 0.0, 0.0, 0.05), (0.0, 0.0, 0.05, 0.05)),
)


def picture_hash(data: bytes, budget: Budget | None = None) -> int:
    """Return the hash of a picture; raise ImageError where the bytes are no whole one."""
    with opened(data, budget) as image:
        image.draft("L", (SIDE * 2, SIDE * 2))
        return _hash(_grey(image))


def hashes_to_block(data: bytes, budget: Budget | None = None) -> tuple[int, ...]:
    """Return the hashes that find a picture again: as it is, with its edges cut off, and mirrored."""
    with opened(data, budget) as image:
        image.draft("L", (SIDE * 8, SIDE * 8))
        grey = _grey(image)
        grey.thumbnail((SIDE * 8, SIDE * 8), Image.Resampling.BOX)
    return tuple(dict.fromkeys(_hash(version) for version in _versions(grey)))


def _versions(grey: Image.Image) -> Iterator[Image.Image]:
    width, height = grey.size
    for cut in CUTS:
        left, top, right, bottom = cut
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        version = grey.resize((SIDE, SIDE), Image.Resampling.BOX, box=box)
        yield version
        yield ImageOps.mirror(version)


def _grey(image: Image.Image) -> Image.Image:
    """What is transparent is seen on white, as chats show it to many."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("L")
    return image.convert("L")


def _hash(grey: Image.Image) -> int:
    import numpy as np

    small = grey if grey.size == (SIDE, SIDE) else grey.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.frombuffer(small.tobytes(), dtype=np.uint8).reshape(SIDE, SIDE).astype(np.float64)
    cosines = _cosines()
    low = (cosines @ pixels @ cosines.T).ravel()[1:]  # the first is the brightness of the whole
    bits = np.concatenate(([False], low > np.median(low)))
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@functools.cache
def _cosines() -> np.ndarray[Any, np.dtype[np.float64]]:
    import numpy as np

    frequencies, places = np.arange(KEPT)[:, None], np.arange(SIDE)[None, :]
    return np.cos(np.pi * frequencies * (2 * places + 1) / (2 * SIDE))

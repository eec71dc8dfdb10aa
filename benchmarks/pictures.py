"""Pictures as a model sends them: a JPEG whose bytes are picture, not padding."""

from __future__ import annotations

import io

from PIL import Image

from bot.sandbox.gemini.jpeg import padded

MB = 10**6
_SAMPLE = 256  # pixels of a side
_STRONGEST = 120


def make_picture(side: int, size: int) -> bytes:
    """Return a square JPEG of `side` pixels in exactly `size` bytes.

    It is noise of the strength that comes nearest to `size` from below, so that decoding costs what it costs
    for a real picture of that size; only the small rest is filled with comments.

    Raises:
        ValueError: even without noise the picture has more bytes.
    """
    sample_size = size * _SAMPLE**2 // side**2
    strength = next(
        (strong for strong in range(_STRONGEST, 0, -1) if len(_encoded(_SAMPLE, strong)) < sample_size), 0
    )
    while strength >= 0:
        jpeg = _encoded(side, strength)
        if len(jpeg) <= size:
            return padded(jpeg, size)
        strength -= 1
    raise ValueError(f"{side}x{side} pixels do not fit into {size} bytes")


def _encoded(side: int, strength: int) -> bytes:
    planes = [Image.effect_noise((side, side), strength) for _ in range(3)]
    file = io.BytesIO()
    Image.merge("RGB", planes).save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()

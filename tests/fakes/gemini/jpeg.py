"""JPEG files of a wanted size in pixels and in bytes."""

from __future__ import annotations

import io
import random

from PIL import Image

from bot.sandbox.gemini.jpeg import padded

STAMP = 12  # bytes of a stamp: 16 characters of base64


def make_jpeg(width: int, height: int, target_bytes: int | None = None, seed: int = 0) -> bytes:
    """A valid JPEG of soft coloured noise, another one for each seed.

    With `target_bytes` the file has exactly that size, the rest filled by comment segments.

    Raises:
        ValueError: not even the lowest quality brings the picture under `target_bytes`.
    """
    rough = (max(1, width // 8), max(1, height // 8))
    noise = Image.frombytes("RGB", rough, random.Random(seed).randbytes(rough[0] * rough[1] * 3))
    image = noise.resize((width, height), Image.Resampling.BICUBIC)
    for quality in (90, 60, 20, 1):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        if target_bytes is None:
            return file.getvalue()
        if file.tell() <= target_bytes:
            return padded(file.getvalue(), target_bytes)
    raise ValueError(f"{width}x{height} pixels do not fit into {target_bytes} bytes")


def with_stamp(jpeg: bytes) -> tuple[bytes, bytes]:
    """The file in two pieces with a comment between them whose `STAMP` bytes are to be put in.

    The first piece has a length that is divisible by three: each piece can be base64-encoded alone.
    """
    cut = 4 + int.from_bytes(jpeg[4:6], "big")
    align = -(cut + 4) % 3
    comment = b"\xff\xfe" + (2 + align + STAMP).to_bytes(2, "big") + b" " * align
    return jpeg[:cut] + comment, jpeg[cut:]

"""Real pictures for tests, made by Pillow or byte by byte."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """Return the decoded picture of a file's bytes."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def noise(width: int, height: int, seed: int = 1, mode: str = "RGB") -> Image.Image:
    """A picture that compresses badly: every byte is random, the same for the same seed."""
    size = width * height * len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(seed).randbytes(size))


def corners(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Red, green, blue and white quarters: how it is turned can be told from its corners."""
    image = Image.new("RGB", (width, height), "white")
    for colour, box in {
        "red": (0, 0, width // 2, height // 2),
        "lime": (width // 2, 0, width, height // 2),
        "blue": (0, height // 2, width // 2, height),
    }.items():
        image.paste(colour, box)
    return image.convert(mode)


def corner_colours(image: Image.Image) -> list[str]:
    """Name the four corners of a picture that was made by `corners`: clockwise from the top left."""
    names = {(1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 1): "white"}
    width, height = image.size
    plain = image.convert("RGB")
    found = []
    for at in ((5, 5), (width - 6, 5), (width - 6, height - 6), (5, height - 6)):
        pixel = plain.getpixel(at)
        assert isinstance(pixel, tuple)
        red, green, blue = (int(value > 127) for value in pixel)
        found.append(names[red, green, blue])
    return found


def flat_png(width: int, height: int) -> bytes:
    """A valid PNG of black pixels, one bit each: few bytes, whatever its size."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, content) for name, content in chunks)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """One chunk of a PNG with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def animation(format: str) -> bytes:
    """Five different frames."""
    frames = [noise(60, 40, seed) for seed in range(5)]
    return encode(frames[0], format, save_all=True, append_images=frames[1:], duration=100)

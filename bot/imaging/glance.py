"""What a JPEG is, from its first and last bytes alone.

Nearly every result is one. With many at once, reading each as a whole costs more than all else about them.
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import Image

from bot.domain.images import Inspected
from bot.imaging import structure

_HEAD = 64 * 1024  # headers, and a colour profile


def glance(file: BinaryIO, most_bytes: int, most_pixels: int) -> Inspected | None:
    """Say what a JPEG is whose container shows it to be whole; None where that is not certain.

    Raises what Pillow and the file system raise.
    """
    head = file.read(_HEAD)
    if not head.startswith(b"\xff\xd8") or not structure.jpeg_has_one_scan(head):
        return None
    size = file.seek(0, 2)
    file.seek(-min(size, structure.PADDING), 2)
    if size > most_bytes or not structure.jpeg_tail_ends(file.read()):
        return None
    file.seek(0)
    with Image.open(file, formats=("JPEG",)) as image:
        if image.width * image.height > most_pixels:
            return None
        return Inspected("image/jpeg", image.width, image.height)

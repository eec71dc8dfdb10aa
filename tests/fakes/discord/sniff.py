"""What Discord finds out about an uploaded file by looking at it: type and pixels."""

from __future__ import annotations

import mimetypes
import struct


def content_type(filename: str, head: bytes) -> str | None:
    """The type by the first bytes, else by the name."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return mimetypes.guess_type(filename)[0]


def pixels(head: bytes) -> tuple[int, int] | tuple[None, None]:
    """Width and height of a PNG, GIF or JPEG whose header lies in `head`; (None, None) for anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
        return width, height
    if head.startswith((b"GIF87a", b"GIF89a")) and len(head) >= 10:
        width, height = struct.unpack("<HH", head[6:10])
        return width, height
    if head.startswith(b"\xff\xd8"):
        return _jpeg_pixels(head)
    return None, None


def _jpeg_pixels(head: bytes) -> tuple[int, int] | tuple[None, None]:
    """Walk the JPEG segments to the start-of-frame marker (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", head[at + 2 : at + 4])[0])
    return None, None

"""What a file consists of, read without Pillow: proof that nothing is in it but a picture."""

from __future__ import annotations

import struct
import zlib

# Marker codes of ITU-T T.81, table B.1, which a picture needs to be decoded.
_JPEG_NEEDED = {0xC0: "SOF0", 0xC4: "DHT", 0xDB: "DQT", 0xDD: "DRI", 0xE0: "APP0"}
_JFIF_WITHOUT_THUMBNAIL = b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def segments(jpeg: bytes) -> list[str]:
    """The names of a baseline JPEG's segments up to the scan; fail on any other, and on any other byte."""
    assert jpeg.startswith(b"\xff\xd8")
    names, at = [], 2
    while jpeg[at + 1] != 0xDA:
        assert jpeg[at] == 0xFF
        names.append(_JPEG_NEEDED[jpeg[at + 1]])
        (length,) = struct.unpack_from(">H", jpeg, at + 2)
        if names[-1] == "APP0":
            assert jpeg[at + 4 : at + 2 + length] == _JFIF_WITHOUT_THUMBNAIL
        at += 2 + length
    scan = jpeg[at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0] :]
    assert scan.endswith(b"\xff\xd9")
    # Within the scan every FF is data (followed by 00) or a restart marker.
    assert {scan[place + 1] for place in range(len(scan) - 2) if scan[place] == 0xFF} <= {
        0,
        *range(0xD0, 0xD8),
    }
    return names


def chunks(png: bytes) -> list[str]:
    """The names of a PNG's chunks; fail where one is damaged or something follows the last."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        body = png[at + 4 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length) == (zlib.crc32(body),)
        names.append(body[:4].decode("ascii"))
        at += 12 + length
    return names


def is_only_a_picture(data: bytes) -> bool:
    """Whether a JPEG or PNG holds its pixels and what is needed to decode them."""
    if data.startswith(b"\x89PNG"):
        names = chunks(data)
        inner = names[1:-1]
        return (names[0], names[-1]) == ("IHDR", "IEND") and bool(inner) and set(inner) == {"IDAT"}
    return segments(data).count("APP0") == 1

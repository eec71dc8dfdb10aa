"""What the containers of pictures say, read without decoding a pixel.

Pillow decodes only the first frame of an animation, is content with a file that ends after it, and allocates
a WebP's canvas before anybody can ask how large that is. These checks come first.
"""

from __future__ import annotations

# An encoder writes some ten scans into a progressive JPEG. A hostile file repeats tiny ones, and each costs
# a pass over the whole picture: so many are borne in a small one, and in larger ones as many as cost no more,
# about a second. Behind it, and in front, may be smaller pictures that are progressive, too.
MAX_JPEG_SCANS, _ALWAYS_SCANS = 200, 25
_MAX_JPEG_PASSES = 500_000_000  # scans times pixels
_START_OF_SCAN = b"\xff\xda"
_SEQUENTIAL = (0xC0, 0xC1)  # start of frame: baseline, extended
_END_OF_IMAGE = b"\xff\xd9"
PADDING = 4096  # bytes behind the end that are looked at
_STEP = 1024 * 1024

_GIF_HEADER = 13
_GIF_IMAGE, _GIF_EXTENSION, _GIF_TRAILER = 0x2C, 0x21, 0x3B
_GIF_TABLE = 0x80  # the flag that a colour table follows; the low three bits are its size


def jpeg_is_sane(data: bytes, pixels: int) -> bool:
    """Whether a JPEG of so many pixels has no more scans than an honest one.

    In compressed data every FF is followed by 00 or a restart marker, so the pair that is counted occurs
    there only as what it means.
    """
    if jpeg_has_one_scan(data):
        return True
    scans = 0
    # In steps, because a count holds the interpreter: 1 ms for each of these, 20 for a large picture.
    for start in range(0, len(data), _STEP):
        scans += data.count(_START_OF_SCAN, start, start + _STEP + 1)
    return scans <= min(MAX_JPEG_SCANS, max(_ALWAYS_SCANS, _MAX_JPEG_PASSES // max(1, pixels)))


def jpeg_has_one_scan(data: bytes) -> bool:
    """Whether a sequential JPEG has all of its components in its first scan, as nearly all have.

    libjpeg takes no further scan then (jdinput.c: JERR_EOI_EXPECTED).
    """
    at, components = 2, 0
    while at + 10 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind in _SEQUENTIAL:
            components = data[at + 9]
        elif kind == _START_OF_SCAN[1]:
            return 0 < components == data[at + 4]
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def jpeg_ends(data: bytes) -> bool:
    """Whether a JPEG has a scan and, behind padding at most, the marker that ends a picture.

    That is all that decoding would find out: libjpeg makes something of whatever stands in between.
    """
    return _START_OF_SCAN in data and jpeg_tail_ends(data[-PADDING:])


def jpeg_tail_ends(tail: bytes) -> bool:
    """Whether the last bytes of a JPEG (`PADDING` of them) hold the marker that ends a picture."""
    return tail.rstrip(b"\0").endswith(_END_OF_IMAGE)


def webp_is_whole(data: bytes) -> bool:
    """Whether a WebP has as many bytes as its RIFF header announces."""
    return len(data) >= int.from_bytes(data[4:8], "little") + 8


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height that a WebP announces (RFC 9649, sections 2.5 to 2.7); (0, 0) where it has none."""
    chunk = data[12:16]
    if len(data) < 30:
        return 0, 0
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return 0, 0


def gif_is_whole(data: bytes) -> bool:
    """Whether a GIF's blocks lead to its trailer, through every frame (GIF89a specification, appendix B)."""
    if len(data) < _GIF_HEADER:
        return False
    at = _GIF_HEADER + _colour_table(data[10])
    while at < len(data):
        block = data[at]
        if block == _GIF_TRAILER:
            return True
        if block == _GIF_EXTENSION:
            at += 2  # introducer and label
        elif block == _GIF_IMAGE and at + 9 < len(data):
            at += 10 + _colour_table(data[at + 9]) + 1  # descriptor, local table, code size
        else:
            return False
        at = _after_sub_blocks(data, at)
    return False


def _colour_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & _GIF_TABLE else 0


def _after_sub_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1

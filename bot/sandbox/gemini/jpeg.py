"""Making a JPEG file larger without changing its picture."""

from __future__ import annotations

_LONGEST = 65_537  # bytes of one comment segment: marker (2), length (2), payload (65,533)
_FILL = b"\xff"  # any number of these may stand before a marker


def padded(jpeg: bytes, size: int) -> bytes:
    """The same picture in a file of exactly `size` bytes, by comment segments after the first header.

    Args:
        jpeg: a JPEG file.
        size: the bytes that the result shall have, at least those of `jpeg`.

    Raises:
        ValueError: the file is no JPEG, or it is larger than `size` already.
    """
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG file")
    missing = size - len(jpeg)
    if missing < 0:
        raise ValueError(f"the file has {len(jpeg)} bytes already, more than {size}")
    # JFIF wants its APP0 segment first, so the padding goes behind the first segment.
    cut = 4 + int.from_bytes(jpeg[4:6], "big")
    pieces = [jpeg[:cut]]
    while missing >= 4:
        segment = min(missing, _LONGEST)
        pieces.append(b"\xff\xfe" + (segment - 2).to_bytes(2, "big") + bytes(segment - 4))
        missing -= segment
    pieces.append(_FILL * missing)
    pieces.append(jpeg[cut:])
    return b"".join(pieces)

"""How large the frames of an AV1 stream are, read from its headers (AV1 specification, sections 5.3 and 5.5).

An AVIF says in its container how large its picture is, and the stream within may say something else. libavif
decodes what the stream says and scales it: a file of 3 KB can take a gigabyte for a picture of 100x100.
"""

from __future__ import annotations

_SEQUENCE_HEADER = 1
_MAX_OBUS = 10_000


def most_pixels(stream: bytes) -> int:
    """The pixels of the largest frame that a stream may have; raise ValueError where it is none."""
    most, at = 0, 0
    for _ in range(_MAX_OBUS):
        if at >= len(stream):
            return most
        header = stream[at]
        at += 2 if header & 0b100 else 1  # an extension
        if header & 0b10:
            size, at = _leb128(stream, at)
        else:
            size = len(stream) - at
        if at + size > len(stream):
            raise ValueError("an OBU is cut off")
        if header >> 3 & 0b1111 == _SEQUENCE_HEADER:
            most = max(most, _frame_of(_Bits(stream[at : at + size])))
        at += size
    raise ValueError("too many OBUs")


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to eight bytes, seven bits in each; return it and where it ends."""
    value = 0
    for index, byte in enumerate(stream[at : at + 8]):
        value |= (byte & 0x7F) << (index * 7)
        if not byte & 0x80:
            return value, at + index + 1
    raise ValueError("a length is cut off")


class _Bits:
    """Reads numbers bit by bit; past the end there are zeros."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[:256], "big")
        self._left = len(data[:256]) * 8

    def take(self, count: int) -> int:
        """The next number of so many bits."""
        self._left -= count
        if self._left < 0:
            raise ValueError("a header is cut off")
        return self._value >> self._left & ((1 << count) - 1)

    def skip_unlimited(self) -> None:
        """Skip a number that says itself how long it is (uvlc)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        self.take(min(zeros, 32))


def _frame_of(bits: _Bits) -> int:
    """The largest frame that a sequence header allows, in pixels."""
    bits.take(3 + 1)  # profile, still picture
    if bits.take(1):  # a header for one picture alone
        bits.take(5)
    else:
        _skip_timing(bits)
    across, down = bits.take(4) + 1, bits.take(4) + 1
    return (bits.take(across) + 1) * (bits.take(down) + 1)


def _skip_timing(bits: _Bits) -> None:
    delay = 0  # bits of a buffer's delay; 0 where there is no model of the decoder
    if bits.take(1):
        bits.take(64)
        if bits.take(1):
            bits.skip_unlimited()
        if bits.take(1):
            delay = bits.take(5) + 1
            bits.take(32 + 5 + 5)
    display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):  # operating points
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if delay and bits.take(1):
            bits.take(2 * delay + 1)
        if display_delay and bits.take(1):
            bits.take(4)

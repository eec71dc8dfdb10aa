"""What has to be known of a sent file before Pillow may see it: how many frames, and that it is no trap.

Decoders walk through headers in Python or copy them again and again, and trust counts that a file claims.
An honest file passes each of these checks by orders of magnitude. They are bounded themselves: none follows
more than a fixed number of steps. A file that fails one raises `Broken`, or InputRefused where a person can
be told more than that it is damaged.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Literal

from bot.domain.images import IntakeNote
from bot.errors import InputProblem, InputRefused
from bot.imaging import structure
from bot.imaging.isobmff import claims_of
from bot.imaging.kinds import Kind, not_taken

MAX_FRAMES = 10_000  # an hour of a slide show, seven minutes of a film
_MAX_JPEG_SEGMENTS = 2_000  # a segment has up to 64 KiB: these are 128 MiB of metadata
_MAX_PNG_CHUNKS = 50_000  # encoders write some 8 to 64 KiB into each
_MAX_GIF_BLOCKS = 500_000  # encoders write 255 bytes into each
_MAX_RIFF_CHUNKS = 4 * MAX_FRAMES
_MAX_TIFF_ENTRIES = 1_000  # in one directory
_MAX_TIFF_VALUES = 100_000  # of one entry: strips or tiles of a picture
_TIFF_SUBFILE_TYPE, _TIFF_DNG_VERSION = 254, 50706
_TIFF_WHOLE_NUMBERS = (3, 4, 16)  # SHORT, LONG and LONG8
_TIFF_NUMBER_BITS = {3: 16, 4: 32}
_TIFF_WIDTH, _TIFF_LENGTH, _TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH = 256, 257, 322, 323
# Pixels. A decoder holds a whole tile, however small the picture is that it belongs to; programs write 256 or
# 512 on a side, or one tile about as large as the picture. (Rows per strip need no bound: libtiff and Pillow
# take no more of them than the picture has.)
_MAX_TIFF_TILE = 2_048 * 2_048

_GIF_HEADER = 13
_GIF_EXTENSION, _GIF_IMAGE, _GIF_TRAILER, _GIF_CONTROL = 0x21, 0x2C, 0x3B, 0xF9


class Broken(Exception):
    """The file is cut off, or not what its beginning says."""


@dataclass(frozen=True, slots=True)
class Container:
    """A file that may be given to a decoder: perhaps without what comes after its first frame."""

    data: bytes
    note: IntakeNote | None = None
    size: tuple[int, int] | None = None  # as it claims, where that must be known before it is opened


def check(kind: Kind, data: bytes) -> Container:
    """Look through a file; raise Broken or InputRefused where it must not be decoded."""
    match kind:
        case Kind.JPEG:
            return _check_jpeg(data)
        case Kind.PNG:
            return _check_png(data)
        case Kind.GIF:
            return _first_of_gif(data)
        case Kind.WEBP:
            return _check_webp(data)
        case Kind.TIFF:
            return _check_tiff(data)
        case Kind.AVIF | Kind.HEIC:
            return _check_items(kind, data)
    return Container(data)


def note_of(frames: int) -> IntakeNote | None:
    """Return what is to be said about so many frames; refuse absurdly many."""
    if frames > MAX_FRAMES:
        raise InputRefused(InputProblem.TOO_MANY_FRAMES, limit=MAX_FRAMES)
    return IntakeNote.FIRST_FRAME if frames > 1 else None


def _check_jpeg(data: bytes) -> Container:
    """Walk from segment to segment up to the first scan (ITU-T T.81, B.1).

    How many scans there may be depends on the pixels: that is looked at once it is opened.
    """
    at = 2
    for _ in range(_MAX_JPEG_SEGMENTS):
        if at + 4 > len(data):
            break
        if data[at : at + 2] == b"\xff\xda":
            return Container(data)
        # A marker may have any number of FF before it, and decoders forgive other bytes, too.
        stray = data[at] != 0xFF or data[at + 1] == 0xFF
        at += 1 if stray else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise Broken("the segments of the JPEG")


def _check_png(data: bytes) -> Container:
    """Walk all chunks and their checksums to the last one (PNG specification, 5.3)."""
    at, frames = 8, 1
    view = memoryview(data)
    for _ in range(_MAX_PNG_CHUNKS):
        if at + 12 > len(data):
            break
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name, checksum = data[at + 4 : at + 8], int.from_bytes(data[end - 4 : end], "big")
        if end > len(data) or zlib.crc32(view[at + 4 : end - 4]) != checksum:
            break
        if name == b"acTL":  # an animation, and how many frames it claims to have
            frames = int.from_bytes(data[at + 8 : at + 12], "big")
        if name == b"IEND":
            return Container(data, note_of(frames))
        at = end
    raise Broken("the chunks of the PNG")


def _first_of_gif(data: bytes) -> Container:
    """Return a GIF of nothing but the first frame, and count the others (GIF89a specification, appendix B).

    Comments and everything else between the frames are left out; Pillow would collect them.
    """
    if len(data) < _GIF_HEADER:
        raise Broken("the header of the GIF")
    header = at = _GIF_HEADER + _gif_table(data[10])
    frames, first, control = 0, b"", b""
    blocks = _Blocks(data)
    while at < len(data) and data[at] != _GIF_TRAILER and frames <= MAX_FRAMES:
        start = at
        if data[at] == _GIF_EXTENSION:
            at = blocks.after(at + 2)
            if data[start + 1 : start + 2] == bytes([_GIF_CONTROL]):
                control = data[start:at]
        elif data[at] == _GIF_IMAGE and at + 9 < len(data):
            at = blocks.after(at + 10 + _gif_table(data[at + 9]) + 1)
            frames += 1
            first = first or control + data[start:at]
        else:
            break
    if not first:
        raise Broken("the first frame of the GIF")
    return Container(data[:header] + first + bytes([_GIF_TRAILER]), note_of(frames))


def _gif_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


class _Blocks:
    """Steps over the sub-blocks of a GIF, a bounded number of them in all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MAX_GIF_BLOCKS

    def after(self, at: int) -> int:
        """Return where the sub-blocks that begin at `at` are over."""
        data = self._data
        while at < len(data) and data[at]:
            at += data[at] + 1
            self._left -= 1
            if self._left < 0:
                raise Broken("the blocks of the GIF")
        if at >= len(data):
            return len(data)
        return at + 1


def _check_webp(data: bytes) -> Container:
    """Walk the chunks (RFC 9649, 2.3) and count the frames of an animation."""
    if not structure.webp_is_whole(data):
        raise Broken("the length of the WebP")
    at, frames = 12, 0
    for _ in range(_MAX_RIFF_CHUNKS):
        if at + 8 > len(data):
            return Container(data, note_of(frames), structure.webp_size(data))
        if data[at : at + 4] == b"ANMF":
            frames += 1
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)
    raise InputRefused(InputProblem.TOO_MANY_FRAMES, limit=MAX_FRAMES)


def _check_items(kind: Kind, data: bytes) -> Container:
    """Look at the pictures of a HEIC or AVIF, and make sure that they are what is decoded, not a film."""
    claims = claims_of(data)
    if not claims.believable:
        raise Broken("the items of the container")
    if kind is Kind.AVIF and data[8:12] != b"avif":  # libavif goes by it: with "avis" it decodes the film
        data = data[:8] + b"avif" + data[12:]
    note = IntakeNote.FIRST_FRAME if claims.film else None
    return Container(data, note, (claims.width, claims.height))


def _check_tiff(data: bytes) -> Container:
    """Look into the first directory and see whether another page follows (TIFF 6.0, section 2)."""
    big = data[2:4] in (b"+\0", b"\0+")
    first = _Directory.read(data, int.from_bytes(data[8:16] if big else data[4:8], _order(data)))
    # What a camera's sensor saw comes with a preview in front of it; nobody means the preview.
    if first.is_preview or first.is_dng or data[8:10] == b"CR":
        raise not_taken("camera raw")
    try:
        more = bool(first.next) and not _Directory.read(data, first.next).is_preview
    except Broken:
        more = False
    return Container(data, IntakeNote.FIRST_PAGE if more else None)


def _order(data: bytes) -> Literal["little", "big"]:
    return "little" if data.startswith(b"I") else "big"


@dataclass(frozen=True, slots=True)
class _Directory:
    """What has to be known of one directory of a TIFF: it describes a picture and says where the next is."""

    next: int  # 0 after the last
    is_preview: bool  # a smaller copy of another picture in the file
    is_dng: bool

    @classmethod
    def read(cls, data: bytes, offset: int) -> _Directory:
        """Read the directory at an offset; raise Broken where it is none, or absurd."""
        order = "<" if data.startswith(b"I") else ">"
        forms = ("Q", "HHQQ", "Q") if data[2:4] in (b"+\0", b"\0+") else ("H", "HHLL", "L")
        count, entry, word = (struct.Struct(order + form) for form in forms)
        try:
            (entries,) = count.unpack_from(data, offset)
            if entries > _MAX_TIFF_ENTRIES:
                raise Broken("the entries of the TIFF")
            at = offset + count.size
            found = [entry.unpack_from(data, at + entry.size * index) for index in range(entries)]
            (following,) = word.unpack_from(data, at + entry.size * entries)
        except (struct.error, OverflowError) as exc:
            raise Broken("the directory of the TIFF") from exc
        if any(kind in _TIFF_WHOLE_NUMBERS and values > _MAX_TIFF_VALUES for _, kind, values, _ in found):
            raise Broken("the strips of the TIFF")
        tags = {tag: value for tag, _, _, value in found}
        if len(tags) < len(found):  # Pillow goes by the last of them, libtiff by the first
            raise Broken("the tags of the TIFF")
        _check_tiles(_Numbers(order, word.size * 8, {tag: rest for tag, *rest in found}))
        return cls(following, bool(tags.get(_TIFF_SUBFILE_TYPE, 0) & 1), _TIFF_DNG_VERSION in tags)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The whole numbers that stand in the entries of a directory themselves."""

    order: str
    bits: int  # that an entry has for them
    entries: dict[int, list[int]]  # type, count and value by tag

    def of(self, tag: int) -> int | None:
        """Return the number under a tag; 0 where there is none, None where it is not one plain number."""
        kind, count, value = self.entries.get(tag, (4, 1, 0))
        if count != 1 or kind not in _TIFF_NUMBER_BITS:
            return None
        used = _TIFF_NUMBER_BITS[kind]  # the first bytes, which are the upper ones where those come first
        return value >> self.bits - used if self.order == ">" else value & (1 << used) - 1


def _check_tiles(numbers: _Numbers) -> None:
    """Raise Broken where a tile takes much more memory than its picture could."""
    width, length = numbers.of(_TIFF_TILE_WIDTH), numbers.of(_TIFF_TILE_LENGTH)
    pixels = (numbers.of(_TIFF_WIDTH) or 0) * (numbers.of(_TIFF_LENGTH) or 0)
    if width is None or length is None or width * length > max(_MAX_TIFF_TILE, pixels * 5 // 4):
        raise Broken("the tiles of the TIFF")

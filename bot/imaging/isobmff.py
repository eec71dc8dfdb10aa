"""Whether the items of a HEIC or AVIF file are in proportion to the file and to the picture in it.

Both are trees of boxes (ISO/IEC 14496-12) in which items are listed, located, described and derived from each
other (HEIF, ISO/IEC 23008-12). A small file can say that a thousand items are each the whole of it, or that a
picture is put together from another ten thousand times: libheif 1.23 took 4 GB for one of 15 MB.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.imaging.av1 import most_pixels

_MAX_BOXES = 5_000  # beside each other
_MAX_ITEMS = 5_000  # phones write some 60, most of them tiles
_MAX_REFERENCES = 50_000  # of one sort, of all items together
_MAX_PROPERTIES = 64 * 2**20  # bytes: all properties, once for each picture that is not part of another
_SHARE = 2  # how many times the file's size everything that is read may have together
_OVERHANG = 4_000_000  # pixels of tiles that lie outside of the picture


@dataclass(frozen=True, slots=True)
class Claims:
    """What a file says about itself."""

    believable: bool  # a decoder may believe the rest
    width: int = 0  # of the main picture, before it is turned
    height: int = 0
    film: bool = False  # there are frames beside the pictures


def claims_of(data: bytes) -> Claims:
    """Read what a file says about itself, and judge whether that is in proportion.

    A file without items, which is nothing but a film, is not believable: only pictures are taken.
    """
    try:
        boxes = list(_boxes(data, 0, len(data), forgiving=True))
        (meta,) = (box for box in boxes if box.kind == b"meta")
        items = _Items.read(data, meta)
        believable = items.are_in_proportion(data)
    except (_Absurd, ValueError, KeyError, RecursionError):
        return Claims(False)
    width, height = items.sizes.get(items.primary, (0, 0))
    return Claims(believable, width, height, any(box.kind == b"moov" for box in boxes))


class _Absurd(Exception):
    """It is no tree of boxes, or has more of something than any honest file."""


@dataclass(frozen=True, slots=True)
class _Box:
    """Its type, and where its content is."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Bytes of an item: by method 0 counted from the file's beginning, by 1 from the meta box's own data."""

    method: int
    start: int
    size: int


@dataclass(slots=True)
class _Items:
    """The items of a file, by their ids."""

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, list[_Place]] = field(default_factory=dict)  # where an item's bytes are
    inner: int = 0  # where the data within the meta box begin
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)  # in pixels
    parts: dict[int, list[int]] = field(default_factory=dict)  # what an item is derived from
    beside: set[int] = field(default_factory=set)  # what goes with another item: its transparency, for one
    concerned: Counter[int] = field(default_factory=Counter)  # how many items a text or EXIF data is about
    properties: int = 0  # bytes of all properties

    @classmethod
    def read(cls, data: bytes, meta: _Box) -> _Items:
        """Read what stands in the meta box."""
        items = cls()
        for box in _boxes(data, meta.start + 4, meta.end):
            match box.kind:
                case b"pitm":
                    reader = _Reader(data, box)
                    items.primary = reader.number(4 if reader.version else 2)
                case b"iinf":
                    items._read_kinds(data, box)
                case b"iloc":
                    items._read_locations(_Reader(data, box), len(data))
                case b"idat":
                    items.inner = box.start
                case b"iref":
                    items._read_references(data, box)
                case b"iprp":
                    items._read_properties(data, box)
        return items

    def are_in_proportion(self, data: bytes) -> bool:
        """Whether reading all items costs no more than the file, and decoding the picture no more than it."""
        read = sum(self._bytes(item) * max(1, self.concerned[item]) for item in self.places)
        if read > len(data) * _SHARE:
            return False
        parts = {part for listed in self.parts.values() for part in listed}
        shown = sum(1 for item in self.sizes if item not in parts)
        if self.properties * shown > _MAX_PROPERTIES:
            return False
        known: dict[int, int] = {}
        worth = _worth(self._area(self.primary))
        if any(self._decoded(item, known, ()) > worth for item in (self.primary, *self.beside)):
            return False
        streams = (item for item, kind in self.kinds.items() if kind == b"av01")
        return all(self._frame(item, data) <= _worth(self._area(item)) for item in streams)

    def _area(self, item: int) -> int:
        width, height = self.sizes.get(item, (0, 0))
        return width * height

    def _bytes(self, item: int) -> int:
        return sum(place.size for place in self.places[item])

    def _frame(self, item: int, data: bytes) -> int:
        """How many pixels an AV1 item really has. libheif asks the same of HEVC by itself."""
        begins = {0: 0, 1: self.inner}
        pieces = []
        for place in self.places.get(item, ()):
            start = begins[place.method] + place.start
            pieces.append(data[start : start + place.size])
        return most_pixels(b"".join(pieces))

    def _decoded(self, item: int, known: dict[int, int], above: tuple[int, ...]) -> int:
        """How many pixels are decoded for an item: its own, or those of all that it is derived from."""
        if item in above or self.kinds.get(item) == b"iovl":  # overlays: nobody writes them
            raise _Absurd
        if item not in known:
            below = [self._decoded(part, known, (*above, item)) for part in self.parts.get(item, ())]
            known[item] = max(self._area(item), sum(below))
        return known[item]

    # --- boxes ------------------------------------------------------------------------------------------

    def _read_kinds(self, data: bytes, box: _Box) -> None:
        """ItemInfoBox (14496-12, 8.11.6)."""
        reader = _Reader(data, box)
        reader.number(4 if reader.version else 2)
        for inner in _boxes(data, reader.at, box.end):
            entry = _Reader(data, inner)
            item = entry.number(4 if entry.version > 2 else 2)
            entry.number(2)  # protection
            self.kinds[item] = entry.number(4).to_bytes(4, "big")

    def _read_locations(self, reader: _Reader, file_size: int) -> None:
        """ItemLocationBox (14496-12, 8.11.3)."""
        wide, widths = reader.version > 1, reader.number(2)
        offset, length, base, index = (widths >> shift & 15 for shift in (12, 8, 4, 0))
        left = _MAX_REFERENCES
        for _ in range(reader.count(4 if wide else 2, _MAX_ITEMS)):
            item = reader.number(4 if wide else 2)
            method = reader.number(2) & 15 if reader.version else 0
            reader.number(2)  # of another file
            begin, places = reader.number(base), self.places.setdefault(item, [])
            extents = reader.count(2, left)
            left -= extents
            for _ in range(extents):
                reader.number(index if reader.version else 0)
                start = begin + reader.number(offset)
                # Where no length is given, it is everything that there is.
                places.append(_Place(method, start, reader.number(length) or file_size))

    def _read_references(self, data: bytes, box: _Box) -> None:
        """ItemReferenceBox (14496-12, 8.11.12)."""
        reader = _Reader(data, box)
        width, left = 4 if reader.version else 2, _MAX_REFERENCES
        for inner in _boxes(data, reader.at, box.end):
            entry = _Reader(data, inner, plain=True)
            item = entry.number(width)
            listed = [entry.number(width) for _ in range(entry.count(2, left))]
            left -= len(listed)
            match inner.kind:
                case b"dimg":
                    self.parts.setdefault(item, []).extend(listed)
                case b"auxl":
                    self.beside.add(item)
                case b"cdsc":
                    self.concerned[item] += len(listed)

    def _read_properties(self, data: bytes, box: _Box) -> None:
        """ItemPropertiesBox (23008-12, 9.3): the properties, then which item has which of them."""
        sizes: list[tuple[int, int] | None] = [None]  # of properties, which are counted from 1
        for inner in _boxes(data, box.start, box.end):
            if inner.kind == b"ipco":
                self.properties += inner.end - inner.start
                for item in _boxes(data, inner.start, inner.end):
                    size = _Reader(data, item) if item.kind == b"ispe" else None
                    sizes.append((size.number(4), size.number(4)) if size else None)
            elif inner.kind == b"ipma":
                self._read_associations(_Reader(data, inner), sizes)

    def _read_associations(self, reader: _Reader, sizes: list[tuple[int, int] | None]) -> None:
        width = 2 if reader.flags & 1 else 1
        left = _MAX_REFERENCES
        for _ in range(reader.count(4, _MAX_ITEMS)):
            item = reader.number(4 if reader.version else 2)
            properties = reader.count(1, left)
            left -= properties
            for _ in range(properties):
                index = reader.number(width) & (0x7FFF if width == 2 else 0x7F)
                size = sizes[index] if index < len(sizes) else None
                if size is not None:
                    self.sizes[item] = max(self.sizes.get(item, size), size, key=math.prod)


def _worth(pixels: int) -> int:
    """How many pixels may be decoded for a picture of so many: its transparency and some overhang, too."""
    return pixels * 2 + _OVERHANG


class _Reader:
    """Reads numbers from a box, one after the other. All but `plain` ones begin with a version and flags."""

    def __init__(self, data: bytes, box: _Box, *, plain: bool = False) -> None:
        self._data = data
        self._end = box.end
        self.at = box.start
        self.version = 0 if plain else self.number(1)
        self.flags = 0 if plain else self.number(3)

    def number(self, width: int) -> int:
        """The next number of so many bytes."""
        start, self.at = self.at, self.at + width
        if self.at > self._end:
            raise _Absurd
        return int.from_bytes(self._data[start : self.at], "big")

    def count(self, width: int, most: int) -> int:
        """The next number, which says how many of something follow."""
        number = self.number(width)
        if number > most:
            raise _Absurd
        return number


def _boxes(data: bytes, at: int, end: int, *, forgiving: bool = False) -> Iterator[_Box]:
    """The boxes beside each other between two places. Phones append what is none to a file: forgive that."""
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size, start = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        last = at + size if size else end
        if not start <= last <= end:
            if forgiving:
                return
            raise _Absurd
        yield _Box(data[at + 4 : at + 8], start, last)
        at = last
    raise _Absurd

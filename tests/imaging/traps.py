"""Files that want to cost more than they look like, and such as only claim to be a picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import cache

from PIL import Image

from tests.imaging.pictures import animation, encode, flat_png, noise, png_chunk
from tests.imaging.sent import heic

BILLION = 1_000_000_000


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an ISO container."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def full_box(kind: bytes, content: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags) + content)


def container(
    kinds: dict[int, bytes],
    *,
    brand: bytes = b"heic",
    areas: Iterable[tuple[int, int, int]] = ((1, 64, 64),),
    references: bytes = b"",
    locations: bytes = b"",
    properties: bytes = b"",
    padding: int = 0,
) -> bytes:
    """A HEIC or AVIF of the given items, whose first is the picture; nothing in it can be decoded."""
    entries = b"".join(
        full_box(b"infe", struct.pack(">HH4sx", item, 0, kind), 2) for item, kind in kinds.items()
    )
    sizes = b"".join(full_box(b"ispe", struct.pack(">II", width, height)) for _, width, height in areas)
    owners = b"".join(
        struct.pack(">HBB", item, 1, place) for place, (item, _, _) in enumerate(areas, 1) if item in kinds
    )
    meta = full_box(
        b"meta",
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + full_box(b"pitm", struct.pack(">H", 1))
        + full_box(b"iinf", struct.pack(">H", len(kinds)) + entries)
        + (full_box(b"iloc", locations) if locations else b"")
        + (full_box(b"iref", references) if references else b"")
        + box(
            b"iprp",
            box(b"ipco", sizes + properties)
            + full_box(b"ipma", struct.pack(">I", len(list(areas))) + owners),
        ),
    )
    return box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + meta + box(b"mdat", bytes(padding))


def reference(kind: bytes, item: int, listed: list[int]) -> bytes:
    """From one item to others."""
    return box(kind, struct.pack(f">HH{len(listed)}H", item, len(listed), *listed))


def places(*extents: tuple[int, int, int]) -> bytes:
    """Where items are: id, offset, length."""
    listed = (struct.pack(">HHHII", item, 0, 1, start, size) for item, start, size in extents)
    return struct.pack(">BBH", 0x44, 0, len(extents)) + b"".join(listed)


def lying(data: bytes, width: int = 100, height: int = 100) -> bytes:
    """A HEIC or AVIF that claims another size than its picture has."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


@cache
def large_avif() -> bytes:
    """An AVIF of 16 million pixels in half a kilobyte."""
    return encode(Image.new("L", (4_096, 4_096)), "AVIF", quality=10, speed=10)


def flat_colours(width: int, height: int, *, transparent: bool) -> bytes:
    """A PNG of eight bits for each of three or four channels, all zero: few bytes, and much to decode."""
    squeeze = zlib.compressobj(1)
    row = bytes(1 + width * (4 if transparent else 3))
    packed = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if transparent else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, content) for name, content in chunks)


def with_scans(data: bytes, more: int) -> bytes:
    """A progressive JPEG whose last scan is repeated so often."""
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * more + data[last:]


@cache
def traps() -> dict[str, bytes]:
    """Files that are refused although their beginning is that of a picture."""
    still = encode(noise(60, 40), "JPEG")
    png = encode(noise(60, 40), "PNG")
    gif = encode(noise(60, 40), "GIF")
    webp = encode(noise(60, 40), "WEBP")
    tile = dict.fromkeys(range(2, 5), b"hvc1")
    return {
        "jpeg of a million segments": still[:2] + b"\xff\xfe\0\2" * 1_000_000 + still[2:],
        "jpeg of a million fill bytes": still[:2] + b"\xff" * 1_000_000 + still[2:],
        "png of a million chunks": png[:33] + png_chunk(b"tEXt", b"") * 1_000_000 + png[33:],
        "png that unpacks to endless text": png[:33] + endless_text() + png[33:],
        "gif of endless blocks": gif[:-1] + b"\x21\xfe" + b"\1x" * 1_000_000 + b"\0;",
        "gif of blocks before the picture": gif[:13] + b"\x21\xfe" + b"\1x" * 1_000_000 + b"\0" + gif[13:],
        "webp that says it is longer": webp[:4] + struct.pack("<I", 10**9) + webp[8:],
        "webp of nothing": b"RIFF\x04\0\0\0WEBP",
        "jpeg of many scans over many pixels": with_scans(
            encode(Image.new("L", (4_000, 4_000)), "JPEG", progressive=True), 100
        ),
        "tiff of a million strips": tiff(16, {273: (4, 1_000_000)}),
        **{f"tiff of a huge tile: {name}": data for name, data in huge_tiles().items()},
        "tiff that says twice how large its tiles are": two_tile_sizes(),
        "tiff of many entries": b"II*\0\x08\0\0\0" + struct.pack("<H", 50_000) + bytes(600_000),
        "tiff that goes nowhere": b"II*\0" + struct.pack("<I", 2**32 - 1) + bytes(100),
        "bigtiff that goes nowhere": b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**64 - 1) + bytes(100),
        "heic with a lie": lying(heic(Image.new("L", (2_000, 2_000)), quality=10)),
        "avif with a lie": lying(large_avif()),
        "heic of items that are the whole file": container(
            {1: b"hvc1"} | dict.fromkeys(range(2, 100), b"mime"),
            locations=places(*((number, 0, 100_000) for number in range(2, 100))),
            padding=100_000,
        ),
        "heic of one text about everything": container(
            {1: b"hvc1", 2: b"Exif"},
            locations=places((2, 0, 90_000)),
            references=reference(b"cdsc", 2, [1] * 5_000),
            padding=100_000,
        ),
        "heic with a large profile for each of many": container(
            dict.fromkeys(range(1, 121), b"hvc1"),
            areas=[(number, 64, 64) for number in range(1, 121)],
            properties=box(b"colr", b"prof" + bytes(1_000_000)),
        ),
        "heic put together from one, often": container(
            {1: b"grid"} | tile,
            areas=[(1, 512, 512), (2, 512, 512)],
            references=reference(b"dimg", 1, [2] * 60_000),
        ),
        "heic put together often, in steps": container(
            {1: b"grid"} | tile,
            areas=[(1, 512, 512), (4, 512, 512)],
            references=b"".join(reference(b"dimg", item, [item + 1] * 900) for item in (1, 2, 3)),
        ),
        "heic put together from itself": container(
            {1: b"iden", 2: b"iden"}, references=reference(b"dimg", 1, [2]) + reference(b"dimg", 2, [1])
        ),
        "heic of a long chain": container(
            dict.fromkeys(range(1, 4000), b"iden"),
            references=b"".join(reference(b"dimg", item, [item + 1]) for item in range(1, 3_999)),
        ),
        "heic of an overlay": container({1: b"iovl"} | tile, references=reference(b"dimg", 1, [2, 3])),
        "heic with transparency of another size": container(
            {1: b"hvc1", 2: b"hvc1"},
            areas=[(1, 64, 64), (2, 8_000, 8_000)],
            references=reference(b"auxl", 2, [1]),
        ),
        "heic of empty extents": container(
            {1: b"hvc1"},
            locations=struct.pack(">BBH", 0, 0, 5_000) + struct.pack(">HHH", 1, 0, 65_535) * 5_000,
        ),
        "avif without items": box(b"ftyp", b"avis" + bytes(4) + b"avis") + box(b"moov", bytes(100)),
    }


def endless_text() -> bytes:
    """A chunk of a PNG that unpacks to 80 MB."""
    return png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))


def tiff(side: int, more: dict[int, tuple[int, int]]) -> bytes:
    """A grey TIFF; `more` are entries of tag, type and count that point at its beginning."""
    entries: dict[int, tuple[int, int, int]] = {
        256: (4, 1, side),
        257: (4, 1, side),
        258: (3, 1, 8),
        262: (3, 1, 1),
        273: (4, 1, 8),
        279: (4, 1, side * side),
        **{tag: (kind, count, 8) for tag, (kind, count) in more.items()},
    }
    directory = b"".join(struct.pack("<HHII", tag, *entry) for tag, entry in sorted(entries.items()))
    pixels = bytes(max(side * side, 4 * max((count for _, count in more.values()), default=0)))
    start = 8 + len(pixels)
    return (
        b"II*\0" + struct.pack("<I", start) + pixels + struct.pack("<H", len(entries)) + directory + bytes(4)
    )


def tiles(
    side: int,
    packed: bytes,
    compression: int,
    *,
    picture: tuple[int, int] = (16, 16),
    order: str = "<",
    kind: str = "L",
    planar: bool = False,
    again: int | None = None,
) -> bytes:
    """A TIFF of one tile of that side for each channel: what `packed` is, compressed as the tag says.

    `kind` is how the side is written: "H" as SHORT, "L" as LONG, "Q" as LONG8; `again` is another
    width of the tiles, written behind the first.
    """
    planes = 3 if planar else 1
    # Behind the header: bits for each channel, offsets and lengths of the tiles, the LONG8, the tiles.
    bits, offsets, lengths, long8, pixels = 8, 16, 32, 48, 56
    data = struct.pack(order + "3H2x", 8, 8, 8) + struct.pack(order + "3L4x", *[pixels] * 3)
    data += struct.pack(order + "3L4xQ", *[len(packed)] * 3, side) + packed + bytes(len(packed) % 2)
    number = {"H": 3, "L": 4, "Q": 16}[kind]
    written = long8 if kind == "Q" else side
    entries = [
        *((256 + index, 4, 1, length) for index, length in enumerate(picture)),
        (258, 3, planes, bits if planar else 8),
        (259, 3, 1, compression),
        (262, 3, 1, 2 if planar else 1),
        (277, 3, 1, planes),
        (284, 3, 1, 2 if planar else 1),
        (322, number, 1, written),
        *([(322, number, 1, again)] if again else []),
        (323, number, 1, written),
        (324, 4, planes, offsets if planar else pixels),
        (325, 4, planes, lengths if planar else len(packed)),
    ]
    directory = struct.pack(order + "H", len(entries))
    for tag, written_as, count, value in entries:
        short = written_as == 3 and count == 1
        directory += struct.pack(order + "HHL", tag, written_as, count)
        directory += struct.pack(order + ("HH" if short else "L"), *((value, 0) if short else (value,)))
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(order + "L", 8 + len(data)) + data + directory + bytes(4)


HUGE_TILE = 26_752  # on a side: 716 MB for each byte of a pixel


def huge_tiles() -> dict[str, bytes]:
    """A few hundred bytes each: pictures of 16 × 16 pixels, in tiles of hundreds of megabytes."""
    packed = zlib.compress(bytes(256))
    return {
        "deflate": tiles(HUGE_TILE, packed, 8),
        "lzw": tiles(HUGE_TILE, b"\x80\0\x40\x40", 5),
        "jpeg": tiles(HUGE_TILE, encode(Image.new("L", (16, 16)), "JPEG"), 7),
        "planes": tiles(HUGE_TILE, packed, 8, planar=True),
        "of Motorola": tiles(HUGE_TILE, packed, 8, order=">"),
        "of Motorola, short": tiles(HUGE_TILE, packed, 8, order=">", kind="H"),
        "short": tiles(HUGE_TILE, packed, 8, kind="H"),
        "written elsewhere": tiles(HUGE_TILE, packed, 8, kind="Q"),
        "as wide as the picture": tiles(HUGE_TILE, packed, 8, picture=(HUGE_TILE, 1)),
    }


def two_tile_sizes() -> bytes:
    """What libtiff goes by stands first, and what Pillow goes by last."""
    return tiles(HUGE_TILE, zlib.compress(bytes(256)), 8, again=16)


@cache
def many_pixels() -> dict[str, bytes]:
    """Small files that claim a picture of more pixels than are taken."""
    gif, webp = bytearray(encode(noise(60, 40), "GIF")), bytearray(encode(noise(60, 40), "WEBP"))
    gif[6:10] = b"\xff\xff\xff\xff"
    webp[26:30] = struct.pack("<HH", 16_383, 16_383)
    bmp, rle = bytearray(encode(noise(60, 40), "BMP")), bytearray(encode(noise(60, 40, mode="L"), "BMP"))
    bmp[18:26] = struct.pack("<ii", 30_000, 30_000)
    rle[18:26], rle[30:34] = struct.pack("<ii", 5_000, 1_000), b"\1\0\0\0"
    jpeg = encode(noise(60, 40), "JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    return {
        "png": flat_png(30_000, 30_000),
        "png that Pillow would only warn of": flat_png(10_000, 9_000),
        "jpeg": jpeg[:frame] + struct.pack(">HH", 65_500, 65_500) + jpeg[frame + 4 :],
        "gif": bytes(gif),
        "webp": bytes(webp),
        "bmp": bytes(bmp),
        "bmp of run lengths": bytes(rle),
        "tiff": tiff(16, {}).replace(
            struct.pack("<HHII", 256, 4, 1, 16), struct.pack("<HHII", 256, 4, 1, 10**7)
        ),
        "avif": lying(large_avif(), 30_000, 30_000),
        "heic": lying(heic(noise(64, 64)), 30_000, 30_000),
    }


@cache
def many_frames() -> dict[str, bytes]:
    """Animations that nobody could watch to the end."""
    gif = animation("GIF")
    control = b"\x21\xf9\x04"
    second = gif.index(control, gif.index(control) + 8)
    tiny = b"\x2c" + bytes(4) + b"\1\0\1\0" + b"\0" + b"\2\2\x44\1\0"
    webp = animation("WEBP")
    frames = webp + (b"ANMF" + struct.pack("<I", 0)) * 20_000
    png = animation("PNG")
    claim = png.index(b"acTL") + 4
    claimed = png_chunk(b"acTL", struct.pack(">II", BILLION, 0))
    return {
        "gif": gif[:second] + tiny * 20_000 + b";",
        "webp": frames[:4] + struct.pack("<I", len(frames) - 8) + frames[8:],
        "png": png[: claim - 8] + claimed + png[claim + 12 :],
    }

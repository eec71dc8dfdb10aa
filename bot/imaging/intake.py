"""Taking in a picture that somebody sent: refused, or made anew from its pixels alone.

What comes out holds nothing of the file that came in but what can be seen: no camera, place or owner, no
thumbnail, no text, no colour profile, no bytes behind the end. It is upright, in sRGB, and no larger than a
model has use for.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from bot.domain.images import MAX_INPUT_BYTES, IntakeNote, Prepared
from bot.errors import InputProblem, InputRefused, StorageError
from bot.imaging import containers, structure
from bot.imaging.colour import plainly, to_srgb
from bot.imaging.encoding import encoded
from bot.imaging.kinds import Kind, kind_of

log = logging.getLogger(__name__)

# Each limit is about 700 MB at the most while a picture is decoded: Pillow holds four bytes for a pixel,
# libwebp's decoder of animations (which Pillow uses for all) twelve more, those of video formats eight, and
# libtiff as many for a picture of a single strip or tile.
MAX_PIXELS = 80_000_000
_FEWER_PIXELS = {
    Kind.WEBP: 40_000_000,
    Kind.AVIF: 60_000_000,
    Kind.HEIC: 60_000_000,
    Kind.TIFF: 60_000_000,
}
# Bytes for each pixel at the worst, with what is made of it: as measured at twenty million pixels.
_PIXEL_BYTES = 12
_MORE_PIXEL_BYTES = {Kind.WEBP: 20, Kind.AVIF: 16, Kind.HEIC: 16, Kind.TIFF: 16}
_RUN_LENGTH_PIXELS = 4_000_000  # Pillow decodes run lengths of a BMP in Python
TINY = 64  # pixels on the longer side

_OPENERS: dict[Kind, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    Kind.JPEG: JpegImageFile,
    Kind.PNG: PngImageFile,
    Kind.WEBP: WebPImageFile,
    Kind.GIF: GifImageFile,
    Kind.AVIF: AvifImageFile,
    Kind.HEIC: HeifImageFile,
    Kind.BMP: BmpImageFile,
    Kind.TIFF: TiffImageFile,
}
_ORIENTATION = 0x0112  # the EXIF tag
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BAND = 1_000_000  # pixels that are converted at once
_SPARE = 2  # how many times its final size a picture keeps on each side until the last, careful scaling


def read(path: Path) -> bytes:
    """Return a file's bytes; raise InputRefused where it has too many, StorageError where that fails."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_INPUT_BYTES + 1)
    except OSError as exc:
        raise StorageError(f"cannot read {path.name}: {exc.strerror}") from exc
    if len(data) > MAX_INPUT_BYTES:
        raise InputRefused(InputProblem.TOO_MANY_BYTES, limit=MAX_INPUT_BYTES)
    return data


def weigh(data: bytes) -> int:
    """Return how many bytes `take_in` will need for a picture, at the worst; raise InputRefused as it does.

    Nothing is decoded, so this takes little itself.
    """
    with _refusing(data) as kind:
        if kind is Kind.WEBP:  # opening it takes the memory already
            size = containers.check(kind, data).size or (0, 0)
        else:
            with _opened(data) as opened:
                size = opened.image.size
        return _checked(size, _most_pixels(kind, data)) * _MORE_PIXEL_BYTES.get(kind, _PIXEL_BYTES)


def take_in(data: bytes, longest_side: int) -> Prepared:
    """Make a picture anew from what somebody sent; raise InputRefused where that cannot be.

    Memory in all: about 700 MB for the largest that are taken, 100 MB for a photograph of twelve million
    pixels.
    """
    with _opened(data) as opened:
        size, info = opened.image.size, opened.image.info
        full_chroma = _has_full_chroma(opened)
        image = _scaled(opened, longest_side)
    image = to_srgb(image, info.get("icc_profile"))
    prepared = encoded(_upright(image, info.get("exif")), full_chroma=full_chroma)
    notes = [opened.note] if opened.note else []
    if prepared.width * prepared.height < size[0] * size[1]:
        notes.append(IntakeNote.SCALED_DOWN)
    if max(size) < TINY:
        notes.append(IntakeNote.TINY)
    return replace(prepared, notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A picture whose pixels are not decoded yet."""

    kind: Kind
    image: ImageFile.ImageFile
    note: IntakeNote | None


@contextmanager
def _opened(data: bytes) -> Iterator[_Opened]:
    """Open what somebody sent, as `_refusing` says."""
    with _refusing(data) as kind:
        most = _most_pixels(kind, data)
        container = containers.check(kind, data)
        _checked(container.size or (0, 0), most)
        with _OPENERS[kind](io.BytesIO(container.data)) as image:
            pixels = _checked(image.size, most)
            if kind is Kind.JPEG and not structure.jpeg_is_sane(data, pixels):
                raise containers.Broken("too many scans for so many pixels")
            yield _Opened(kind, image, container.note)


@contextmanager
def _refusing(data: bytes) -> Iterator[Kind]:
    """Find out what somebody sent. What goes wrong inside is translated: Pillow raises nearly anything."""
    kind = kind_of(data)
    try:
        yield kind
    except (InputRefused, MemoryError):
        raise
    except Exception as exc:
        log.info("no whole %s: %s", kind, exc if isinstance(exc, containers.Broken) else type(exc).__name__)
        raise InputRefused(InputProblem.NOT_A_PICTURE, kind=kind.value) from exc


def _most_pixels(kind: Kind, data: bytes) -> int:
    compression = data[30:34]  # of a BMP: where its headers are as Windows has written them since 3.0
    if kind is Kind.BMP and compression in (b"\1\0\0\0", b"\2\0\0\0"):
        return _RUN_LENGTH_PIXELS
    return _FEWER_PIXELS.get(kind, MAX_PIXELS)


def _checked(size: tuple[int, int], most: int) -> int:
    width, height = size
    if width * height > most:
        raise InputRefused(InputProblem.TOO_MANY_PIXELS, width=width, height=height, limit=most)
    return width * height


def _has_full_chroma(opened: _Opened) -> bool:
    """Whether the picture has its colours in full resolution; what cameras write has not."""
    if opened.kind is Kind.JPEG:
        return get_sampling(opened.image) == 0
    return opened.kind in (Kind.PNG, Kind.GIF, Kind.BMP, Kind.TIFF)


# --- pixels -----------------------------------------------------------------------------------------------


def _scaled(opened: _Opened, longest_side: int) -> Image.Image:
    """Decode a picture into L, RGB, RGBA or CMYK with at most `longest_side` pixels on a side."""
    image = opened.image
    goal = _within(image.size, longest_side)
    if opened.kind is Kind.JPEG:  # libjpeg decodes at a half, a quarter or an eighth by itself
        image.draft(None, (goal[0] * _SPARE, goal[1] * _SPARE))
    image.load()
    if opened.kind is not Kind.JPEG:
        goal = _within(image.size, longest_side)  # what a HEIC says before it is decoded may be wrong
    small = _reduced(image, goal)
    if small.size != goal:
        return small.resize(goal, Image.Resampling.LANCZOS)
    return small.copy() if small is image else small


def _within(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    factor = min(1.0, longest_side / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _reduced(image: Image.Image, goal: tuple[int, int]) -> Image.Image:
    """Return the picture in a mode that can be scaled, by whole steps closer to its goal.

    In bands, so that a large picture is never there twice.
    """
    convert = plainly(image)
    across, down = (max(1, side // (wanted * _SPARE)) for side, wanted in zip(image.size, goal, strict=True))
    if across == down == 1:
        return convert(image)
    width, height = image.size
    rows = max(1, _BAND // width // down) * down
    small: Image.Image | None = None
    for top in range(0, height, rows):
        band = convert(image.crop((0, top, width, min(top + rows, height)))).reduce((across, down))
        if small is None:
            small = Image.new(band.mode, (band.width, -(-height // down)))
        small.paste(band, (0, top // down))
    if small is None:
        raise ValueError("a picture without rows")
    return small


def _upright(image: Image.Image, exif: object) -> Image.Image:
    """Turn a picture as its EXIF data say that it was held. Damaged data turn nothing.

    Other formats say it elsewhere, and their decoders have turned it.
    """
    if not isinstance(exif, bytes):
        return image
    parsed = Image.Exif()
    try:
        parsed.load(exif)
        turn = _UPRIGHT.get(parsed.get(_ORIENTATION, 1))
    except Exception as exc:
        log.info("EXIF data were left out: %s", type(exc).__name__)
        return image
    return image if turn is None else image.transpose(turn)

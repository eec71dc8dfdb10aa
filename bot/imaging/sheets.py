"""A contact sheet: several pictures on one, each with its label.

It brings its own dark ground, so that it reads the same in Discord's dark and light. Each picture is shown
whole; a row is as high as its highest picture needs.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from bot.domain.gallery import COLUMNS, Tile
from bot.domain.images import FittedFile
from bot.errors import ImageError, StorageError
from bot.imaging.budget import Budget
from bot.imaging.reading import opened, read

log = logging.getLogger(__name__)

MAX_BYTES = 1_000_000
# Pixels. Discord shows a picture about 550 wide, which is somewhat less than half of three columns.
SIDE = 400  # of the square that a picture has to fit
LOWEST = 200  # of a row
GAP = 16
LABEL = 56
TEXT = 34
RADIUS = 12

_GROUND = (30, 31, 34)
_CARD = (43, 45, 49)
_LABEL = (242, 243, 245)
_REMARK = (181, 186, 193)
_MISSING = (128, 132, 142)
_QUALITIES = (88, 78, 65, 45, 25)  # the first that fits; only noise needs more than the first
_FULL_CHROMA = 0  # Pillow's number for 4:4:4: small letters keep their edges


def contact_sheet(tiles: Sequence[Tile], budget: Budget | None = None) -> FittedFile:
    """Return a JPEG of at most `MAX_BYTES` with the tiles from left to right, three in a row.

    A picture that is missing or cannot be decoded has a sign in its place. One picture is decoded at a time,
    a JPEG at the smallest scale that does. `budget` as for `reading.opened`. ValueError without tiles.
    """
    if not tiles:
        raise ValueError("a contact sheet needs a picture")
    pictures = [thumbnail(tile.path, SIDE, budget) or _missing() for tile in tiles]
    columns = min(COLUMNS, len(tiles))
    rows = [range(start, min(start + columns, len(tiles))) for start in range(0, len(tiles), columns)]
    heights = [max(LOWEST, *(pictures[at].height for at in row)) for row in rows]
    sheet = Image.new(
        "RGB",
        (GAP + columns * (SIDE + GAP), GAP + sum(height + LABEL + GAP for height in heights)),
        _GROUND,
    )
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, at in enumerate(row):
            _put(sheet, (GAP + column * (SIDE + GAP), top), height, pictures[at], tiles[at])
        top += height + LABEL + GAP
    return encoded(sheet)


def thumbnail(path: Path, side: int, budget: Budget | None = None) -> Image.Image | None:
    """Return a picture as RGB on the card's colour, within a square; None where it cannot be decoded."""
    try:
        with opened(read(path), budget) as image:
            image.draft("RGB", (side * 2, side * 2))  # only JPEG knows how; the others ignore it
            scaled = _scalable(image)
            scaled.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
            return _on_card(ImageOps.exif_transpose(scaled))
    except (ImageError, StorageError) as error:
        log.warning("%s cannot be shown on a sheet: %s", path.name, error)
        return None


def _scalable(image: Image.Image) -> Image.Image:
    """Return the picture in a mode whose pixels can be mixed."""
    if image.mode.startswith("I"):  # 16-bit grey; convert() would cut off its bright half instead of scaling
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("L", "RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _on_card(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, _CARD)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _missing() -> Image.Image:
    """A picture frame that is crossed out: it needs no words."""
    image = Image.new("RGB", (SIDE, LOWEST), _CARD)
    draw = ImageDraw.Draw(image)
    middle, half = (SIDE // 2, LOWEST // 2), 50
    left, top, right, bottom = middle[0] - 66, middle[1] - half, middle[0] + 66, middle[1] + half
    draw.rounded_rectangle((left, top, right, bottom), RADIUS, outline=_MISSING, width=6)
    draw.line((left - 14, bottom + 14, right + 14, top - 14), _CARD, width=22)
    draw.line((left - 14, bottom + 14, right + 14, top - 14), _MISSING, width=6)
    return image


def _put(sheet: Image.Image, at: tuple[int, int], height: int, picture: Image.Image, tile: Tile) -> None:
    left, top = at
    draw = ImageDraw.Draw(sheet)
    draw.rounded_rectangle((left, top, left + SIDE - 1, top + height + LABEL - 1), RADIUS, fill=_CARD)
    place = (left + (SIDE - picture.width) // 2, top + (height - picture.height) // 2)
    sheet.paste(picture, place, corners(picture.size))
    middle = top + height + LABEL // 2
    draw.text((left + GAP, middle), tile.label, _LABEL, font(TEXT), anchor="lm")
    if tile.remark:
        draw.text((left + SIDE - GAP, middle), tile.remark, _REMARK, font(TEXT * 3 // 4), anchor="rm")


def corners(size: tuple[int, int]) -> Image.Image:
    """A mask that leaves a picture's corners to the rounded card behind it."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), min(RADIUS, *size), fill=255)
    return mask


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow brings along: the same on every machine."""
    return ImageFont.load_default(size)


def encoded(sheet: Image.Image) -> FittedFile:
    """Return a sheet as a JPEG of at most `MAX_BYTES`."""
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        sheet.save(buffer, "JPEG", quality=quality, subsampling=_FULL_CHROMA)
        if buffer.tell() <= MAX_BYTES:
            break
    return FittedFile(buffer.getvalue(), "image/jpeg", *sheet.size)

"""Contact sheets: every picture whole, labelled, whatever the bytes behind it are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from bot.domain.gallery import Tile
from bot.domain.images import FittedFile
from bot.imaging import Imaging
from bot.imaging.sheets import GAP, LABEL, LOWEST, MAX_BYTES, SIDE
from tests.imaging.pictures import corners, decode, encode, flat_png, noise

CARD, GROUND = (43, 45, 49), (30, 31, 34)


def tile(folder: Path, image: Image.Image | bytes, format: str = "PNG", label: str = "k7f3q9z") -> Tile:
    path = folder / f"{len(list(folder.iterdir()))}"
    path.write_bytes(image if isinstance(image, bytes) else encode(image, format))
    return Tile(path, label)


async def sheet_of(*tiles: Tile) -> tuple[FittedFile, Image.Image]:
    async with Imaging(workers=1) as imaging:
        made = await imaging.contact_sheet(tiles)
    image = decode(made.data)
    assert (made.mime, made.width, made.height) == ("image/jpeg", *image.size)
    return made, image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    pixel = image.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(value - wanted) < 20 for value, wanted in zip(pixel, colour, strict=True))


def place(column: int, row: int, height: int = SIDE) -> tuple[int, int]:
    """The left top corner of a card, where all rows are equally high."""
    return GAP + column * (SIDE + GAP), GAP + row * (height + LABEL + GAP)


@pytest.mark.parametrize(
    ("count", "columns", "rows"), [(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 3, 2), (9, 3, 3)]
)
async def test_there_are_three_in_a_row(tmp_path: Path, count: int, columns: int, rows: int) -> None:
    one = tile(tmp_path, Image.new("RGB", (600, 600), "red"))
    _, image = await sheet_of(*[one] * count)
    assert image.size == (GAP + columns * (SIDE + GAP), GAP + rows * (SIDE + LABEL + GAP))
    for number in range(columns * rows):
        left, top = place(number % columns, number // columns)
        expected = (254, 0, 0) if number < count else GROUND
        assert near(image, (left + SIDE // 2, top + SIDE // 2), expected)


async def test_pictures_are_whole_and_in_the_middle(tmp_path: Path) -> None:
    _, image = await sheet_of(tile(tmp_path, corners(1600, 800)), tile(tmp_path, corners(800, 1600)))
    left, top = place(0, 0)
    for at, colour in {
        (30, 130): (254, 0, 0),
        (SIDE - 30, 130): (0, 255, 0),
        (30, 270): (0, 0, 254),
        (SIDE - 30, 270): (255, 255, 255),
        (30, 50): CARD,
        (30, 350): CARD,
    }.items():
        assert near(image, (left + at[0], top + at[1]), colour)
    left, _ = place(1, 0)
    assert near(image, (left + SIDE // 2 - 30, top + 30), (254, 0, 0))
    assert near(image, (left + 30, top + SIDE // 2), CARD)


async def test_a_row_of_flat_pictures_is_low(tmp_path: Path) -> None:
    flat = tile(tmp_path, noise(2100, 900))
    _, image = await sheet_of(flat, flat, flat, tile(tmp_path, noise(900, 900)))
    assert image.height == GAP + (LOWEST + LABEL + GAP) + (SIDE + LABEL + GAP)


async def test_labels_stand_under_their_pictures(tmp_path: Path) -> None:
    black = Image.new("RGB", (400, 400))
    plain, named = tile(tmp_path, black, label=""), tile(tmp_path, black, label="k7f3q9z")
    remarked = Tile(named.path, named.label, "privat")
    _, image = await sheet_of(plain, named, remarked)

    def lit(column: int, start: float, end: float) -> int:
        """How many light pixels there are in a part of a label's line."""
        left, top = place(column, 0)
        box = (left + int(SIDE * start), top + SIDE, left + int(SIDE * end), top + SIDE + LABEL)
        return sum(image.crop(box).convert("L").histogram()[150:])

    assert [lit(column, 0, 1) > 0 for column in range(3)] == [False, True, True]
    assert [lit(column, 0.6, 1) > 0 for column in range(3)] == [False, False, True]


async def test_what_is_missing_or_broken_has_a_sign_in_its_place(tmp_path: Path) -> None:
    whole = encode(noise(300, 300), "JPEG")
    tiles = [
        Tile(tmp_path / "gone", "k7f3q9z"),
        tile(tmp_path, b"no picture"),
        tile(tmp_path, whole[: len(whole) // 2]),
        tile(tmp_path, flat_png(30_000, 30_000)),
        tile(tmp_path, Image.new("RGB", (50, 50), "red")),
    ]
    _, image = await sheet_of(*tiles)
    for column, row in ((0, 0), (1, 0), (2, 0), (0, 1)):
        left, top = place(column, row, LOWEST)
        middle = image.crop((left + 100, top + 20, left + 300, top + LOWEST - 20)).convert("L")
        assert sum(middle.histogram()[110:])
    left, top = place(1, 1, LOWEST)
    assert near(image, (left + SIDE // 2, top + LOWEST // 2), (254, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (1000, 2), (2, 1000), (70, 50)])
async def test_any_mode_and_shape_is_taken(tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    image = Image.new("L", size, 255).convert(mode) if mode != "I;16" else Image.new(mode, size, 65_535)
    _, sheet = await sheet_of(tile(tmp_path, image, "JPEG" if mode == "CMYK" else "PNG"))
    left, top = place(0, 0, LOWEST)
    height = sheet.height - LABEL - 2 * GAP
    if min(size) > 2:
        assert near(sheet, (left + SIDE // 2, top + height // 2), (255, 255, 255))


async def test_what_is_transparent_shows_the_card(tmp_path: Path) -> None:
    image = Image.new("RGBA", (400, 400), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 400, 200))
    _, sheet = await sheet_of(tile(tmp_path, image), tile(tmp_path, image.quantize()))
    for column in range(2):
        left, top = place(column, 0)
        assert near(sheet, (left + 200, top + 100), CARD)
        assert near(sheet, (left + 200, top + 300), (254, 0, 0))


async def test_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    data = encode(corners(400, 200), "JPEG", exif=exif.tobytes(), quality=95, subsampling=0)
    _, sheet = await sheet_of(tile(tmp_path, data))
    left, top = place(0, 0)
    assert near(sheet, (left + 150, top + 50), (0, 0, 254))
    assert near(sheet, (left + 250, top + 50), (254, 0, 0))


async def test_it_stays_under_a_megabyte(tmp_path: Path) -> None:
    made, _ = await sheet_of(*[tile(tmp_path, noise(SIDE, SIDE, seed)) for seed in range(9)])
    assert len(made.data) <= MAX_BYTES


async def test_no_tiles_are_a_fault() -> None:
    async with Imaging(workers=1) as imaging:
        with pytest.raises(ValueError, match="needs a picture"):
            await imaging.contact_sheet([])

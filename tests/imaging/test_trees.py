"""A conversation as a picture: every turn in its place, the head marked, sixty of them readable."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.trees import Drawn
from bot.imaging import Imaging
from bot.imaging.sheets import MAX_BYTES
from bot.imaging.trees import GAP, MARGIN, SIDE, side_by_side, tree
from tests.fakes.gemini import make_jpeg

HEAD = (124, 196, 88)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.jpg"
    path.write_bytes(make_jpeg(320, 240))
    return path


def decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def marked(image: Image.Image) -> int:
    """How many pixels have about the colour of the head's frame."""
    data = image.tobytes()
    pixels = [data[at : at + 3] for at in range(0, len(data), 3)]
    near = (all(abs(one - other) < 12 for one, other in zip(pixel, HEAD, strict=True)) for pixel in pixels)
    return sum(near)


def test_sixty_turns_are_drawn_with_readable_labels(picture: Path) -> None:
    drawn = [
        Drawn(f"{number + 1} · k7f3q9z", picture, None if not number else number - 1, head=number == 59)
        for number in range(60)
    ]
    made = tree(drawn)
    image = decoded(made.data)
    assert (image.width, image.height) == (made.width, made.height)
    assert len(made.data) <= MAX_BYTES
    # Nine in a row, seven rows: a turn is never smaller than SIDE, and the whole about as wide as high.
    assert image.width >= 9 * SIDE
    assert 0.6 < image.width / image.height < 1.8


def test_only_the_head_is_marked(picture: Path) -> None:
    two = [Drawn("1 · a", picture), Drawn("2 · b", picture, 0)]
    without = marked(decoded(tree(two).data))
    two[1] = Drawn("2 · b", picture, 0, head=True)
    image = decoded(tree(two).data)
    assert marked(image) > without + 500
    left_half = image.crop((0, 0, image.width - SIDE - MARGIN - GAP, image.height))
    assert marked(left_half) < 100  # a JPEG has halos


def test_what_is_missing_or_broken_has_a_sign(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    drawn = [Drawn("1 · a", None), Drawn("2 · b", broken, 0), Drawn("3 · c", tmp_path / "nothing", 0)]
    assert decoded(tree(drawn).data).getextrema() != ((30, 30), (31, 31), (34, 34))


def test_two_side_by_side_are_large(picture: Path) -> None:
    image = decoded(side_by_side(Drawn("1 · a", picture), Drawn("2 · b", None)).data)
    assert image.width > 1400


async def test_it_is_drawn_beside_the_event_loop(picture: Path) -> None:
    async with Imaging(workers=1) as imaging:
        assert (await imaging.tree([Drawn("1 · a", picture)])).mime == "image/jpeg"
        assert (await imaging.side_by_side(Drawn("1", picture), Drawn("2", picture))).mime == "image/jpeg"
        with pytest.raises(ValueError, match="needs a turn"):
            await imaging.tree([])

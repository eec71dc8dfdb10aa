"""What the sandbox's page gets to see of large pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.sandbox.showing import MOST_PIXELS, ShownPictures


def stored(data: bytes) -> bytes:
    pictures = ShownPictures()
    url = pictures.store_attachment(1, 2, "a.jpg", data, "a picture")["url"]
    kept = pictures.get(url)
    assert kept is not None
    return kept


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_more_than_sixteen_megapixels_is_shown_smaller(kind: str) -> None:
    with Image.open(io.BytesIO(stored(picture(6336, 2688, kind)))) as shown:
        assert shown.size == (3168, 1344)
        assert shown.format == kind
        assert shown.width * shown.height <= MOST_PIXELS


def test_all_others_are_shown_as_they_are() -> None:
    for data in (picture(4096, 4096), picture(64, 64, "PNG"), b"no picture", b""):
        assert stored(data) == data

"""Kept pictures."""

from __future__ import annotations

import pytest

from bot.domain.images import EXTENSIONS, Image


@pytest.mark.parametrize(
    ("mime", "name"),
    [
        ("image/jpeg", "plantain-k7f3q9z.jpg"),
        ("image/png", "plantain-k7f3q9z.png"),
        ("image/webp", "plantain-k7f3q9z.webp"),
        ("text/html; ../../etc", "plantain-k7f3q9z.img"),
    ],
)
def test_a_file_is_named_by_us_alone(mime: str, name: str) -> None:
    image = Image("k7f3q9z", "job", 0, 20, 30, False, "a" * 64, mime, 8, 8, 100, 1_000)
    assert image.filename == name
    assert set(EXTENSIONS) == {"image/jpeg", "image/png", "image/webp", "image/gif"}

"""Pictures that look alike: copies are recognised, others are not. Both rates are printed."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageOps

from bot.domain.picture_hashes import MOST_DIFFERENT_BITS, distance, from_text, looks_like, to_text
from bot.errors import ImageError
from bot.imaging.hashing import hashes_to_block, picture_hash
from bot.sandbox.gemini.painter import Commission, paint

SUBJECTS = (
    "lighthouse cat dog fox house castle boat tree balloon rocket robot flower birds fish mushroom planet"
)
GROUNDS = "sea city forest mountains desert hills space"
MOODS = "day dusk night storm snow fog golden"
SIZES = [(256, 256), (320, 180), (180, 320), (288, 216)]
BLOCKED, OTHERS = 30, 200

Change = Callable[[Image.Image], Image.Image]


def painted(number: int) -> bytes:
    """One picture of the look-alike's painter; every number gives another one."""
    chance = random.Random(number)
    subject, ground, mood = (chance.choice(words.split()) for words in (SUBJECTS, GROUNDS, MOODS))
    prompt = f"a {subject} in the {ground} at {mood}, number {number}"
    return paint(Commission(prompt, prompt, "model", (), SIZES[number % len(SIZES)], str(number)))


def encoded(image: Image.Image, kind: str = "JPEG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def scaled(factor: float) -> Change:
    return lambda image: image.resize((int(image.width * factor), int(image.height * factor)))


def cropped(left: float, top: float, right: float, bottom: float) -> Change:
    def crop(image: Image.Image) -> Image.Image:
        width, height = image.size
        corner, end = (left * width, top * height), ((1 - right) * width, (1 - bottom) * height)
        return image.crop((round(corner[0]), round(corner[1]), round(end[0]), round(end[1])))

    return crop


COPIES: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG, quality 30": lambda image: encoded(image, quality=30),
    "PNG": lambda image: encoded(image, "PNG"),
    "WebP, quality 40": lambda image: encoded(image, "WEBP", quality=40),
    "half the size": lambda image: encoded(scaled(0.5)(image)),
    "a quarter": lambda image: encoded(scaled(0.25)(image)),
    "twice the size": lambda image: encoded(scaled(2)(image)),
    "grey": lambda image: encoded(ImageOps.grayscale(image)),
    "3 % off each side": lambda image: encoded(cropped(0.03, 0.03, 0.03, 0.03)(image)),
    "5 % off each side": lambda image: encoded(cropped(0.05, 0.05, 0.05, 0.05)(image)),
    "8 % off the left": lambda image: encoded(cropped(0.08, 0, 0, 0)(image)),
    "6 % off the bottom": lambda image: encoded(cropped(0, 0, 0, 0.06)(image)),
    "a corner": lambda image: encoded(cropped(0.04, 0.04, 0, 0)(image)),
    "mirrored": lambda image: encoded(ImageOps.mirror(image)),
    "mirrored, cropped, scaled, encoded": lambda image: encoded(
        scaled(0.5)(cropped(0.03, 0.03, 0.03, 0.03)(ImageOps.mirror(image))), quality=50
    ),
}


def test_copies_are_recognised_and_others_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    pictures = [painted(number) for number in range(BLOCKED + OTHERS)]
    blocked = [hashes_to_block(data) for data in pictures[:BLOCKED]]
    found: dict[str, list[bool]] = {name: [] for name in COPIES}
    for data, hashes in zip(pictures, blocked, strict=False):
        with Image.open(io.BytesIO(data)) as image:
            for name, change in COPIES.items():
                found[name].append(looks_like(picture_hash(change(image)), hashes))
    every = [value for hashes in blocked for value in hashes]
    others = [picture_hash(data) for data in pictures[BLOCKED:]]
    nearest = [min(distance(other, value) for value in every) for other in others]
    recognised = sum(map(sum, found.values())) / (BLOCKED * len(COPIES))
    mistaken = sum(bits <= MOST_DIFFERENT_BITS for bits in nearest) / OTHERS
    with capsys.disabled():
        print(
            f"\nat most {MOST_DIFFERENT_BITS} of 256 bits differ: "
            f"{recognised:.2%} of {BLOCKED * len(COPIES)} copies recognised, "
            f"{mistaken:.2%} of {OTHERS} other pictures mistaken (the nearest: {min(nearest)} bits)"
        )
    assert {name: sum(hits) for name, hits in found.items() if sum(hits) < BLOCKED * 0.95} == {}
    assert recognised >= 0.99
    assert mistaken <= 0.005


def test_a_hash_survives_as_text() -> None:
    hashes = (0, 1, 2**256 - 1, 7 << 200)
    assert from_text(to_text(hashes)) == hashes
    assert from_text("") == ()


def test_transparent_and_odd_pictures_have_a_hash() -> None:
    clear = Image.new("RGBA", (30, 20), (0, 0, 0, 0))
    white = Image.new("RGB", (300, 200), "white")
    assert looks_like(picture_hash(encoded(clear, "PNG")), [picture_hash(encoded(white, "PNG"))])
    assert len(hashes_to_block(encoded(Image.new("L", (1, 1)), "PNG"))) >= 1
    assert picture_hash(encoded(Image.new("P", (2000, 3)), "PNG")) >= 0


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_has_no_hash(data: bytes) -> None:
    with pytest.raises(ImageError):
        picture_hash(data)
    with pytest.raises(ImageError):
        hashes_to_block(data)

"""What a file really is, whatever it is called and however it lies."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.images import Inspected
from bot.errors import StorageError
from bot.imaging import reading
from bot.imaging.budget import Budget
from bot.imaging.reading import MAX_BYTES, read
from bot.imaging.structure import MAX_JPEG_SCANS
from tests.imaging.pictures import animation, decode, encode, flat_png, noise, png_chunk
from tests.imaging.traps import with_scans

PICTURE = noise(200, 150)
PICTURES = {
    "jpeg": (encode(PICTURE, "JPEG"), "image/jpeg"),
    "progressive jpeg": (encode(PICTURE, "JPEG", progressive=True), "image/jpeg"),
    "cmyk jpeg": (encode(PICTURE.convert("CMYK"), "JPEG"), "image/jpeg"),
    "grey jpeg": (encode(PICTURE.convert("L"), "JPEG"), "image/jpeg"),
    "png": (encode(PICTURE, "PNG"), "image/png"),
    "png with alpha": (encode(noise(200, 150, mode="RGBA"), "PNG"), "image/png"),
    "png with palette": (encode(PICTURE.quantize(16), "PNG"), "image/png"),
    "webp": (encode(PICTURE, "WEBP"), "image/webp"),
    "lossless webp": (encode(PICTURE, "WEBP", lossless=True), "image/webp"),
    "webp with alpha": (encode(noise(200, 150, mode="RGBA"), "WEBP"), "image/webp"),
    "gif": (encode(PICTURE, "GIF"), "image/gif"),
}
ANIMATIONS = {
    "animated gif": (animation("GIF"), "image/gif"),
    "animated webp": (animation("WEBP"), "image/webp"),
    "animated png": (animation("PNG"), "image/png"),
}


def inspect(data: bytes, budget: Budget | None = None) -> Inspected | None:
    """What is found in a file with these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        path.write_bytes(data)
        return reading.inspect(path, budget)


EVERYTHING = {name: data for name, (data, _) in (PICTURES | ANIMATIONS).items()}


@pytest.mark.parametrize("name", PICTURES)
def test_a_whole_picture_is_told_by_its_content(name: str) -> None:
    data, mime = PICTURES[name]
    assert inspect(data) == Inspected(mime, 200, 150)


@pytest.mark.parametrize("name", ANIMATIONS)
def test_an_animation_is_a_picture_too(name: str) -> None:
    data, mime = ANIMATIONS[name]
    assert inspect(data) == Inspected(mime, 60, 40)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_one_pixel_is_a_picture(format: str) -> None:
    found = inspect(encode(Image.new("RGB", (1, 1), "red"), format))
    assert found is not None
    assert (found.width, found.height) == (1, 1)


def test_a_jpeg_with_more_pictures_behind_it_is_a_jpeg() -> None:
    """Phones write such files; Pillow calls them MPO."""
    data = encode(PICTURE, "MPO", save_all=True, append_images=[noise(30, 30, 2)])
    assert inspect(data) == Inspected("image/jpeg", 200, 150)


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_cut_off_file_is_no_picture_wherever_it_was_cut(name: str) -> None:
    data = EVERYTHING[name]
    # Without its last bytes a JPEG or PNG may lack only the end mark: every pixel is there.
    last = len(data) - (5 if "png" in name or "jpeg" in name else 1)
    cuts = {last, last - 1, last - 2, last - 7, *(last * part // 20 for part in range(20))}
    assert [cut for cut in sorted(cuts) if inspect(data[:cut]) is not None] == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 10_000,
        b"This is a text in a file called lighthouse.jpg.",
        b"<html><body>502 Bad Gateway</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"GIF89a" + bytes(7) + b"\x2c",
        b"RIFF\x04\x00\x00\x00WEBP",
        random.Random(7).randbytes(5_000),
    ],
)
def test_what_is_no_picture_is_none(data: bytes) -> None:
    assert inspect(data) is None


@pytest.mark.parametrize("format", ["BMP", "TIFF", "PPM", "ICO", "JPEG2000", "AVIF"])
def test_other_kinds_of_pictures_are_not_taken(format: str) -> None:
    assert inspect(encode(noise(32, 32), format)) is None


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (30_000, 30_000),  # more than twice Pillow's limit
        (10_000, 9_000),  # more than Pillow's limit, where it only warns
        (9_400, 9_000),  # more than ours
    ],
)
def test_a_small_file_with_too_many_pixels_is_refused_undecoded(width: int, height: int) -> None:
    bomb = flat_png(width, height)
    assert len(bomb) < 200_000
    assert inspect(bomb) is None


class Lent(Budget):
    """Writes down what it lends."""

    def __init__(self) -> None:
        super().__init__(10**9)
        self.wanted: list[int] = []

    @contextmanager
    def held(self, wanted: int) -> Iterator[None]:
        self.wanted.append(wanted)
        with super().held(wanted):
            yield


def test_what_is_decoded_holds_its_memory() -> None:
    """By the bytes that its kind takes for a pixel. What is not decoded holds none."""
    lent = Lent()
    assert inspect(flat_png(500, 100), lent) == Inspected("image/png", 500, 100)
    assert inspect(PICTURES["webp"][0], lent) is not None
    assert inspect(PICTURES["jpeg"][0], lent) is not None
    assert lent.wanted == [500 * 100 * 8, 200 * 150 * 20]
    assert inspect(b"\x89PNG", lent) is None
    with lent.held(10**9):  # everything was given back
        pass


@pytest.mark.parametrize("name", ["webp", "lossless webp", "webp with alpha"])
def test_a_webp_that_announces_a_huge_canvas_is_refused_before_it_is_allocated(name: str) -> None:
    data = bytearray(EVERYTHING[name])
    at = {b"VP8 ": slice(26, 30), b"VP8L": slice(21, 25), b"VP8X": slice(24, 30)}[bytes(data[12:16])]
    data[at] = bytes([data[at.start] | 0xFF]) + b"\xff" * (at.stop - at.start - 1)
    assert inspect(bytes(data)) is None


def test_a_gif_that_announces_a_huge_canvas_is_refused() -> None:
    data = bytearray(EVERYTHING["gif"])
    data[6:10] = b"\xff\xff\xff\xff"
    assert inspect(bytes(data)) is None


def test_a_jpeg_that_announces_a_huge_frame_is_refused() -> None:
    data = EVERYTHING["jpeg"]
    at = data.index(b"\xff\xc0") + 5
    assert inspect(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]) is None


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Each scan costs a pass over the whole picture: a small file could keep a processor busy for hours."""
    data = EVERYTHING["progressive jpeg"]
    assert decode(data).info["progressive"]
    assert inspect(with_scans(data, MAX_JPEG_SCANS - 20)) is not None
    assert inspect(with_scans(data, MAX_JPEG_SCANS)) is None


def test_the_more_pixels_the_fewer_scans() -> None:
    large = encode(Image.new("L", (4_000, 3_000)), "JPEG", progressive=True)
    assert inspect(with_scans(large, 15)) is not None
    assert inspect(with_scans(large, 50)) is None


def test_a_png_that_unpacks_to_endless_text_is_refused() -> None:
    """Pillow bounds what compressed text may unpack to."""
    import zlib

    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
    data = EVERYTHING["png"]
    assert inspect(data[:33] + text + data[33:]) is None


def test_a_png_with_a_wrong_checksum_is_no_whole_picture() -> None:
    data = bytearray(EVERYTHING["png"])
    data[len(data) // 2] ^= 0x10
    assert inspect(bytes(data)) is None


@settings(deadline=None)
@given(name=st.sampled_from(sorted(EVERYTHING)), seed=st.integers(0, 2**32), edits=st.integers(1, 12))
def test_damaged_bytes_never_raise(name: str, seed: int, edits: int) -> None:
    data = bytearray(EVERYTHING[name])
    chance = random.Random(seed)
    for _ in range(edits):
        # Most structure is at the front, so most of the damage is, too.
        end = chance.choice([40, 200, len(data)])
        data[chance.randrange(end)] = chance.randrange(256)
    found = inspect(bytes(data))
    assert found is None or (found.mime.startswith("image/") and found.width > 0 and found.height > 0)


def test_a_file_beyond_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(EVERYTHING["jpeg"])
        file.truncate(MAX_BYTES * 3)
    data = read(path)
    assert len(data) == MAX_BYTES + 1
    assert inspect(data) is None


def test_a_file_that_cannot_be_read_is_a_fault_of_the_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot read gone"):
        read(tmp_path / "gone")

"""How large a picture is when it has been taken in, and which one is taken of several."""

from __future__ import annotations

import io
import struct

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.images import IntakeNote
from bot.imaging import encoding
from tests.imaging.pictures import animation, encode, noise
from tests.imaging.sent import heic
from tests.imaging.taking_in import KINDS, SMOOTH, taken, unlike, written

# --- size -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_one_pixel_is_a_picture(kind: str) -> None:
    prepared, _ = taken(written(Image.new("RGB", (1, 1), "red"), kind))
    assert (prepared.width, prepared.height, prepared.notes) == (1, 1, (IntakeNote.TINY,))


@pytest.mark.parametrize(
    ("size", "longest_side", "expected"),
    [
        ((2048, 100), 2048, (2048, 100)),
        ((2049, 100), 2048, (2048, 100)),
        ((100, 4096), 2048, (50, 2048)),
        ((5000, 4000), 2048, (2048, 1638)),
        ((60_000, 3), 2048, (2048, 1)),
        ((3, 60_000), 512, (1, 512)),
        ((9000, 1000), 512, (512, 57)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_large_picture_is_scaled_down(
    size: tuple[int, int], longest_side: int, expected: tuple[int, int], kind: str
) -> None:
    prepared, _ = taken(written(Image.new("RGB", size, "teal"), kind), longest_side)
    assert (prepared.width, prepared.height) == expected
    assert prepared.notes == ((IntakeNote.SCALED_DOWN,) if size != expected else ())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC", "AVIF", "TIFF"])
def test_scaling_keeps_what_is_to_be_seen(kind: str) -> None:
    large = SMOOTH.resize((1500, 1100), Image.Resampling.BICUBIC)
    for longest_side in (1200, 700, 300, 120, 70):
        _, after = taken(written(large, kind), longest_side)
        assert unlike(large.resize(after.size, Image.Resampling.LANCZOS), after) < 4


def test_edges_of_transparency_do_not_darken() -> None:
    """Scaling mixes neighbours; the colour of what is transparent must not come in."""
    image = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), (0, 0, 301, 600))
    _, after = taken(encode(image, "PNG"), 100)
    edge = after.getpixel((50, 50))
    assert isinstance(edge, tuple)
    assert 0 < edge[3] < 255
    assert min(edge[:3]) > 240


def test_what_is_too_large_for_the_provider_loses_quality_or_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_BYTES", 200_000)
    prepared, _ = taken(encode(noise(500, 500), "PNG"))
    assert (prepared.mime, prepared.width, prepared.notes) == ("image/jpeg", 500, ())
    monkeypatch.setattr(encoding, "MAX_BYTES", 90_000)
    for mode, mime in (("RGB", "image/jpeg"), ("RGBA", "image/png")):
        prepared, _ = taken(encode(noise(500, 500, mode=mode), "PNG"))
        assert prepared.mime == mime
        assert 60 < prepared.width < 500
        assert prepared.notes == (IntakeNote.SCALED_DOWN,)


@settings(deadline=None, max_examples=80)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    mode=st.sampled_from(["RGB", "RGBA", "L", "LA", "P", "1", "CMYK", "I;16"]),
    kind=st.sampled_from(["PNG", "TIFF", "WEBP", "JPEG"]),
    longest_side=st.integers(1, 320),
)
def test_the_shape_is_kept(width: int, height: int, mode: str, kind: str, longest_side: int) -> None:
    image = SMOOTH.resize((width, height))
    image = image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)
    possible = {
        "JPEG": ("RGB", "L", "CMYK"),
        "WEBP": ("RGB", "RGBA"),
        "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"),
    }
    if mode not in possible.get(kind, (mode,)):
        image = image.convert("RGB")
    prepared, _ = taken(written(image, kind), longest_side)
    factor = min(1.0, longest_side / max(width, height))
    assert abs(prepared.width - width * factor) <= 1
    assert abs(prepared.height - height * factor) <= 1


# --- more than one picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("red", "lime", "blue")]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
    prepared, image = taken(data)
    assert prepared.notes == (IntakeNote.FIRST_FRAME,)
    assert unlike(frames[0], image) < 6


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_of_one_frame_is_a_picture(kind: str) -> None:
    data = encode(SMOOTH, kind, save_all=True, append_images=[])
    assert taken(data)[0].notes == ()


def test_the_first_frame_of_a_gif_may_be_a_part_of_it() -> None:
    frames = animation("GIF")
    # The descriptor of the first frame, moved by ten pixels and smaller by as many.
    at = frames.index(b"\x2c\0\0\0\0")
    part = bytearray(frames)
    part[at + 1 : at + 9] = struct.pack("<4H", 10, 10, 50, 30)
    prepared, _ = taken(bytes(part))
    assert (prepared.width, prepared.height) == (60, 40)


def test_a_gif_that_breaks_off_after_its_first_frame_has_one() -> None:
    data = animation("GIF")
    control = b"\x21\xf9\x04"  # in front of each frame
    second = data.index(control, data.index(control) + 8)
    assert taken(data[: second + 3])[0].width == 60
    assert IntakeNote.FIRST_FRAME in taken(data[:-1])[0].notes


def test_of_a_document_the_first_page_is_taken() -> None:
    pages = [Image.new("RGB", (80, 60), colour) for colour in ("red", "lime")]
    for big in (False, True):
        data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:], big_tiff=big)
        prepared, image = taken(data)
        assert prepared.notes == (IntakeNote.FIRST_PAGE,)
        assert image.getpixel((9, 9)) == pytest.approx((254, 0, 0), abs=3)


def test_a_preview_behind_a_picture_is_no_page() -> None:
    preview = Image.new("RGB", (20, 15))
    preview.encoderinfo = {"tiffinfo": {254: 1}}
    data = encode(Image.new("RGB", (80, 60)), "TIFF", save_all=True, append_images=[preview])
    assert taken(data)[0].notes == ()


def test_of_several_pictures_in_a_heic_the_main_one_is_taken() -> None:
    file = pillow_heif.from_pillow(Image.new("RGB", (90, 70), "red"))
    file.add_from_pillow(Image.new("RGB", (80, 64), "blue"))
    buffer = io.BytesIO()
    file.save(buffer, primary_index=1)
    prepared, image = taken(buffer.getvalue())
    assert (prepared.width, prepared.notes) == (80, ())
    assert image.getpixel((9, 9)) == pytest.approx((0, 0, 254), abs=8)


def test_a_heic_of_tiles_is_whole() -> None:
    large = SMOOTH.resize((700, 500), Image.Resampling.BICUBIC)
    _, image = taken(heic(large, tile_size=128, quality=90))
    assert unlike(large, image) < 4

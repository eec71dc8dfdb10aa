"""Pictures that somebody sent: what a model sees of them, and that it sees nothing else."""

from __future__ import annotations

import io
import struct
from typing import Any
from zlib import compress

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.domain.images import IntakeNote, Prepared
from bot.imaging import encoding
from bot.imaging.intake import take_in
from tests.imaging.contents import is_only_a_picture
from tests.imaging.pictures import animation, corner_colours, corners, decode, encode, noise, png_chunk
from tests.imaging.sent import SECRET, SRGB, exif, heic, with_everything

EVERYTHING = with_everything()
SMOOTH = Image.merge("RGB", [Image.radial_gradient("L").rotate(angle) for angle in (0, 90, 180)])


def taken(data: bytes, longest_side: int = 2048) -> tuple[Prepared, Image.Image]:
    """Take in, and check what always holds; return the decoded picture, too."""
    prepared = take_in(data, longest_side)
    image = decode(prepared.data)
    assert image.size == (prepared.width, prepared.height)
    assert max(image.size) <= longest_side
    assert (image.format, image.mode) in {("JPEG", "RGB"), ("PNG", "RGBA")}
    assert prepared.mime == f"image/{(image.format or '').lower()}"
    assert is_only_a_picture(prepared.data)
    assert len(prepared.data) <= encoding.MAX_BYTES
    return prepared, image


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Root mean square of the difference, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other.convert(one.mode))).rms)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of a kind, with as little loss as it can have."""
    match kind:
        case "HEIC":
            return heic(image, quality=90, **options)
        case "AVIF":
            return encode(image, "AVIF", quality=90, **options)
        case "WEBP":
            return encode(image, "WEBP", lossless=True, **options)
        case "JPEG":
            return encode(image, "JPEG", quality=95, **options)
    return encode(image, kind, **options)


KINDS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC", "BMP", "TIFF"]


# --- nothing but the picture ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("longest_side", [2048, 64])
def test_nothing_of_what_was_written_beside_the_picture_remains(name: str, longest_side: int) -> None:
    data = EVERYTHING[name]
    assert SECRET.encode() in data
    prepared, image = taken(data, longest_side)
    assert SECRET.encode() not in prepared.data
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert prepared.mime == ("image/png" if "transparency" in name or "unknown" in name else "image/jpeg")


def test_a_clean_small_jpeg_is_made_anew_all_the_same() -> None:
    data = encode(SMOOTH, "JPEG", quality=92)
    prepared, image = taken(data)
    assert prepared.data != data
    assert unlike(decode(data), image) < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIC"])
def test_what_was_made_transparent_does_not_keep_its_colours(kind: str) -> None:
    """Somebody cut a face out of a picture: the file may still hold it."""
    image = corners(64, 64, "RGBA")
    alpha = Image.new("L", image.size, 0)
    alpha.paste(255, (0, 32, 64, 64))
    image.putalpha(alpha)
    options = {"exact": True} if kind == "WEBP" else {}
    prepared, after = taken(written(image, kind, **options))
    assert prepared.mime == "image/png"
    assert after.getpixel((5, 5)) == after.getpixel((60, 5)) == (0, 0, 0, 0)
    blue = after.getpixel((5, 58))
    assert isinstance(blue, tuple) and blue[2] > 200 and blue[3] > 250


# --- the picture ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_each_kind_looks_as_it_did(kind: str) -> None:
    prepared, image = taken(written(SMOOTH, kind))
    assert (prepared.mime, image.size, prepared.notes) == ("image/jpeg", (256, 256), ())
    assert unlike(SMOOTH, image) < (10 if kind == "GIF" else 4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("longest_side", [2048, 90])
def test_a_picture_is_upright(kind: str, orientation: int, longest_side: int) -> None:
    upright = corners(200, 120)
    held = upright
    for turn in _HELD[orientation]:
        held = held.transpose(turn)
    data = (
        encode(held, "TIFF", tiffinfo={0x0112: orientation})
        if kind == "TIFF"
        else written(held, kind, exif=exif(orientation))
    )
    prepared, image = taken(data, longest_side)
    assert corner_colours(image) == corner_colours(upright)
    assert prepared.width > prepared.height


# How a camera must have been held so that its picture has to be turned like this (EXIF 2.3, 4.6.4).
_T = Image.Transpose
_HELD: dict[int, tuple[Image.Transpose, ...]] = {
    1: (),
    2: (_T.FLIP_LEFT_RIGHT,),
    3: (_T.ROTATE_180,),
    4: (_T.FLIP_TOP_BOTTOM,),
    5: (_T.TRANSPOSE,),
    6: (_T.ROTATE_90,),
    7: (_T.TRANSVERSE,),
    8: (_T.ROTATE_270,),
}


def test_exif_data_that_are_none_turn_nothing() -> None:
    for data in (b"", b"Exif\0\0", b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        _, image = taken(written(corners(200, 120), "PNG", exif=data))
        assert corner_colours(image) == corner_colours(corners(200, 120))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIC", "TIFF"])
def test_transparency_is_kept(kind: str) -> None:
    image = SMOOTH.copy()
    image.putalpha(Image.linear_gradient("L"))
    prepared, after = taken(written(image, kind))
    assert prepared.mime == "image/png"
    assert unlike(image.getchannel("A"), after.getchannel("A")) < 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIC", "TIFF"])
def test_transparency_that_hides_nothing_is_none(kind: str) -> None:
    prepared, _ = taken(written(SMOOTH.convert("RGBA"), kind))
    assert prepared.mime == "image/jpeg"


def test_a_transparent_colour_of_a_palette_is_transparent() -> None:
    image = corners(60, 60).quantize(4)
    for kind in ("PNG", "GIF"):
        prepared, after = taken(encode(image, kind, transparency=image.getpixel((5, 5))))
        assert prepared.mime == "image/png"
        assert after.getpixel((5, 5)) == (0, 0, 0, 0)
        assert after.getpixel((55, 5)) == (0, 255, 0, 255)


def grey(mode: str) -> Image.Image:
    """The same gradient, in another mode."""
    gradient = Image.linear_gradient("L")
    match mode:
        case "I;16" | "I;16B":
            return gradient.convert("I").point(lambda value: value * 257).convert(mode)
        case "I":
            return gradient.convert("I").point(lambda value: value * 1_000_000 - 90_000_000)
        case "F":
            return gradient.convert("F").point(lambda value: value * (1 / 255))
        case "LA":
            image = gradient.convert("LA")
            image.putalpha(200)
            return image
    return gradient.convert(mode)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *(("L", kind) for kind in KINDS),
        *((mode, "TIFF") for mode in ("I", "I;16", "I;16B", "F", "LA", "P", "CMYK", "LAB", "YCbCr")),
        *((mode, "PNG") for mode in ("I;16", "LA", "P")),
        ("CMYK", "JPEG"),
        ("LA", "HEIC"),
        ("P", "BMP"),
    ],
)
@pytest.mark.parametrize("longest_side", [2048, 128])
def test_every_mode_looks_as_it_did(mode: str, kind: str, longest_side: int) -> None:
    _, after = taken(written(grey(mode), kind), longest_side)
    plain = Image.linear_gradient("L").resize(after.size, Image.Resampling.LANCZOS)
    assert unlike(plain, after.convert("RGB").convert("L")) < 4


def test_black_and_white_is_that() -> None:
    image = corners(100, 100).convert("L").point(lambda value: 255 if value > 128 else 0).convert("1")
    for kind in ("PNG", "TIFF", "BMP", "GIF"):
        _, after = taken(encode(image, kind))
        assert unlike(image.convert("RGB"), after) < 3


def test_colours_of_sixteen_bits_keep_their_brightness() -> None:
    """Pillow writes none, so the file is made byte by byte: 2x1 pixels, orange and a dark blue."""
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    row = struct.pack(">B6H", 0, 0xFFFF, 0x8000, 0, 0, 0, 0x4000)
    chunks = ((b"IHDR", header), (b"IDAT", compress(row)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, content) for name, content in chunks)
    _, image = taken(data)
    left, right = image.getpixel((0, 0)), image.getpixel((1, 0))
    for found, wanted in ((left, (255, 128, 0)), (right, (0, 0, 64))):
        assert isinstance(found, tuple)
        assert max(abs(one - other) for one, other in zip(found, wanted, strict=True)) < 12


# --- colour profiles --------------------------------------------------------------------------------------


def swapped() -> bytes:
    """A profile in which red and green have changed places."""
    profile = bytearray(SRGB)
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_colour_profile_is_applied_and_removed(kind: str, mode: str) -> None:
    if (kind, mode) == ("JPEG", "RGBA"):
        pytest.skip("JPEG has no transparency")
    image = corners(64, 64, mode)
    if mode == "RGBA":
        image.putalpha(128)
    _, after = taken(written(image, kind, icc_profile=swapped()))
    assert corner_colours(after) == ["lime", "red", "white", "blue"]


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"no profile",
        SRGB[:200],
        SRGB[:16] + b"GRAY" + SRGB[20:],
        SRGB[:16] + b"CMYK" + SRGB[20:],
        SRGB[:40] + bytes(len(SRGB) - 40),
        SRGB + bytes(9_000_000),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_profile_that_does_not_fit_is_left_out(profile: bytes, mode: str) -> None:
    image = SMOOTH.convert(mode)
    options = {"compression": "tiff_deflate"}
    _, after = taken(encode(image, "TIFF", icc_profile=profile, **options))
    assert unlike(image.convert("RGB"), after) < 4


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

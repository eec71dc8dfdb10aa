"""Pictures that somebody sent: what a model sees of them, and that it sees nothing else."""

from __future__ import annotations

import struct
from zlib import compress

import pytest
from PIL import Image

from tests.imaging.pictures import corner_colours, corners, decode, encode, png_chunk
from tests.imaging.sent import SECRET, SRGB, exif
from tests.imaging.taking_in import EVERYTHING, KINDS, SMOOTH, taken, unlike, written

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

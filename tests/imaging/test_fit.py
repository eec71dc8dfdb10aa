"""A copy that fits: how small, how alike."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageOps, ImageStat

from bot.domain.images import FittedFile
from bot.errors import ImageError
from bot.imaging.fitting import fit
from tests.imaging.pictures import corner_colours, corners, decode, encode, flat_png, noise

ORIENTATION = 0x0112
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noisy_corners(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Corners that are still told apart, with noise that makes the file large."""
    return Image.blend(corners(width, height), noise(width, height), 0.3).convert(mode)


def checked(data: bytes, limit: int) -> tuple[FittedFile, Image.Image]:
    """Fit, and check what always holds: the limit, half of the pixels, the shape, and what it says it is."""
    fitted = fit(data, limit)
    assert len(fitted.data) <= limit
    before, after = decode(data), decode(fitted.data)
    assert after.size == (fitted.width, fitted.height)
    assert f"image/{(after.format or '').lower()}" == fitted.mime
    assert fitted.width * fitted.height * 2 >= before.width * before.height
    factor = math.sqrt(fitted.width * fitted.height / (before.width * before.height))
    for side, was in zip(after.size, before.size, strict=True):
        assert side <= was
        assert abs(side - was * factor) <= 1 + 0.5 * side / min(after.size)  # rounding of the other side, too
    return fitted, after


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Root mean square of the difference, 0 to 255, after scaling to the same size."""
    other = other.convert(one.mode).resize(one.size)
    return max(ImageStat.Stat(ImageChops.difference(one, other)).rms)


def test_what_fits_stays_byte_for_byte() -> None:
    data = encode(noise(50, 40), "PNG")
    assert fit(data, len(data)) == FittedFile(data, "image/png", 50, 40)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_opaque_picture_loses_quality_before_pixels(format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {"quality": 97} if format == "JPEG" else {}
    original = noisy_corners(600, 400)
    data = encode(original, format, **options)
    fitted, after = checked(data, 200_000 if format != "GIF" else 90_000)
    assert fitted.mime == "image/jpeg"
    assert after.size == (600, 400)
    assert unlike(original, after) < 35
    assert corner_colours(after) == ["red", "lime", "white", "blue"]


def test_little_too_much_costs_little() -> None:
    data = encode(noise(900, 900).filter(ImageFilter.GaussianBlur(1.5)), "JPEG", quality=95)
    limit = len(data) * 9 // 10
    fitted, after = checked(data, limit)
    assert after.size == (900, 900)
    assert len(fitted.data) > limit * 0.7
    assert unlike(decode(data), after) < 5


def test_pixels_go_when_quality_is_not_enough() -> None:
    data = encode(noise(400, 300), "PNG")
    fitted, after = checked(data, 22_000)
    assert after.width < 400
    assert len(fitted.data) > 22_000 * 0.7


def test_at_half_of_the_pixels_quality_goes_further_down() -> None:
    data = encode(noise(400, 300), "PNG")
    fitted, after = checked(data, 9_000)
    assert after.width * after.height == pytest.approx(60_000, rel=0.01)
    assert fitted.mime == "image/jpeg"


def test_what_cannot_fit_says_so() -> None:
    with pytest.raises(ImageError, match="half of 400x300 pixels do not fit 2000 bytes"):
        fit(encode(noise(400, 300), "PNG"), 2_000)


@pytest.mark.parametrize(
    "data", [b"", b"no picture", encode(noise(90, 90), "JPEG")[:-100], flat_png(30_000, 30_000)]
)
@pytest.mark.parametrize("limit", [10, 1_000_000])
def test_what_is_no_whole_picture_is_refused_even_where_it_would_fit(data: bytes, limit: int) -> None:
    with pytest.raises(ImageError):
        fit(data, limit)


# --- transparency -----------------------------------------------------------------------------------------


def transparent_left(width: int, height: int) -> Image.Image:
    image = noisy_corners(width, height, "RGBA")
    image.putalpha(0)
    image.paste(noisy_corners(width, height, "RGBA"), (width // 2, 0))
    return image


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
@pytest.mark.parametrize("limit", [40_000, 8_000])
def test_transparency_is_kept(format: str, limit: int) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    fitted, after = checked(encode(transparent_left(400, 300), format, **options), limit)
    assert fitted.mime == "image/webp"
    alpha = after.getchannel("A")
    assert alpha.getpixel((5, 5)) == 0
    assert alpha.getpixel((after.width - 5, 5)) == 255


def test_transparency_of_a_palette_is_kept() -> None:
    image = noise(300, 300).quantize(64)
    data = encode(image, "PNG", transparency=bytes([0] * 32 + [255] * 32))
    fitted, after = checked(data, 40_000)
    assert fitted.mime == "image/webp"
    assert after.getchannel("A").getextrema() == (0, 255)


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    fitted, after = checked(encode(noisy_corners(300, 300, "RGBA"), "PNG"), 40_000)
    assert fitted.mime == "image/jpeg"
    assert after.mode == "RGB"


def test_a_side_that_webp_cannot_hold_shrinks_until_it_can() -> None:
    data = encode(noise(20_000, 4, mode="RGBA"), "PNG")
    fitted, _ = checked(data, len(data) - 1)
    assert fitted.width <= 16_383


def test_a_side_that_webp_can_never_hold_is_refused() -> None:
    data = encode(noise(30_000, 2, mode="RGBA"), "PNG")
    with pytest.raises(ImageError):
        fit(data, len(data) - 1)


# --- what must look the same ------------------------------------------------------------------------------


def exif_of(orientation: int, **more: str) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if more:
        exif[0x010F] = more["make"]
        exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_shown_as_it_was(format: str, orientation: int) -> None:
    image = noisy_corners(300, 200)
    options = {"lossless": True} if format == "WEBP" else {}
    data = encode(image, format, exif=exif_of(orientation), **options)
    fitted, after = checked(data, 20_000)
    assert (fitted.width >= fitted.height) == (image.width >= image.height)
    assert corner_colours(ImageOps.exif_transpose(after)) == corner_colours(
        ImageOps.exif_transpose(decode(data))
    )


def test_where_and_with_what_it_was_taken_stays_behind() -> None:
    data = encode(noise(200, 200), "JPEG", quality=95, exif=exif_of(6, make="Lighthouse Cameras"))
    assert b"Lighthouse" in data
    _, after = checked(data, 20_000)
    exif = after.getexif()
    assert dict(exif) == {ORIENTATION: 6}
    assert not exif.get_ifd(0x8825)


def test_exif_data_that_is_none_is_left_out() -> None:
    data = encode(noise(200, 200), "JPEG", quality=95, exif=b"Exif\0\0garbage")
    _, after = checked(data, 20_000)
    assert dict(after.getexif()) == {}


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_colour_profile_is_kept(mode: str) -> None:
    data = encode(noise(200, 200, mode=mode), "PNG", icc_profile=SRGB)
    _, after = checked(data, 30_000)
    assert after.info["icc_profile"] == SRGB


def test_a_grey_profile_does_not_go_on_with_colours() -> None:
    grey = SRGB[:16] + b"GRAY" + SRGB[20:]
    _, after = checked(encode(noise(200, 200, mode="LA"), "PNG", icc_profile=grey), 20_000)
    assert "icc_profile" not in after.info


def test_the_note_who_made_it_is_kept() -> None:
    """XMP is where a generator says that it is one (IPTC's DigitalSourceType)."""
    note = b"<x:xmpmeta><DigitalSourceType>trainedAlgorithmicMedia</DigitalSourceType></x:xmpmeta>"
    _, after = checked(encode(noise(200, 200), "JPEG", quality=95, xmp=note), 20_000)
    assert after.info["xmp"] == note


def modes() -> Iterator[Image.Image]:
    grey = Image.linear_gradient("L").resize((300, 300))
    textured = Image.blend(grey, noise(300, 300, mode="L"), 0.3)
    yield textured
    yield textured.convert("1")
    yield textured.convert("I;16").point(lambda value: value * 256)
    yield textured.convert("RGB").quantize(200)
    yield textured.convert("CMYK")


@pytest.mark.parametrize("image", list(modes()), ids=lambda image: image.mode)
def test_brightness_survives_in_every_kind_of_pixel(image: Image.Image) -> None:
    format, limit = ("JPEG", 30_000) if image.mode == "CMYK" else ("PNG", 25_000)
    if image.mode == "1":
        limit = 10_000
    options = {"quality": 97} if format == "JPEG" else {}
    _, after = checked(encode(image, format, **options), limit)
    grey = after.convert("L").resize((3, 3), Image.Resampling.BOX)
    top, bottom = grey.getpixel((1, 0)), grey.getpixel((1, 2))
    assert isinstance(top, int)
    assert isinstance(bottom, int)
    assert top < 85
    assert bottom > 170


def test_cmyk_stays_cmyk() -> None:
    original = noisy_corners(300, 200, "CMYK")
    data = encode(original, "JPEG", quality=97)
    fitted, after = checked(data, 60_000)
    assert (fitted.mime, after.mode) == ("image/jpeg", "CMYK")
    assert corner_colours(after) == corner_colours(original)


def test_of_an_animation_the_first_frame_is_copied() -> None:
    frames = [noisy_corners(200, 150), Image.new("RGB", (200, 150), "black")]
    data = encode(frames[0], "PNG", save_all=True, append_images=frames[1:])
    _, after = checked(data, 20_000)
    assert corner_colours(after) == ["red", "lime", "white", "blue"]


# --- every shape ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    mode=st.sampled_from(["L", "RGB", "RGBA", "LA"]),
    share=st.floats(0.01, 1.2),
)
def test_limit_and_half_of_the_pixels_hold_for_every_shape(
    width: int, height: int, mode: str, share: float
) -> None:
    data = encode(noise(width, height, mode=mode), "PNG")
    limit = int(len(data) * share)
    try:
        checked(data, limit)
    except ImageError as error:
        assert "do not fit" in str(error)
        # Half a byte for each pixel is enough even for noise with noisy transparency.
        assert limit < 1_000 + width * height / 2

"""The boxes of HEIC and AVIF: what is out of proportion is seen before a decoder believes it."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.imaging.av1 import most_pixels
from bot.imaging.isobmff import claims_of
from tests.imaging.pictures import animation, encode, noise
from tests.imaging.sent import heic, with_everything
from tests.imaging.traps import container, lying, places, reference, traps

TRAPS = [name for name in traps() if name.startswith(("heic", "avif"))]
OF_ITS_DECODER = "heic with a lie"  # libheif compares what it is told with what it finds


@pytest.mark.parametrize("name", sorted(set(TRAPS) - {OF_ITS_DECODER}))
def test_a_trap_is_out_of_proportion(name: str) -> None:
    assert not claims_of(traps()[name]).believable


HONEST = {
    "one picture": container({1: b"hvc1"}),
    "tiles that overlap the edge": container(
        {1: b"grid"} | dict.fromkeys(range(2, 50), b"hvc1"),
        areas=[(1, 4032, 3024), *((item, 512, 512) for item in range(2, 50))],
        references=reference(b"dimg", 1, list(range(2, 50))),
        locations=places(*((item, item * 100, 100) for item in range(2, 50))),
        padding=10_000,
    ),
    "with transparency": container(
        {1: b"hvc1", 2: b"hvc1"}, areas=[(1, 900, 600), (2, 900, 600)], references=reference(b"auxl", 2, [1])
    ),
    "turned, with a brighter version": container(
        {1: b"iden", 2: b"hvc1", 3: b"tmap", 4: b"hvc1"},
        areas=[(1, 900, 600), (2, 900, 600), (4, 450, 300)],
        references=reference(b"dimg", 1, [2]) + reference(b"dimg", 3, [2, 4]),
    ),
    "a text of its own size": container(
        {1: b"hvc1", 2: b"Exif"},
        locations=places((2, 300, 90_000)),
        references=reference(b"cdsc", 2, [1]),
        padding=100_000,
    ),
    "with what a phone appends": container({1: b"hvc1"}) + b"\xff\xff\xff\xffSEFT",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_in_proportion(name: str) -> None:
    assert claims_of(HONEST[name]).believable


def test_what_encoders_write_is_in_proportion() -> None:
    everything = with_everything()
    for name in ("avif", "avif with transparency", "heic", "heic with transparency"):
        assert claims_of(everything[name]).believable
        assert not claims_of(everything[name]).film
    assert claims_of(heic(noise(700, 500), tile_size=64, thumbnails=[128])).believable
    film = animation("AVIF")
    assert claims_of(film).believable
    assert claims_of(film).film


@pytest.mark.parametrize("options", [{}, {"quality": 30, "speed": 9}, {"subsampling": "4:4:4"}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_the_frame_of_an_avif_is_found_in_its_stream(mode: str, options: dict[str, object]) -> None:
    """It may be as large as it says, with an allowance of four million pixels, and no larger."""
    data = encode(Image.new(mode, (3_000, 2_500)), "AVIF", **options)
    assert claims_of(data).believable
    assert claims_of(lying(data, 2_000, 1_000)).believable
    assert not claims_of(lying(data, 1_000, 500)).believable


def test_a_stream_that_is_none_has_no_frame() -> None:
    assert most_pixels(b"") == 0
    for stream in (
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x0a\x05\0",
        b"\x0a\x00",
        b"\x12\x00" * 20_000,
    ):
        with pytest.raises(ValueError):
            most_pixels(stream)


# A sequence header with everything that it may have in front of the size: timing, a model of the decoder,
# one operating point with its delays. Bit by bit as the AV1 specification lists it in section 5.5.
FULL_HEADER = (
    "000" "0" "0"  # profile, still picture, reduced header
    "1" + "0" * 64 + "1" + "00101"  # timing: tick, scale, equal intervals and how many ticks (uvlc)
    "1" "00011" + "0" * 32 + "00000" "00000"  # model: delays of four bits, tick, lengths
    "1" "00000"  # display delays, one operating point
    + "0" * 12 + "01000" "0"  # which, level above 7, tier
    "1" "0000" "0000" "0"  # delays of the model, low delay
    "1" "0000"  # display delay
    "1011" "1010"  # 12 bits of width, 11 of height
    + f"{1919:012b}{1079:011b}"
)  # fmt: skip


def test_a_long_header_leads_to_the_size_as_well() -> None:
    bits = FULL_HEADER.ljust(-(-len(FULL_HEADER) // 8) * 8, "0")
    header = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert most_pixels(b"\x12\x00" + bytes([0x0A, len(header)]) + header) == 1920 * 1080


@settings(deadline=None)
@given(name=st.sampled_from(sorted(HONEST)), seed=st.integers(0, 2**32), edits=st.integers(1, 20))
def test_damaged_boxes_are_judged_all_the_same(name: str, seed: int, edits: int) -> None:
    data = bytearray(HONEST[name])
    chance = random.Random(seed)
    for _ in range(edits):
        data[chance.randrange(min(400, len(data)))] = chance.randrange(256)
    assert claims_of(bytes(data)).believable in {True, False}


@given(st.binary(max_size=200))
def test_a_stream_is_read_or_refused(stream: bytes) -> None:
    with suppress(ValueError):
        assert most_pixels(stream) >= 0

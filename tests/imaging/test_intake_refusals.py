"""What is not taken in: each with the reason that its sender is told, none at a price."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from zlib import compress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.images import MAX_INPUT_BYTES, Prepared
from bot.errors import InputProblem, InputRefused, StorageError
from bot.imaging import Imaging
from bot.imaging.budget import Budget
from bot.imaging.containers import MAX_FRAMES
from bot.imaging.intake import MAX_PIXELS, read, take_in, weigh
from bot.imaging.kinds import TAKEN
from tests.house.import_rules import ROOT
from tests.imaging import traps
from tests.imaging.contents import is_only_a_picture
from tests.imaging.pictures import animation, encode, noise
from tests.imaging.sent import heic, with_everything
from tests.imaging.taking_in import KINDS, written
from tests.imaging.traps import huge_tiles, tiles

PATIENCE = 30  # seconds; reached only where something is broken


def refused(data: bytes) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        take_in(data, 2048)
    return caught.value


def check(data: bytes, problem: InputProblem, **values: Any) -> None:
    error = refused(data)
    assert (error.problem, error.values) == (problem, values)


# --- no picture -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 10_000,
        b"This is a text in a file called lighthouse.png.",
        b"<html><body>502 Bad Gateway</body></html>",
        b"PK\x03\x04" + bytes(100),
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\xff\xd8",
        b"GIF90a" + bytes(50),
        random.Random(7).randbytes(5_000),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    check(data, InputProblem.NOT_A_PICTURE, kind="")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'\xef\xbb\xbf\n<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"8BPS\0\1" + bytes(20), "Photoshop"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (encode(noise(32, 32), "JPEG2000"), "JPEG 2000"),
        (encode(noise(32, 32), "ICO"), "icon"),
        (traps.box(b"ftyp", b"isom" + bytes(12)), "video"),
        (traps.box(b"ftyp", b"qt  " + bytes(12)), "video"),
        (b"\x1aE\xdf\xa3" + bytes(20), "video"),
        (b"RIFF\x10\0\0\0AVI LIST", "video"),
        (traps.box(b"ftyp", b"crx " + bytes(12)), "camera raw"),
        (traps.tiff(16, {50706: (1, 4)}), "camera raw"),
        (
            traps.tiff(16, {254: (4, 1)}).replace(b"\xfe\0\4\0\1\0\0\0\x08", b"\xfe\0\4\0\1\0\0\0\x01"),
            "camera raw",
        ),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(4) + b"\0\0" + bytes(20), "camera raw"),
    ],
)
def test_another_kind_of_file_is_called_by_its_name(data: bytes, name: str) -> None:
    check(data, InputProblem.KIND_NOT_TAKEN, kind=name, allowed=list(TAKEN))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_off_is_refused_and_its_kind_named(kind: str) -> None:
    data = written(noise(90, 70), kind)
    named = {"WEBP": "WebP"}.get(kind, kind)
    # The last bytes of some hold no pixels: an end mark, or a table that was read.
    for end in (len(data) * 9 // 10, len(data) // 2, len(data) // 4, 40, 16):
        check(data[:end], InputProblem.NOT_A_PICTURE, kind=named)


def test_a_damaged_png_is_refused() -> None:
    data = bytearray(encode(noise(60, 40), "PNG"))
    data[len(data) // 2] ^= 0x10
    check(bytes(data), InputProblem.NOT_A_PICTURE, kind="PNG")


# --- too much ---------------------------------------------------------------------------------------------


def test_a_file_of_too_many_bytes_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "animation.gif"
    with path.open("wb") as file:
        file.write(animation("GIF"))
        file.truncate(200_000_000)
    with pytest.raises(InputRefused) as caught:
        read(path)
    assert caught.value.problem is InputProblem.TOO_MANY_BYTES
    assert caught.value.values == {"limit": MAX_INPUT_BYTES}


def test_a_file_of_as_many_bytes_as_may_be_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(MAX_INPUT_BYTES))
    assert len(read(path)) == MAX_INPUT_BYTES


@pytest.mark.parametrize("name", traps.many_pixels())
def test_a_small_file_of_too_many_pixels_is_refused_undecoded(name: str) -> None:
    data = traps.many_pixels()[name]
    assert len(data) < 200_000
    error = refused(data)
    assert error.problem is InputProblem.TOO_MANY_PIXELS
    limit = error.values["limit"]
    width, height = error.values["width"], error.values["height"]
    assert isinstance(width, int) and isinstance(height, int) and isinstance(limit, int)
    assert width * height > limit
    assert limit <= MAX_PIXELS
    if name == "png":
        assert (width, height) == (30_000, 30_000)


@pytest.mark.parametrize("name", traps.many_frames())
def test_an_animation_of_absurdly_many_frames_is_refused(name: str) -> None:
    check(traps.many_frames()[name], InputProblem.TOO_MANY_FRAMES, limit=MAX_FRAMES)


@pytest.mark.parametrize("name", traps.traps())
def test_a_trap_is_refused(name: str) -> None:
    error = refused(traps.traps()[name])
    assert error.problem in {InputProblem.NOT_A_PICTURE, InputProblem.TOO_MANY_FRAMES}


def test_a_comment_of_megabytes_is_left_aside() -> None:
    gif = encode(noise(60, 40), "GIF")
    table = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    comment = b"\x21\xfe" + (b"\xff" + b"x" * 255) * 60_000 + b"\0"
    assert take_in(gif[:table] + comment + gif[table:], 2048).width == 60


# VmHWM and not ru_maxrss: the latter begins with what the process that started this one had.
MEMORY = """
import re, sys
from bot.imaging.intake import take_in
prepared = take_in(open(sys.argv[1], "rb").read(), 2048)
assert max(prepared.width, prepared.height) == 2048
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
@pytest.mark.parametrize("transparent", [False, True])
def test_the_largest_picture_stays_within_its_memory(tmp_path: Path, transparent: bool) -> None:
    """80 million pixels, four bytes each, and what is made of them; not all of it twice."""
    path = tmp_path / "large.png"
    path.write_bytes(traps.flat_colours(8_940, 8_940, transparent=transparent))
    assert peak(MEMORY, path) < 600


REFUSING = """
import re, sys
from pathlib import Path
from bot.errors import InputRefused
from bot.imaging.intake import take_in
for path in Path(sys.argv[1]).iterdir():
    try:
        take_in(path.read_bytes(), 2048)
    except InputRefused:
        continue
    raise SystemExit(f"{path.name} was taken")
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
def test_a_small_tiff_of_huge_tiles_takes_no_memory(tmp_path: Path) -> None:
    """A tile is held as a whole, whatever part of it the picture has."""
    for name, data in huge_tiles().items():
        assert len(data) < 1_000
        (tmp_path / name).write_bytes(data)
    assert peak(REFUSING, tmp_path) < 120


@pytest.mark.parametrize(
    "data",
    [
        tiles(256, compress(bytes(256 * 256)), 8),
        tiles(256, compress(bytes(256 * 256)), 8, kind="H"),
        tiles(256, compress(bytes(256 * 256)), 8, order=">"),
        tiles(256, compress(bytes(256 * 256)), 8, order=">", kind="H"),
        tiles(256, compress(bytes(256 * 256)), 8, planar=True),
        tiles(2_400, compress(bytes(2_400 * 2_400)), 8, picture=(2_387, 2_391)),
    ],
)
def test_a_tiff_of_tiles_as_programs_write_them_is_taken(data: bytes) -> None:
    assert take_in(data, 16).width == 16


def test_a_tiff_may_say_that_it_is_one_strip_however_long() -> None:
    """So is it written where nobody counts the rows, and it costs nothing."""
    data = bytearray(encode(noise(60, 40), "TIFF", compression="tiff_deflate"))
    at = data.index(struct.pack("<HHL", 278, 3, 1)) + 2
    data[at : at + 10] = struct.pack("<HLL", 4, 1, 2**32 - 1)
    assert take_in(bytes(data), 2048).width == 60


def peak(script: str, path: Path) -> int:
    """The most memory, in megabytes, that a process of its own takes for a script about a path."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(done.stdout) // 1024


# --- whatever comes ---------------------------------------------------------------------------------------

ALL = {
    **with_everything(),
    **{f"animated {kind}": animation(kind) for kind in ("GIF", "WEBP", "PNG", "AVIF")},
    "heic of tiles": heic(noise(300, 200), tile_size=64),
    "progressive jpeg": encode(noise(90, 70), "JPEG", progressive=True),
    "tiff of jpegs": encode(noise(90, 70), "TIFF", compression="jpeg"),
    "deflated tiff": encode(noise(90, 70), "TIFF", compression="tiff_deflate"),
}


@settings(deadline=None, max_examples=300)
@given(name=st.sampled_from(sorted(ALL)), seed=st.integers(0, 2**32), edits=st.integers(1, 12))
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about the damage
def test_damaged_bytes_are_refused_or_a_picture(name: str, seed: int, edits: int) -> None:
    data = bytearray(ALL[name])
    chance = random.Random(seed)
    for _ in range(edits):
        # Most structure is at the front, so most of the damage is, too.
        end = chance.choice([40, 200, 800, len(data)])
        data[chance.randrange(min(end, len(data)))] = chance.randrange(256)
    if chance.random() < 0.2:
        del data[chance.randrange(len(data)) :]
    try:
        prepared = take_in(bytes(data), 256)
    except InputRefused:
        return
    assert is_only_a_picture(prepared.data)


# --- the door ---------------------------------------------------------------------------------------------


async def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    text, picture = tmp_path / "picture.png", tmp_path / "notes.txt"
    text.write_text("not a picture")
    picture.write_bytes(encode(noise(90, 70), "PNG"))
    async with Imaging() as imaging:
        with pytest.raises(InputRefused):
            await imaging.take_in(text)
        prepared = await imaging.take_in(picture, longest_side=45)
    assert isinstance(prepared, Prepared)
    assert (prepared.mime, prepared.width, prepared.height) == ("image/jpeg", 45, 35)


async def test_a_missing_file_is_a_fault_of_the_storage(tmp_path: Path) -> None:
    async with Imaging() as imaging:
        with pytest.raises(StorageError, match="cannot read gone"):
            await imaging.take_in(tmp_path / "gone")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_work_is_beside_the_loop(tmp_path: Path) -> None:
    """A pipe holds a worker for as long as nothing is written to it."""
    pipe, data = tmp_path / "pipe", encode(noise(90, 70), "PNG")
    os.mkfifo(pipe)
    async with Imaging(workers=1) as imaging:
        held = asyncio.create_task(imaging.take_in(pipe))
        writer = await asyncio.wait_for(asyncio.to_thread(pipe.open, "wb", 0), PATIENCE)
        assert not held.done()
        pipe.unlink()
        pipe.write_bytes(data)  # it is read once more, to be decoded
        writer.write(data)
        writer.close()
        assert (await asyncio.wait_for(held, PATIENCE)).width == 90


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_results_do_not_wait_behind_what_members_send(tmp_path: Path) -> None:
    pipe, result = tmp_path / "pipe", tmp_path / "result"
    os.mkfifo(pipe)
    result.write_bytes(encode(noise(20, 10), "PNG"))
    async with Imaging(workers=1) as imaging:
        held = asyncio.create_task(imaging.take_in(pipe))
        writer = await asyncio.wait_for(asyncio.to_thread(pipe.open, "wb", 0), PATIENCE)
        try:
            found = await asyncio.wait_for(imaging.inspect(result), PATIENCE)
            assert found is not None and found.width == 20
            assert not held.done()
        finally:
            writer.close()
        with pytest.raises(InputRefused):
            await asyncio.wait_for(held, PATIENCE)


async def test_a_picture_waits_for_its_memory_without_a_thread(tmp_path: Path) -> None:
    text, picture = tmp_path / "notes.txt", tmp_path / "picture.png"
    text.write_text("not a picture")
    picture.write_bytes(encode(noise(90, 70), "PNG"))
    budget = Budget(1_000_000)
    async with Imaging(workers=1, uploads=budget) as imaging:
        share = await budget.take(1_000_000)
        waiting = asyncio.create_task(imaging.take_in(picture))
        for _ in range(3):  # the only thread is there for these, and nobody waits for what is refused
            with pytest.raises(InputRefused):
                await asyncio.wait_for(imaging.take_in(text), PATIENCE)
        assert not waiting.done()
        budget.give_back(share)
        assert (await asyncio.wait_for(waiting, PATIENCE)).width == 90
        # Whoever went away meanwhile holds nothing.
        share = await budget.take(1_000_000)
        waiting = asyncio.create_task(imaging.take_in(picture))
        with pytest.raises(InputRefused):
            await asyncio.wait_for(imaging.take_in(text), PATIENCE)
        waiting.cancel()
        await asyncio.wait({waiting})
        budget.give_back(share)
        assert (await asyncio.wait_for(imaging.take_in(picture), PATIENCE)).width == 90
        assert await asyncio.wait_for(budget.take(1_000_000), PATIENCE) == 1_000_000


@pytest.mark.parametrize(("kind", "bytes_each"), [("PNG", 12), ("JPEG", 12), ("WEBP", 20), ("AVIF", 16)])
def test_how_much_a_picture_takes_is_known_before_it_is_decoded(kind: str, bytes_each: int) -> None:
    assert weigh(encode(noise(90, 70), kind)) == 90 * 70 * bytes_each


def test_what_is_refused_is_not_weighed() -> None:
    for data in (b"no picture", traps.many_pixels()["webp"], traps.many_pixels()["png"]):
        with pytest.raises(InputRefused):
            weigh(data)


TOGETHER = """
import asyncio, re, sys
from pathlib import Path
from bot.imaging import Imaging
async def main():
    async with Imaging(workers=8) as imaging:
        await asyncio.gather(*(imaging.take_in(path) for path in Path(sys.argv[1]).iterdir()))
asyncio.run(main())
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_small_files_of_large_pictures_stay_within_their_memory_together(tmp_path: Path, kind: str) -> None:
    """A few hundred bytes each, and three or four hundred megabytes while it is decoded."""
    flat = Image.new("RGBA", (5_000, 3_990), (1, 2, 3, 100))
    options = {"lossless": True, "method": 0} if kind == "WEBP" else {"speed": 10}
    data = encode(flat, kind, **options)
    assert len(data) < 3_000
    for number in range(4):
        (tmp_path / str(number)).write_bytes(data)
    assert peak(TOGETHER, tmp_path) < 680

"""The door: threads beside the event loop, bounded, and closed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.domain.images import FittedFile, Inspected
from bot.errors import ImageError, StorageError
from bot.imaging import Imaging
from bot.studio.ports import Imaging as Port
from tests.imaging.pictures import decode, encode, noise

PATIENCE = 20  # seconds; reached only where something is broken


async def test_it_is_what_the_studio_asks_for(tmp_path: Path) -> None:
    data = encode(noise(300, 200), "JPEG", quality=95)
    path = tmp_path / "8f43"
    path.write_bytes(data)
    async with Imaging() as imaging:
        port: Port = imaging
        assert await port.inspect(path) == Inspected("image/jpeg", 300, 200)
        assert await port.fit(path, len(data)) == FittedFile(data, "image/jpeg", 300, 200)
        smaller = await port.fit(path, len(data) // 2)
        assert decode(smaller.data).size == (smaller.width, smaller.height)
    assert path.read_bytes() == data


async def test_the_name_does_not_decide(tmp_path: Path) -> None:
    text, picture = tmp_path / "picture.jpg", tmp_path / "notes.txt"
    text.write_text("not a picture")
    picture.write_bytes(encode(noise(9, 9), "PNG"))
    async with Imaging() as imaging:
        assert await imaging.inspect(text) is None
        assert await imaging.inspect(picture) == Inspected("image/png", 9, 9)
        with pytest.raises(ImageError):
            await imaging.fit(text, 5)


async def test_a_missing_file_is_a_fault_of_the_storage(tmp_path: Path) -> None:
    async with Imaging() as imaging:
        with pytest.raises(StorageError):
            await imaging.inspect(tmp_path / "gone")
        with pytest.raises(StorageError):
            await imaging.fit(tmp_path / "gone", 100)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_work_is_beside_the_loop_and_bounded(tmp_path: Path) -> None:
    """A pipe holds a worker for as long as nothing is written to it."""
    data = encode(noise(20, 10), "PNG")
    pipe, plain = tmp_path / "pipe", tmp_path / "plain"
    os.mkfifo(pipe)
    plain.write_bytes(data)
    async with Imaging(workers=1) as imaging:
        held = asyncio.create_task(imaging.inspect(pipe))
        # This opens as soon as the worker has opened the other end: the loop runs on meanwhile.
        writer = await asyncio.wait_for(asyncio.to_thread(pipe.open, "wb", 0), PATIENCE)
        waiting = asyncio.create_task(imaging.inspect(plain))
        await asyncio.sleep(0)
        assert not held.done()
        assert not waiting.done()
        writer.write(data)
        writer.close()
        assert await asyncio.wait_for(held, PATIENCE) == Inspected("image/png", 20, 10)
        assert await asyncio.wait_for(waiting, PATIENCE) == Inspected("image/png", 20, 10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_closing_finishes_what_runs_and_drops_what_waits(tmp_path: Path) -> None:
    data = encode(noise(20, 10), "PNG")
    pipe, plain = tmp_path / "pipe", tmp_path / "plain"
    os.mkfifo(pipe)
    plain.write_bytes(data)
    imaging = Imaging(workers=1)
    held = asyncio.create_task(imaging.inspect(pipe))
    writer = await asyncio.wait_for(asyncio.to_thread(pipe.open, "wb", 0), PATIENCE)
    waiting = asyncio.create_task(imaging.inspect(plain))
    await asyncio.sleep(0)
    closing = asyncio.create_task(imaging.__aexit__(None, None, None))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, PATIENCE)
    assert not closing.done()
    writer.write(data)
    writer.close()
    assert await asyncio.wait_for(held, PATIENCE) == Inspected("image/png", 20, 10)
    await asyncio.wait_for(closing, PATIENCE)


async def test_many_at_once(tmp_path: Path) -> None:
    paths = []
    for seed in range(12):
        path = tmp_path / str(seed)
        path.write_bytes(encode(noise(64 + seed, 64, seed), "JPEG"))
        paths.append(path)
    async with Imaging(workers=2) as imaging:
        found = await asyncio.gather(*(imaging.inspect(path) for path in paths))
    assert [item.width for item in found if item] == [64 + seed for seed in range(12)]

"""Kept pictures as they reach an HTTP server, sent the way discord.py sends them."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import gc
import mmap
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from cogs.mapped import PIECE, Mapped
from cogs.uploads import SMALL, PictureFile, map_small

NAME = "a red lighthouse.png"
MAPS = Path("/proc/self/maps")


@asynccontextmanager
async def uploads() -> AsyncIterator[tuple[str, list[tuple[str | None, bytes]]]]:
    """A server's address, and the name and bytes of each file that came in there."""
    came: list[tuple[str | None, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            came.append((part.filename, bytes(await part.read())))
        return web.Response()

    app = web.Application(client_max_size=2 * SMALL)
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", came
    finally:
        await runner.cleanup()


async def send(url: str, file: PictureFile) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("files[0]", file.fp, filename=NAME, content_type="application/octet-stream")
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        assert response.status == 200


def keep(path: Path, data: bytes) -> None:
    """Write a file the way blobs are: what is not on the disk cannot leave the cache."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def picture(tmp_path: Path, size: int, *, once: bool = True) -> tuple[PictureFile, bytes]:
    data = os.urandom(size)
    path = tmp_path / "blob"
    keep(path, data)
    return PictureFile(path, size=size, filename=NAME, description=None, once=once), data


def mapped(folder: Path) -> bool:
    return str(folder) in MAPS.read_text()


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, SMALL])
@pytest.mark.parametrize("once", [True, False])
async def test_a_small_picture_arrives_as_it_is_and_as_often_as_it_is_sent(
    tmp_path: Path, size: int, once: bool
) -> None:
    file, data = picture(tmp_path, size, once=once)
    await map_small([file])
    assert isinstance(file.fp, Mapped)
    async with uploads() as (url, came):
        for attempt in range(2):
            file.reset(seek=attempt)
            await send(url, file)
    assert came == [(NAME, data)] * 2
    file.close()
    assert (tmp_path / "blob").read_bytes() == data


def cached(path: Path) -> bool:
    """Whether the system has a file's first page in memory.

    A read with `RWF_NOWAIT` would begin to fetch the page, and find it where the disk is quick:
    only `mincore` looks without touching.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 1) as view:
        address = ctypes.addressof(ctypes.c_char.from_buffer(view))
        resident = ctypes.c_ubyte()
        if libc.mincore(ctypes.c_void_p(address), ctypes.c_size_t(1), ctypes.byref(resident)) != 0:
            raise OSError(ctypes.get_errno(), "mincore failed")
        return bool(resident.value & 1)


def can_forget(folder: Path) -> bool:
    """Whether the file system of a folder lets go of a file's memory when it is told to."""
    path = folder / "forgotten"
    keep(path, bytes(SMALL))
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return not cached(path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is told to forget a file")
@pytest.mark.parametrize("once", [True, False])
async def test_what_is_not_read_again_leaves_the_cache(tmp_path: Path, once: bool) -> None:
    if not can_forget(tmp_path):
        pytest.skip("the file system of the temporary folder is in memory")
    file, data = picture(tmp_path, SMALL, once=once)
    await map_small([file])
    async with uploads() as (url, came):
        await send(url, file)
    assert came == [(NAME, data)]
    assert cached(tmp_path / "blob")
    file.close()
    assert cached(tmp_path / "blob") is not once


async def test_a_file_system_that_maps_nothing_costs_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr("cogs.mapped.mmap.mmap", refuse)
    file, data = picture(tmp_path, SMALL)
    await map_small([file])
    async with uploads() as (url, came):
        await send(url, file)
    assert came == [(NAME, data)]
    file.close()


@pytest.mark.parametrize("size", [0, SMALL + 1])
async def test_what_is_large_or_empty_is_sent_from_its_file(tmp_path: Path, size: int) -> None:
    file, data = picture(tmp_path, size)
    await map_small([file])
    assert not isinstance(file.fp, Mapped)
    async with uploads() as (url, came):
        await send(url, file)
    assert came == [(NAME, data)]
    file.close()


async def test_a_picture_that_is_deleted_meanwhile_arrives_whole(tmp_path: Path) -> None:
    file, data = picture(tmp_path, SMALL)
    await map_small([file])
    (tmp_path / "blob").unlink()
    async with uploads() as (url, came):
        await send(url, file)
    assert came == [(NAME, data)]
    file.close()


@pytest.mark.parametrize("left", [b"", b"half of i", b"and more after it"])
def test_a_picture_of_which_not_all_is_left_is_an_error(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "blob").write_bytes(left)
    with pytest.raises(OSError, match=f"{len(left)} bytes are left of 10"):
        PictureFile(tmp_path / "blob", size=10, filename=NAME, description=None, once=True)


async def test_a_picture_that_is_gone_before_it_is_read_is_an_error(tmp_path: Path) -> None:
    file, _ = picture(tmp_path, 10)
    (tmp_path / "blob").unlink()
    with pytest.raises(FileNotFoundError):
        await map_small([file])


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux tells what is mapped")
async def test_nothing_stays_open_where_the_other_side_hangs_up_in_the_middle(tmp_path: Path) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        file, _ = picture(tmp_path, SMALL)
        await map_small([file])
        assert mapped(tmp_path)
        with pytest.raises(aiohttp.ClientError):
            await send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", file)
        file.close()
    gc.collect()  # the error's traceback held on to the form
    assert not mapped(tmp_path)


def test_a_map_reads_like_a_file(tmp_path: Path) -> None:
    data = os.urandom(1000)
    (tmp_path / "blob").write_bytes(data)
    with Mapped(tmp_path / "blob", once=True) as file:
        assert file.read(10) == data[:10]
        assert file.tell() == 10
        assert file.seek(-5, os.SEEK_END) == 995
        assert file.read() == data[995:]
        assert file.read() == b""
        assert file.seek(-100, os.SEEK_CUR) == 900
        assert file.seek(0) == 0
        assert file.read(None) == data
    assert file.closed

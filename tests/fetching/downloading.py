"""Downloads in the hands of tests: limits that are soon reached, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.errors import InputRefused
from bot.fetching import Downloads, Limits

ADDRESS = "https://cdn.discordapp.com/attachments/11/22/image.png?ex=6920&is=691f&hm=ab12&"
PATIENCE = 20  # seconds; reached only where something is broken
QUICK = Limits(size=100_000, total=5.0, connecting=3.0, idle=3.0, pause=0.01)

Open = Callable[..., AbstractAsyncContextManager[Downloads]]


def left(folder: Path) -> list[Path]:
    """What there is in the folder of downloads."""
    return list((folder / "incoming").iterdir())


async def refused(downloads: Downloads, url: str = ADDRESS) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        async with asyncio.timeout(PATIENCE), downloads.fetch(url):
            raise AssertionError("it was downloaded")
    return caught.value


async def fetched(downloads: Downloads, url: str = ADDRESS) -> bytes:
    async with asyncio.timeout(PATIENCE), downloads.fetch(url) as path:
        return await asyncio.to_thread(path.read_bytes)

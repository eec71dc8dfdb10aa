"""A server, a store and a provider that joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.providers.base import Limits
from bot.providers.gemini import Gemini
from tests.providers.calls import KEY
from tests.providers.local_server import LocalServer
from tests.providers.shelf import Shelf

LIMITS = Limits(pictures=4, picture_bytes=1_000_000, text_bytes=100_000, error_bytes=10_000)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with Shelf.open(tmp_path) as shelf:
        yield shelf


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as running:
        yield running


@pytest.fixture
async def gemini(server: LocalServer, store: Shelf) -> AsyncIterator[Gemini]:
    async with Gemini(store, api_key=KEY, base_url=server.url, limits=LIMITS) as provider:
        yield provider

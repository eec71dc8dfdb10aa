"""Servers that behave oddly, and downloads that go through their proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.fetching import Downloads, Limits
from tests.fetching.downloading import QUICK, Open
from tests.fetching.odd_cdn import OddCdn


@pytest.fixture
async def cdn(tmp_path: Path) -> AsyncIterator[OddCdn]:
    async with OddCdn.start(tmp_path) as started:
        yield started


@pytest.fixture
def opened(cdn: OddCdn, tmp_path: Path) -> Open:
    """Downloads through the proxy of the odd servers."""

    def make(limits: Limits = QUICK) -> Downloads:
        return Downloads(tmp_path / "incoming", proxy=cdn.proxy_url, limits=limits, trust=cdn.trust)

    return make

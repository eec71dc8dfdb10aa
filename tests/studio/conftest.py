"""A world for each test: a data folder, a clock, a provider and a notifier."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.studio.gallery_run import Run
from tests.studio.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def run(world: World) -> AsyncIterator[Run]:
    async with world.running() as process:
        yield Run(world, process)

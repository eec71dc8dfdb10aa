"""Fixtures of the tests of Discord's surface."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cogs.stage import Stage, staged


@pytest.fixture
async def stage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """The bot in SimCord; `parametrize("stage", [{"daily_images": 2}], indirect=True)` sets limits."""
    async with staged(tmp_path, caplog, **getattr(request, "param", {})) as running:
        yield running

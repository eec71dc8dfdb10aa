"""Fixtures of the tests of Discord's surface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.providers.process import ProviderProcess
from bot.wiring import provider
from tests.cogs.stage import Stage, staged
from tests.fakes import warm


@pytest.fixture(scope="session", autouse=True)
def nursery() -> Iterator[None]:
    """Every bot's process for provider calls begins with its program loaded."""
    with warm.nursery(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "ProviderProcess", partial(ProviderProcess, module=warm.MODULE))
        yield


@pytest.fixture
async def stage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """The bot in SimCord; `parametrize("stage", [{"daily_images": 2}], indirect=True)` sets limits."""
    async with staged(tmp_path, caplog, **getattr(request, "param", {})) as running:
        yield running

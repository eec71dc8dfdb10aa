"""Plantain between two fakes, and what is checked after every test that uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.spec import Specification
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import Plantain, installation

FAILED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks that are used here."""
    config.addinivalue_line("markers", "slow: takes half a minute, because it waits as a member does")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know how their test went: after a failure they show logs instead of checking more."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def specification() -> Specification | None:
    """Discord's own description of its API, where it lies beside the project."""
    return Specification.load()


@pytest.fixture
async def plantain(
    request: pytest.FixtureRequest, tmp_path: Path, specification: Specification | None
) -> AsyncIterator[Plantain]:
    """An installation that is not started yet. After the test it is stopped, and everything is checked."""
    async with FakeDiscord() as discord, installation(tmp_path, discord) as made:
        yield made
        if request.node.stash.get(FAILED, True):
            for process in made.processes:
                process.show_log()
        else:
            await made.finish(specification)


@pytest.fixture
def discord(plantain: Plantain) -> FakeDiscord:
    """The Discord of `plantain`."""
    return plantain.discord


@pytest.fixture
def gemini(plantain: Plantain) -> ScriptedGemini:
    """The provider of `plantain`."""
    return plantain.gemini

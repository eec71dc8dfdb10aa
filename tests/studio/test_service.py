"""The studio as a whole: what it says of itself, and what it does when a part of it breaks."""

from __future__ import annotations

import logging

import pytest

from bot.errors import StorageError
from tests.studio.power import Power, powered
from tests.studio.world import World, make_origin, make_request


async def test_it_works_between_its_start_and_its_end(world: World) -> None:
    studio = world.process().studio
    assert not studio.working
    async with studio:
        assert studio.working
    assert not studio.working


async def test_a_part_that_breaks_is_seen_from_outside(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    power = Power()
    power.fail("workers transaction", ZeroDivisionError("a bug"))
    studio = world.process(powered(world.outside, power)).studio
    async with studio:
        await power.until(lambda: not studio.working)
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert "nothing is worked on until a restart" in caplog.text


async def test_a_database_that_cannot_be_read_at_the_start_stops_the_start(world: World) -> None:
    await world.process().submissions.submit(make_request(), make_origin())
    power = Power()
    power.fail("somebody reading", None, StorageError("out of reach"))
    studio = world.process(powered(world.outside, power), drain_seconds=0).studio
    world.clock.release("drain")
    with pytest.raises(StorageError):
        await studio.__aenter__()
    assert not studio.working
    assert world.provider.history == []

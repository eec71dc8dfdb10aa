"""A day of traffic in seconds: afterwards everything adds up, and nothing is left over in the process."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import psutil
import pytest

from bot.domain.deliveries import DeliveryState, Way
from bot.domain.requests import Origin, Request
from bot.errors import Busy, CapReached, DeliveryError, RequestRefused
from storage.sqlite import READERS
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.provider import FakeProvider, blocked, no_image
from tests.studio.world import MEMBER, World, make_origin, make_request

HOURS = 24
AN_HOUR = 24  # requests
MEMBERS = 12
Submit = Callable[[Request, Origin], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Use:
    """What the process holds when nothing goes on."""

    tasks: int
    handles: int
    traced: int  # bytes
    objects: int

    @classmethod
    async def now(cls) -> Use:
        for _ in range(3):
            await asyncio.sleep(0)
        gc.collect()
        handles = psutil.Process().num_fds()
        return cls(
            len(asyncio.all_tasks()), handles, tracemalloc.get_traced_memory()[0], len(gc.get_objects())
        )


async def an_hour(world: World, submit: Submit, chance: random.Random, counts: Counter[str]) -> None:
    """Requests of many members over an hour, some at once, with everyday trouble."""
    left = AN_HOUR
    while left > 0:
        burst = min(left, chance.choice((1, 1, 2, 6)))
        left -= burst
        for _ in range(burst):
            trouble = chance.random()
            if trouble < 0.05:
                world.provider.enqueue(blocked("No."))
            elif trouble < 0.10:
                world.provider.enqueue(RequestRefused("answered 400"))
            elif trouble < 0.20:
                world.provider.enqueue(Busy("answered 503"))
            elif trouble < 0.25:
                world.provider.enqueue(no_image())
            if chance.random() < 0.1:
                world.notifier.fail(Way.TOKEN, DeliveryError("503", passing=True))
            origin = make_origin(member_id=MEMBER + chance.randrange(MEMBERS), token_at=world.clock.now())
            try:
                await submit(make_request(), origin)
                counts["accepted"] += 1
            except CapReached:
                counts["refused"] += 1
        await world.until_idle()
        world.clock.advance(3600 * burst / AN_HOUR)


async def every_reader_reads(world: World) -> None:
    """A connection of SQLite opens its log when it first reads, and which one reads is chance."""
    async with AsyncExitStack() as readers:
        for _ in range(READERS):
            snapshot = await readers.enter_async_context(world.store.reading())
            await snapshot.vitals.get()


def forget(world: World) -> None:
    """Let the stand-ins forget what they wrote down: only the program itself is looked at."""
    assert isinstance(world.provider, FakeProvider) and isinstance(world.notifier, RecordingNotifier)
    for notes in (
        world.provider.history,
        world.notifier.deliveries,
        world.notifier.progressed,
        world.notifier.tried,
        world.notifier.updates,
        world.clock.slept,
    ):
        notes.clear()


@pytest.fixture
def unlogged() -> Iterator[None]:
    """pytest keeps every log record of a test, and another test may have switched the program's log on."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("unlogged")
async def test_a_day_of_traffic_leaves_nothing_behind(world: World) -> None:
    chance = random.Random(24)
    counts: Counter[str] = Counter()
    calls = 0
    async with world.running(daily_images=40) as process:
        tracemalloc.start()
        try:
            for hour in range(HOURS):
                await an_hour(world, process.submissions.submit, chance, counts)
                calls += len(world.provider.history)
                forget(world)
                if hour == 3:  # by then every cache is warm
                    await every_reader_reads(world)
                    early = await Use.now()
            late = await Use.now()
        finally:
            tracemalloc.stop()
        assert process.workers.running == 0
    assert late.tasks <= early.tasks
    assert late.handles <= early.handles
    # 480 requests later. An object that each of them left behind would be more.
    assert late.objects - early.objects < 600, (early, late)
    assert late.traced - early.traced < 400_000, (early, late)

    rows = await world.everything()
    assert rows["jobs"] == counts["accepted"] == sum(counts.values()) - counts["refused"]
    assert rows["ledger"] == 2 * rows["jobs"]
    assert await world.open_reservations() == []
    [(undelivered,)] = await world.rows(
        "SELECT COUNT(*) FROM deliveries WHERE state <> :sent", sent=DeliveryState.SENT
    )
    assert undelivered == 0
    [(settled,)] = await world.rows("SELECT SUM(settled_images) FROM ledger")
    assert settled == rows["images"] <= calls
    assert world.answer_files() == []


pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")

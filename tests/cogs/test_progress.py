"""The card of a job on its way: not too often, never back, and never over the result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from bot.domain.jobs import Job, JobState
from bot.domain.outlook import Outlook
from bot.domain.progress import Stage
from bot.domain.requests import Kind, Options, Origin, Request
from bot.errors import DeliveryError
from cogs.progress import (
    BUSY_ROUND,
    SECONDS_BETWEEN_EDITS,
    SECONDS_TO_LOOK_AGAIN,
    SECONDS_TO_PUT_OFF,
    SECONDS_TO_READ_THE_FIRST,
    Progress,
)

T = TypeVar("T")
ORIGIN = Origin("interaction:1", 1, 2, 3, 4, "token", 0, 10**7)
JOB = Job("bbbbbbb", JobState.RUNNING, Request(Kind.GENERATE, "x", Options("m")), ORIGIN, 0, 0)


class Time:
    """A clock that a test moves; who waits goes on when it has moved far enough."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.pauses: list[float] = []

    def now(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


class Card:
    """What edits a card does to it, with a gate that holds an edit on the wire."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.edits: list[tuple[Stage, int]] = []
        self.at: list[float] = []
        self.wire = asyncio.Event()
        self.wire.set()
        self.on_the_wire = asyncio.Event()
        self.fails = False

    async def edit(self, job: Job, stage: Stage, ahead: int, outlook: Outlook) -> None:
        self.on_the_wire.set()
        await self.wire.wait()
        self.edits.append((stage, ahead))
        self.at.append(self.time.seconds)
        if self.fails:
            raise DeliveryError("no")


async def passing(awaitable: Awaitable[T], reason: str) -> T:
    return await awaitable


def made() -> tuple[Progress, Card, Time]:
    time = Time()
    card = Card(time)

    async def waits(awaitable: Awaitable[T], reason: str) -> T:
        # The pause of a card is a wait for somebody in a hurry, with a deadline: time passes at once here.
        if reason == "card" and asyncio.iscoroutine(awaitable):
            awaitable.close()
            time.seconds += max(SECONDS_TO_READ_THE_FIRST, SECONDS_BETWEEN_EDITS)
            await asyncio.sleep(0)
            return cast(T, None)  # a pause gives nothing
        return await awaitable

    return Progress(card.edit, time, waits), card, time


async def rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_only_the_latest_state_is_sent_and_not_too_often() -> None:
    progress, card, _ = made()
    for ahead in (9, 8, 7):
        progress.show(JOB, Stage.PREPARING, ahead)
    await rest()
    progress.show(JOB, Stage.GENERATING, 0)
    await rest()
    assert card.edits == [(Stage.PREPARING, 7), (Stage.GENERATING, 0)]
    assert card.at[1] - card.at[0] >= SECONDS_BETWEEN_EDITS


async def test_it_never_goes_back() -> None:
    """Who tells places in the queue may have read them before the job was taken."""
    progress, card, _ = made()
    progress.show(JOB, Stage.GENERATING, 0)
    progress.show(JOB, Stage.PREPARING, 3)
    await rest()
    assert card.edits == [(Stage.GENERATING, 0)]


async def test_nothing_before_the_acknowledgement() -> None:
    progress, card, _ = made()
    async with progress.acknowledging(ORIGIN.key):
        progress.show(JOB, Stage.GENERATING, 0)
        closing = asyncio.create_task(progress.close(JOB))
        await rest()
        assert card.edits == []
        assert not closing.done()
    await closing


async def test_the_end_waits_for_what_is_on_the_wire_and_nothing_follows() -> None:
    progress, card, _ = made()
    card.wire.clear()
    progress.show(JOB, Stage.GENERATING, 0)
    await card.on_the_wire.wait()
    progress.show(JOB, Stage.FINALIZING, 0)
    closing = asyncio.create_task(progress.close(JOB))
    await rest()
    assert not closing.done()
    card.wire.set()
    await closing
    await rest()
    assert card.edits == [(Stage.GENERATING, 0)]
    progress.show(JOB, Stage.PREPARING, 2)
    progress.show(JOB, Stage.FINALIZING, 0)
    await rest()
    assert card.edits == [(Stage.GENERATING, 0)]
    await progress.close(JOB)


async def test_a_card_that_cannot_be_edited_is_left_alone() -> None:
    progress, card, _ = made()
    card.fails = True
    progress.show(JOB, Stage.GENERATING, 0)
    await rest()
    progress.show(JOB, Stage.FINALIZING, 0)
    await rest()
    assert card.edits == [(Stage.GENERATING, 0), (Stage.FINALIZING, 0)]
    await progress.close(JOB)


async def test_the_last_stage_does_not_wait_its_turn() -> None:
    time = Time()
    card = Card(time)
    progress = Progress(card.edit, time, passing)
    progress.show(JOB, Stage.GENERATING, 0)
    await rest()
    assert card.edits == []  # people are given a moment to read the first card
    progress.show(JOB, Stage.FINALIZING, 0)
    await rest()
    assert card.edits == [(Stage.FINALIZING, 0)]


class BusyTime(Time):
    """A clock on a machine whose event loop takes long for every round, for so many seconds."""

    def __init__(self, busy: float) -> None:
        super().__init__()
        self.until = self.seconds + busy
        self.rounds = 0

    def monotonic(self) -> float:
        if self.seconds < self.until:
            self.rounds += 1
            self.seconds += BUSY_ROUND
        return self.seconds


async def edited_after(busy: float) -> tuple[Card, BusyTime]:
    """Show a state that hurries while the event loop is busy, and wait for the edit."""
    time = BusyTime(busy)
    card = Card(time)
    progress = Progress(card.edit, time, passing)
    progress.show(JOB, Stage.FINALIZING, 0)
    await card.on_the_wire.wait()
    await progress.close(JOB)
    return card, time


async def test_words_wait_for_an_event_loop_that_has_time_for_them() -> None:
    card, time = await edited_after(1.0)
    assert card.edits == [(Stage.FINALIZING, 0)]
    assert 101.0 <= card.at[0] <= 101.0 + SECONDS_TO_LOOK_AGAIN + BUSY_ROUND
    assert time.rounds > 0


async def test_a_machine_that_is_always_busy_tells_them_as_well() -> None:
    card, _ = await edited_after(1000.0)
    assert card.edits == [(Stage.FINALIZING, 0)]
    assert card.at[0] >= 100.0 + SECONDS_TO_PUT_OFF


async def test_the_result_does_not_wait_for_words_that_wait() -> None:
    time = BusyTime(1000.0)
    card = Card(time)
    waiting = asyncio.Event()

    async def waits(awaitable: Awaitable[T], reason: str) -> T:
        if asyncio.iscoroutine(awaitable) and time.pauses:  # the pause of a card that waits for a calm moment
            awaitable.close()
            waiting.set()
            await asyncio.Event().wait()
        return await awaitable

    progress = Progress(card.edit, time, waits)
    progress.show(JOB, Stage.FINALIZING, 0)
    await waiting.wait()
    await progress.close(JOB)
    assert card.edits == []


async def test_a_message_that_shows_nothing_yet_gets_its_first_words() -> None:
    progress, card, _ = made()
    async with progress.acknowledging(ORIGIN.key):
        progress.show_first(JOB, 4)
        await rest()
        assert card.edits == []
    await rest()
    assert card.edits == [(Stage.PREPARING, 4)]
    await progress.close(JOB)


async def test_a_message_that_shows_nothing_yet_shows_how_far_its_job_is() -> None:
    """Its job may have begun before Discord was told anything but to wait."""
    progress, card, _ = made()
    async with progress.acknowledging(ORIGIN.key):
        progress.show(JOB, Stage.GENERATING, 0)
        progress.show_first(JOB, 0)
    await rest()
    assert card.edits == [(Stage.GENERATING, 0)]
    await progress.close(JOB)
    progress.show_first(JOB, 0)
    await rest()
    assert card.edits == [(Stage.GENERATING, 0)]

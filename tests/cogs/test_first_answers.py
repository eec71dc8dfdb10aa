"""First answers go before everything else, and where many wait for one, all of them are told to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import pytest
import simcord

from cogs import reply
from cogs.first_answers import FEW, MANY, FirstAnswers
from tests.cogs.locking import locked, thinking
from tests.cogs.stage import Person, Stage, held_back

MORE = 4
MEMBERS = MANY + MORE
T = TypeVar("T")


async def no_matter(awaitable: Awaitable[T], reason: str) -> T:
    """Wait, where no simulation has to know of it."""
    return await awaitable


async def test_work_waits_for_the_first_answers_of_a_burst() -> None:
    first = FirstAnswers(no_matter)
    for _ in range(FEW):
        first.expect()
    await first.settled()  # a few are no reason to wait
    assert first.calm
    first.expect()
    assert not first.calm
    waiting = asyncio.create_task(first.settled())
    await asyncio.sleep(0)
    assert not waiting.done()
    first.given()
    await waiting


async def test_work_does_not_wait_for_ever() -> None:
    first = FirstAnswers(no_matter)
    for _ in range(FEW + 1):
        first.expect()
    await first.settled()
    assert not first.calm


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to wait because an answer takes long: only because many wait."""
    monkeypatch.setattr(reply, "SECONDS_TO_HOLD", 3600.0)


async def burst(
    stage: Stage, members: Sequence[Person], *, private: bool = False
) -> list[simcord.InteractionResult]:
    """Everybody asks at once, while nothing can be accepted; Discord hears of some at least."""
    with held_back(stage) as waiting:
        asked = [await stage.imagine(member, private=private) for member in members]
    async with locked(stage):
        for event, payload in waiting:
            stage.env.backend.emit(event, payload)
        await thinking(stage, MORE)
    await stage.env.settle()
    return asked


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("stage", [{"daily_images": 1}], indirect=True)
async def test_everybody_in_a_burst_is_answered_where_they_asked(stage: Stage) -> None:
    members = [stage.guild.add_member(stage.env.create_user(f"member{at}")) for at in range(MEMBERS)]
    cards = [await stage.finished(result) for result in await burst(stage, members)]
    assert all(card.media for card in cards)
    assert {message.id for message in stage.messages()} == {card.id for card in cards}
    assert [job.attempts for job in await stage.jobs()] == [1] * len(members)

    refused = await burst(stage, members)
    assert all("The daily limit is 1 image" in stage.said(result) for result in refused)
    assert {message.id for message in stage.messages()} == {card.id for card in cards}


@pytest.mark.usefixtures("patient")
async def test_what_is_private_is_private_in_a_burst_as_well(stage: Stage) -> None:
    members = [stage.guild.add_member(stage.env.create_user(f"member{at}")) for at in range(MEMBERS)]
    results = await burst(stage, members, private=True)
    for result in results:
        assert result.ephemeral
        assert (await stage.finished(result)).media
    assert stage.messages() == []

"""Turns: one at a time, the oldest of those who wait first."""

from __future__ import annotations

import asyncio

import pytest

from bot.providers.turns import Turns


async def test_the_oldest_of_those_who_wait_is_next() -> None:
    turns, order = Turns(), list[int]()

    async def work(age: int) -> None:
        for _ in range(3):
            async with turns.turn(age):
                order.append(age)

    ages = [turns.age() for _ in range(4)]
    await asyncio.gather(*(work(age) for age in reversed(ages)))
    # Who came first in time has the first turn. From then on age decides.
    assert order == [3, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("called", [False, True], ids=["while it waits", "when it was just called"])
async def test_who_leaves_does_not_keep_the_others_waiting(called: bool) -> None:
    turns, reached = Turns(), list[int]()

    async def work(age: int) -> None:
        async with turns.turn(age):
            reached.append(age)

    first = turns.turn(turns.age())
    await first.__aenter__()
    leaving, staying = (asyncio.create_task(work(turns.age())) for _ in range(2))
    await asyncio.sleep(0)
    if called:
        await first.__aexit__(None, None, None)
        leaving.cancel()
    else:
        leaving.cancel()
        await asyncio.wait({leaving})
        await first.__aexit__(None, None, None)
    await asyncio.wait({leaving, staying})
    assert reached == [2]
    async with turns.turn(turns.age()):
        pass

"""Memory that is lent: no more than there is, to the oldest first, and all of it comes back."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bot.imaging.budget import Budget

PATIENCE = 20  # seconds; reached only where something is broken


async def settled(*tasks: asyncio.Task[int]) -> list[bool]:
    """Which of them are done once everything that can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_the_oldest_comes_first_and_nobody_overtakes() -> None:
    budget = Budget(100)
    first = await budget.take(60)
    large, small = asyncio.create_task(budget.take(50)), asyncio.create_task(budget.take(10))
    assert await settled(large, small) == [False, False]
    budget.give_back(first)
    assert await settled(large, small) == [True, True]


async def test_what_is_larger_than_all_goes_alone() -> None:
    budget = Budget(100)
    first = await budget.take(1)
    huge, small = asyncio.create_task(budget.take(10**9)), asyncio.create_task(budget.take(1))
    assert await settled(huge, small) == [False, False]
    budget.give_back(first)
    assert await settled(huge, small) == [True, False]
    budget.give_back(huge.result())
    assert await settled(small) == [True]


async def test_whoever_goes_away_leaves_room_for_those_behind() -> None:
    budget = Budget(100)
    first = await budget.take(60)
    large, small = asyncio.create_task(budget.take(50)), asyncio.create_task(budget.take(40))
    assert await settled(large, small) == [False, False]
    large.cancel()
    assert await settled(large, small) == [True, True]
    budget.give_back(first)
    budget.give_back(small.result())
    assert await asyncio.wait_for(budget.take(100), PATIENCE) == 100


async def test_whoever_goes_away_as_it_is_lent_gives_it_back() -> None:
    budget = Budget(100)
    first = await budget.take(100)
    waiting = asyncio.create_task(budget.take(100))
    assert await settled(waiting) == [False]
    budget.give_back(first)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    assert await asyncio.wait_for(budget.take(100), PATIENCE) == 100


def test_threads_and_errors_give_back_what_they_held() -> None:
    budget, both = Budget(100), Barrier(2, timeout=PATIENCE)

    def hold(wanted: int) -> None:
        with budget.held(wanted):
            both.wait()  # two of fifty hold theirs together
            raise ValueError

    with ThreadPoolExecutor(4) as threads:
        held = [threads.submit(hold, 50) for _ in range(4)]
        assert {type(each.exception(PATIENCE)) for each in held} == {ValueError}
    with budget.held(100):
        pass

"""Fairness, simulated with the real admission: who waits how long, and who gets which share."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.fairness import HOG, SECOND, TOOK, Simulation, one_hog
from storage import Store


@pytest.mark.parametrize("workers", [1, 4])
async def test_two_hundred_requests_delay_nobody_by_more_than_one_job_per_worker(
    store: Store, workers: int
) -> None:
    simulation = await one_hog(store, workers, others=3)
    others = [simulation.seconds(member) for member in (2, 3, 4)]
    print(f"{workers} workers, others waited: {others}; the 200: {simulation.seconds(HOG)}")
    # The jobs that were at work have to end; among those who came together each has a turn.
    turns = -(-len(others) // workers)
    assert max(waits[0] for waits in others) <= TOOK / SECOND * turns
    assert {member: len(waits) for member, waits in simulation.waits.items()} == {
        HOG: 200,
        2: 11,
        3: 11,
        4: 11,
    }


async def test_among_those_who_wait_the_shares_are_equal_at_every_moment(store: Store) -> None:
    simulation = Simulation(store, workers=3)
    for member in range(1, 6):
        await simulation.ask(member, 20)
    await simulation.fill()
    while await simulation.step():
        shares = Counter({member: len(waits) for member, waits in simulation.waits.items()})
        if max(shares.values()) < 20:
            assert max(shares.values()) - min(shares[member] for member in range(1, 6)) <= 1


async def test_the_higher_tier_goes_first_and_the_lower_one_is_not_starved(store: Store) -> None:
    simulation = Simulation(store, workers=1)
    await simulation.ask(1, 5)
    for _ in range(60):  # members of a tier three steps higher never stop asking
        await simulation.ask(2, priority=3)
        await simulation.ask(3, priority=3)
        await simulation.fill()
        await simulation.step()
    waits = simulation.seconds(1)
    print(f"in the lower tier: {waits}")
    assert len(waits) >= 2
    assert waits[0] <= 250  # three steps are three minutes

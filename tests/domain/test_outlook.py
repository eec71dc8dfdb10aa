"""What is said about time: nothing that is not known."""

from __future__ import annotations

import pytest

from bot.domain.lanes import Trouble, TroubleKind
from bot.domain.outlook import Latency, Outlook, latency_of, outlook, quantile

LATENCY = Latency(median=12, slow=22)


def test_quantiles_are_values_that_occurred() -> None:
    values = [float(number) for number in range(1, 11)]
    assert [quantile(values, share) for share in (0, 0.1, 0.5, 0.9, 1)] == [1, 1, 5, 9, 10]


def test_a_few_jobs_say_nothing() -> None:
    assert latency_of([1000] * 4) is None
    assert latency_of([5000, 1000, 2000, 3000, 4000]) == Latency(3, 5)


def test_nothing_known_is_nothing_said() -> None:
    assert outlook(None, ahead=5, places=2) == Outlook()


@pytest.mark.parametrize(
    ("ahead", "places", "expected"),
    [
        (0, 64, (15, 25)),  # it begins at once
        (63, 64, (15, 45)),
        (64, 64, (25, 45)),  # a round of the others first
        (10, 1, (150, 270)),
        (1000, 10, (1260, 2280)),
    ],
)
def test_it_begins_when_the_others_have_ended(ahead: int, places: int, expected: tuple[int, int]) -> None:
    found = outlook(LATENCY, ahead=ahead, places=places)
    assert (found.soonest, found.latest) == expected


def test_a_slow_key_makes_it_later() -> None:
    found = outlook(LATENCY, ahead=100, places=64, per_minute=10)
    assert found.soonest is not None
    assert found.soonest >= 600


def test_a_pause_is_counted() -> None:
    trouble = Trouble(TroubleKind.SLOWED, since=0, until=30_000)
    found = outlook(LATENCY, ahead=0, places=1, trouble=trouble, now=10_000)
    assert (found.soonest, found.trouble) == (35, trouble)

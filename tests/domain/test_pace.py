"""The pace: learnt from refusals, and forgotten again."""

from __future__ import annotations

import itertools

from bot.domain.pace import LOWEST, SHORT_PAUSE, Pace
from bot.domain.queue import MINUTE

NOW = 1_790_000_000_000


def test_nothing_is_limited_before_a_refusal() -> None:
    assert Pace().next_call(NOW, range(NOW - 50_000, NOW)) == NOW


def test_a_refusal_sets_the_limit_below_the_rate_that_was_refused() -> None:
    pace = Pace().refused(NOW, lately=40, retry_after=3)
    assert (pace.per_minute, pace.paused_until) == (28, NOW + 3_000)
    assert pace.next_call(NOW, ()) == NOW + 3_000


def test_what_the_provider_names_counts_where_it_is_lower() -> None:
    assert Pace().refused(NOW, lately=40, limit=10).per_minute == 10
    assert Pace().refused(NOW, lately=8, limit=1000).per_minute == 8


def test_it_is_never_below_what_every_key_takes() -> None:
    pace = Pace()
    for number in range(10):
        pace = pace.refused(NOW + number * MINUTE, lately=1)
    assert pace.per_minute == LOWEST


def test_refusals_close_together_are_one_piece_of_news() -> None:
    first = Pace().refused(NOW, lately=50)
    again = first.refused(NOW + 500, lately=50, retry_after=10)
    assert again.per_minute == first.per_minute == 35
    assert again.paused_until == NOW + 10_500
    assert first.refused(NOW + MINUTE, lately=35).per_minute == 24


def test_a_pause_is_never_longer_than_a_minute() -> None:
    assert Pace().refused(NOW, lately=10, retry_after=3600).paused_until == NOW + MINUTE


def test_the_limit_rises_with_every_quiet_minute_and_is_forgotten() -> None:
    pace = Pace().refused(NOW, lately=40)
    limits = [pace.at(NOW + minute * MINUTE).per_minute for minute in range(15)]
    assert limits[:4] == [28, 32, 36, 40]
    assert limits[-1] is None
    known = list(itertools.takewhile(lambda limit: limit is not None, limits))
    assert known == sorted(known, key=lambda limit: limit or 0)
    # Step by step comes to the same as all at once.
    stepwise = pace
    for minute in range(6):
        stepwise = stepwise.at(NOW + minute * MINUTE + 30_000)
    assert stepwise.per_minute == pace.at(NOW + 5 * MINUTE + 30_000).per_minute


def test_no_more_calls_begin_in_any_minute_than_the_limit_allows() -> None:
    pace, now = Pace().refused(NOW, lately=20, retry_after=0), NOW
    starts: list[int] = []
    for _ in range(100):
        now = max(now, Pace(per_minute=14, changed_at=now).next_call(now, starts))
        starts.append(now)
    assert pace.per_minute == 14
    for start in starts:
        assert sum(start <= other < start + MINUTE for other in starts) <= 14


def test_a_pause_is_short_where_it_was_no_burst_of_ours() -> None:
    pace = Pace().refused(NOW, lately=1, retry_after=53, burst=False)
    assert pace.paused_until == NOW + SHORT_PAUSE


def test_it_is_the_same_after_a_restart() -> None:
    pace = Pace().refused(NOW, lately=40, retry_after=3)
    assert Pace.from_json(pace.to_json()) == pace
    # What another version wrote beside it is left out.
    assert Pace.from_json({**pace.to_json(), "per_day": 5, "day_until": 6}) == pace

"""Against hammering."""

from __future__ import annotations

from bot.domain.throttle import WINDOW, Throttle


def test_so_many_are_taken_and_the_next_waits() -> None:
    throttle = Throttle(3, cooldown=30)
    assert [throttle.came(1, 10 + number) for number in range(5)] == [0, 0, 0, 30, 29]
    assert throttle.came(2, 14) == 0


def test_asking_during_the_cooldown_does_not_make_it_longer() -> None:
    throttle = Throttle(1, cooldown=30)
    throttle.came(1, 0)
    assert [throttle.came(1, at) for at in (1, 11, 30, 31)] == [30, 20, 1, 0]


def test_old_ones_do_not_count() -> None:
    throttle = Throttle(2, cooldown=30)
    assert [throttle.came(1, at) for at in (0, 1, WINDOW, WINDOW + 1)] == [0, 0, 0, 0]


def test_who_does_not_come_again_is_forgotten() -> None:
    throttle = Throttle(1, cooldown=100)
    throttle.came(1, 0)
    throttle.came(2, 50)
    throttle.came(2, 51)
    throttle.forget(WINDOW)
    assert len(throttle) == 1
    throttle.forget(200)
    assert len(throttle) == 0

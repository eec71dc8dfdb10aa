"""The breaker: when a row of failures is more than bad luck, and how it is found out that it is over."""

from __future__ import annotations

from bot.domain.breaker import POLICY, Breaker, BreakerState

NOW = 1_790_000_000_000


def after(*failures: tuple[str, int]) -> Breaker:
    """A breaker after failures of jobs at seconds."""
    breaker = Breaker()
    for job, seconds in failures:
        breaker = breaker.failed(job, NOW + seconds * 1000)
    return breaker


def opened() -> Breaker:
    return after(*((f"job{number % 3}", number * 3) for number in range(6)))


def test_failures_in_a_row_of_several_jobs_over_a_while_open_it() -> None:
    breaker = opened()
    at = NOW + 15_000
    assert breaker.open_until == at + POLICY.first_pause
    assert breaker.state(at) is BreakerState.OPEN
    assert not breaker.may_call(at)
    assert breaker.since == NOW


def test_one_job_alone_opens_nothing() -> None:
    breaker = after(*(("job", number * 3) for number in range(20)))
    assert breaker.state(NOW) is BreakerState.CLOSED


def test_a_moment_in_which_many_fail_together_opens_nothing() -> None:
    breaker = after(*((f"job{number}", 0) for number in range(50)))
    assert breaker.may_call(NOW)


def test_an_answer_begins_the_row_anew() -> None:
    breaker = after(*((f"job{number}", number * 3) for number in range(5))).answered()
    assert breaker.failed("job9", NOW + 18_000).may_call(NOW + 18_000)


def test_one_probe_at_a_time_finds_out() -> None:
    breaker = opened()
    due = breaker.open_until or 0
    assert breaker.state(due) is BreakerState.HALF_OPEN
    assert breaker.may_call(due)
    probing = breaker.began("job7")
    assert not probing.may_call(due)
    assert probing.abandoned("job8") == probing
    assert probing.abandoned("job7").may_call(due)
    assert probing.answered() == Breaker()


def test_a_probe_that_fails_makes_the_pause_longer_up_to_a_bound() -> None:
    breaker, pauses = opened(), []
    for _ in range(6):
        now = breaker.open_until or 0
        breaker = breaker.began("job").failed("job", now)
        pauses.append((breaker.open_until or 0) - now)
    assert pauses == [20_000, 40_000, 80_000, 120_000, 120_000, 120_000]


def test_a_call_from_before_says_nothing_new_while_it_is_open() -> None:
    breaker = opened()
    later = breaker.failed("job1", NOW + 16_000)
    assert (later.open_until, later.pause) == (breaker.open_until, breaker.pause)


def test_it_survives_a_restart_but_its_probe_does_not() -> None:
    breaker = opened().began("job7")
    assert Breaker.from_json(breaker.to_json()) == breaker.abandoned("job7")

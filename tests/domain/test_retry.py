"""Whether and when a call is made again."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.retry import RetryPolicy
from bot.errors import BadAnswer, Blocked, Busy, CallLost, KeyRefused, NoImage, ProviderError, RequestRefused

POLICY = RetryPolicy()
JITTER = st.floats(0, 1, exclude_max=True)


def waited(
    error: ProviderError,
    *,
    tries: int = 1,
    elapsed: float = 0.0,
    jitter: float = 0.5,
    policy: RetryPolicy = POLICY,
) -> float | None:
    return policy.wait_before_next(error, tries=tries, elapsed=elapsed, jitter=jitter)


@pytest.mark.parametrize("kind", [Blocked, RequestRefused, KeyRefused, BadAnswer, ProviderError])
def test_what_will_not_change_is_never_tried_again(kind: type[ProviderError]) -> None:
    assert waited(kind("no")) is None
    assert waited(kind("no", retry_after=1)) is None


def test_an_answer_without_an_image_is_asked_for_once_more_at_once() -> None:
    assert waited(NoImage("none"), tries=1) == 0
    assert waited(NoImage("none"), tries=2) is None
    assert (
        waited(NoImage("none"), tries=1, elapsed=250) == 0
    )  # it came, so waiting for it did not tire anybody


def test_a_call_that_was_lost_is_made_once_more_and_not_again() -> None:
    assert waited(CallLost("ended"), tries=1, jitter=0.0) == 0.5
    assert waited(CallLost("ended"), tries=2) is None
    assert waited(CallLost("ended"), tries=1, elapsed=30) is None


@given(tries=st.integers(1, 30), jitter=JITTER)
def test_waits_double_up_to_the_longest_with_half_of_them_left_to_chance(tries: int, jitter: float) -> None:
    wait = waited(Busy("503"), tries=tries, jitter=jitter)
    full = min(15.0, 2.0 ** (tries - 1))
    assert wait is not None
    assert full / 2 <= wait <= full


def test_chance_spreads_those_who_wait() -> None:
    waits = {waited(Busy("503"), tries=3, jitter=part / 10) for part in range(10)}
    assert len(waits) == 10


@given(after=st.floats(0, 29), tries=st.integers(1, 6), jitter=JITTER)
def test_what_the_provider_asks_for_is_the_least_that_is_waited(
    after: float, tries: int, jitter: float
) -> None:
    wait = waited(Busy("429", retry_after=after), tries=tries, jitter=jitter)
    if wait is None:
        assert after + min(15.0, 2.0 ** (tries - 1)) > POLICY.budget
    else:
        assert after <= wait <= max(after + 1.5, 15)


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    assert waited(Busy("429", retry_after=53)) is None
    assert waited(Busy("429", retry_after=25), elapsed=6) is None
    assert waited(Busy("429", retry_after=25), elapsed=2) is not None
    assert waited(Busy("503"), elapsed=30) is None


@pytest.mark.parametrize("after", [math.inf, math.nan])
def test_a_delay_that_is_no_number_of_seconds_ends_it(after: float) -> None:
    assert waited(Busy("429", retry_after=after)) is None


@pytest.mark.parametrize("after", [-5.0, 0.0])
def test_no_delay_is_no_reason_to_hurry(after: float) -> None:
    """A server that says "at once" while it is overloaded would be asked twenty times otherwise."""
    assert waited(Busy("429", retry_after=after)) == waited(Busy("503"))


def test_no_budget_means_no_second_try() -> None:
    assert waited(Busy("503"), policy=RetryPolicy(budget=0), elapsed=0.2) is None


@given(
    answers=st.lists(
        st.tuples(st.floats(0, 10), st.none() | st.floats(0, 60), JITTER), min_size=200, max_size=200
    )
)
def test_the_final_words_come_within_40_seconds(answers: list[tuple[float, float | None, float]]) -> None:
    """The provider stays overloaded; each call takes up to ten seconds to say so."""
    elapsed = 0.0
    for tries, (seconds, after, jitter) in enumerate(answers, start=1):
        elapsed += seconds
        wait = waited(Busy("503", retry_after=after), tries=tries, elapsed=elapsed, jitter=jitter)
        if wait is None:
            break
        elapsed += wait
    else:
        pytest.fail("it never gave up")
    assert elapsed <= 40


@given(jitters=st.lists(JITTER, min_size=60, max_size=60))
def test_a_provider_that_refuses_at_once_is_asked_a_handful_of_times(jitters: list[float]) -> None:
    elapsed, tries = 0.0, 0
    for tries, jitter in enumerate(jitters, start=1):
        wait = waited(Busy("503", retry_after=0), tries=tries, elapsed=elapsed, jitter=jitter)
        if wait is None:
            break
        elapsed += wait
    assert 4 <= tries <= 8

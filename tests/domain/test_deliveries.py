"""Which ways an answer may take."""

from __future__ import annotations

import pytest

from bot.domain.deliveries import TOKEN_LIFE_MS, Way, ways
from bot.domain.requests import Origin

NOW = 10_000_000


def origin(*, token: str | None = "aW50ZXJhY3Rpb2", age: int = 0, direct: bool = False) -> Origin:
    return Origin("interaction:1", 10, 20, None if direct else 30, 40, token, NOW - age, 10_485_760, direct)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize(
    ("token", "age", "alive"),
    [
        ("aW50", 0, True),
        ("aW50", TOKEN_LIFE_MS - 1, True),
        ("aW50", TOKEN_LIFE_MS, False),
        ("aW50", 15 * 60 * 1000, False),
        (None, 0, False),
    ],
)
def test_the_ways_in_their_order(
    private: bool, direct: bool, token: str | None, age: int, alive: bool
) -> None:
    expected = [Way.TOKEN] if alive else []
    if direct or not private:
        expected.append(Way.CHANNEL)
    expected.append(Way.DIRECT)
    assert ways(origin(token=token, age=age, direct=direct), private=private, now=NOW) == tuple(expected)


def test_a_private_answer_never_goes_where_others_read() -> None:
    for age in (0, TOKEN_LIFE_MS, 10 * TOKEN_LIFE_MS):
        assert Way.CHANNEL not in ways(origin(age=age), private=True, now=NOW)


def test_there_is_a_minute_left_for_the_upload() -> None:
    """Discord ends a token after 15 minutes, by its own clock."""
    assert 15 * 60 * 1000 - TOKEN_LIFE_MS >= 60_000


def test_the_token_is_in_no_repr() -> None:
    assert "aW50" not in repr(origin())

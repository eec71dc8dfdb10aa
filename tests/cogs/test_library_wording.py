"""Every refusal about settings, styles and characters has a sentence of its own that fits into a message."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.server_settings import ServerSettings
from bot.errors import ChangedMeanwhile, InvalidRequest, NotAllowed, Problem, Refusal
from cogs.prices import price
from cogs.wording import CANNOT_BE_DONE, refusal

LONG = "`*@everyone*`" * 500
VALUES: dict[Problem, dict[str, Any]] = {
    Problem.SETTING_NOT_TAKEN: {"setting": "unit", "value": LONG, "allowed": ["a", "b"]},
    Problem.TEXT_TOO_LONG: {"what": "slot", "length": 101, "limit": 100},
    Problem.NAME_NOT_TAKEN: {"what": "style", "name": LONG, "limit": 40},
    Problem.NAME_IN_USE: {"what": "character", "name": LONG},
    Problem.TOO_MANY_KEPT: {"what": "styles", "limit": 100},
    Problem.STYLE_UNKNOWN: {"style": LONG, "near": []},
    Problem.STYLE_EMPTY: {},
    Problem.SLOT_BROKEN: {"near": LONG},
    Problem.SLOT_EMPTY: {"slot": "surface"},
    Problem.SLOT_UNKNOWN: {"slot": LONG, "style": LONG, "allowed": ["light"]},
    Problem.TOO_MANY_SLOTS: {"count": 9, "limit": 8},
    Problem.CHARACTER_UNKNOWN: {"names": [LONG] * 3},
    Problem.CHARACTER_PICTURES: {"count": 5, "limit": 4},
    Problem.CONSENT_MISSING: {},
}


@pytest.mark.parametrize(
    "error",
    [
        *(InvalidRequest(problem, **values) for problem, values in VALUES.items()),
        *(NotAllowed(action) for action in ("manage", "server_only", "age_restricted")),
        *(ChangedMeanwhile(what) for what in ("settings", "style")),
    ],
    ids=str,
)
def test_a_refusal_says_what_is_wrong(error: Refusal) -> None:
    said = refusal(error)
    assert said not in (CANNOT_BE_DONE, "You may not do this here.")
    assert len(said) <= 2_000
    assert said.endswith((".", "?"))


@pytest.mark.parametrize(
    ("unit", "micros", "count", "shown"),
    [
        ("dollars", 33_600, 1, "$0.034"),
        ("images", 33_600, 1, "1 image"),
        ("images", 67_200, 2, "2 images"),
        ("credits", 33_600, 1, "3.4 credits"),
        ("credits", 33_001, 1, "3.4 credits"),
        ("credits", 30_000, 1, "3 credits"),
        ("credits", 10_000, 1, "1 credit"),
        ("credits", 0, 1, "0 credits"),
        ("credits", 12_345_600_000, 1, "1,234,560 credits"),
    ],
)
def test_prices_are_in_the_servers_unit(unit: str, micros: int, count: int, shown: str) -> None:
    assert price(ServerSettings().change(unit=unit), micros, count) == shown

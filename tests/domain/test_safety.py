"""What is asked of a provider, within what the operator allows."""

from __future__ import annotations

import pytest

from bot.domain.attempts import MINUTE, WINDOW, pause_until
from bot.domain.safety import Harm, People, SafetyBounds, Threshold
from bot.domain.server_settings import ServerSettings

NOW = 1_000_000_000


def test_nothing_is_said_where_nobody_set_anything() -> None:
    bounds = SafetyBounds()
    assert bounds.safety(ServerSettings().threshold) == ()
    assert bounds.people_for(None) is None


def test_a_server_chooses_within_the_bounds() -> None:
    bounds = SafetyBounds(
        loosest={**dict.fromkeys(Harm, Threshold.HIGH), Harm.HARASSMENT: Threshold.OFF},
        default=Threshold.MEDIUM,
    )
    settings = ServerSettings().change(harassment="off", hate_speech="none", dangerous_content="low")
    assert dict(bounds.safety(settings.threshold)) == {
        "harassment": "off",
        "hate_speech": "high",  # chosen before the operator allowed less
        "sexually_explicit": "medium",
        "dangerous_content": "low",
    }
    assert bounds.thresholds(Harm.HATE_SPEECH) == (Threshold.LOW, Threshold.MEDIUM, Threshold.HIGH)
    assert bounds.thresholds(Harm.HARASSMENT) == tuple(Threshold)


@pytest.mark.parametrize(
    ("operator", "chosen", "expected"),
    [
        (None, None, None),
        (None, People.ADULTS, "adults"),
        (People.ADULTS, None, "adults"),
        (People.ADULTS, People.ALL, "adults"),
        (People.ADULTS, People.NONE, "none"),
        (People.NONE, People.ALL, "none"),
    ],
)
def test_about_people_a_server_chooses_never_more(
    operator: People | None, chosen: People | None, expected: str | None
) -> None:
    assert SafetyBounds(people=operator, takes_people=True).people_for(chosen) == expected
    assert SafetyBounds(people=operator).people_for(chosen) is None


@pytest.mark.parametrize(
    ("latest", "allowed", "minutes", "until"),
    [
        ([], 3, 30, None),
        ([NOW, NOW - 1], 3, 30, None),
        ([NOW, NOW - 1, NOW - 2], 3, 30, NOW + 30 * MINUTE),
        ([NOW, NOW - 1, NOW - WINDOW], 3, 30, NOW + 30 * MINUTE),
        ([NOW, NOW - 1, NOW - WINDOW - 1], 3, 30, None),
        ([NOW - 30 * MINUTE, NOW - 31 * MINUTE], 2, 30, None),
        ([NOW - 30 * MINUTE + 1, NOW - 31 * MINUTE], 2, 30, NOW + 1),
        ([NOW] * 50, 0, 30, None),
    ],
)
def test_a_pause_begins_with_the_last_of_many_attempts(
    latest: list[int], allowed: int, minutes: int, until: int | None
) -> None:
    assert pause_until(latest, allowed, minutes, NOW) == until

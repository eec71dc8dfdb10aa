"""Strikes, bans and a server's rules."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.consequences import (
    DAY_MS,
    DEFAULT_RULES,
    HOUR_MS,
    Ban,
    Consequence,
    Restriction,
    Strike,
    StrikeRule,
    ban_due,
    read_duration,
    read_rules,
    restriction,
)
from bot.domain.roles import Act, Role, may, may_punish, role_of

NOW = 1_000 * DAY_MS


def strikes(*days_ago: int) -> list[Strike]:
    return [
        Strike(f"s{n}", 7, 1, NOW - days * DAY_MS, 2, "", NOW - days * DAY_MS + 90 * DAY_MS)
        for n, days in enumerate(days_ago)
    ]


def test_rules_are_read_as_they_are_written() -> None:
    text = ", ".join(map(str, DEFAULT_RULES))
    assert text == "2:cap:5, 3:cooldown:24h, 5:ban:30d"
    assert read_rules(text) == DEFAULT_RULES
    assert read_rules("1=BAN") == (StrikeRule(1, Consequence.BAN, 0),)
    assert read_rules("none") == () == read_rules(" ")


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "cap:5",
        "2:cap",
        "2:cooldown:",
        "0:cap:1",
        "99:cap:1",
        "2:jail:5",
        "1:ban:9999d",
        "2:cap:5;3:ban:1",
    ],
)
def test_rules_that_are_none(text: str) -> None:
    assert read_rules(text) is None


def test_what_strikes_lead_to() -> None:
    assert restriction(strikes(1), DEFAULT_RULES, NOW) == Restriction(1)
    in_88 = NOW + 88 * DAY_MS  # when the second of two expires, which makes it one
    assert restriction(strikes(1, 2), DEFAULT_RULES, NOW) == Restriction(2, cap=5, cap_until=in_88)
    third = restriction(strikes(0, 1, 2), DEFAULT_RULES, NOW)
    ends = {"cap_until": NOW + 89 * DAY_MS, "cooldown_until": NOW + 24 * HOUR_MS}
    assert third == Restriction(3, cap=5, **ends)
    assert restriction(strikes(2, 3, 4), DEFAULT_RULES, NOW) == Restriction(3, 5, NOW + 87 * DAY_MS)
    assert restriction(strikes(100, 101, 102), DEFAULT_RULES, NOW) == Restriction()
    assert restriction([], DEFAULT_RULES, NOW) == Restriction()


def test_the_smallest_cap_holds_until_too_few_strikes_count() -> None:
    rules = (StrikeRule(1, Consequence.CAP, 8), StrikeRule(3, Consequence.CAP, 2))
    counting = strikes(5, 20, 10)
    assert restriction(counting, rules, NOW) == Restriction(3, 2, NOW + 70 * DAY_MS)
    later = NOW + 70 * DAY_MS
    assert restriction(counting, rules, later) == Restriction(2, 8, NOW + 85 * DAY_MS)
    assert restriction(counting, rules, NOW + 85 * DAY_MS) == Restriction()


def test_the_longest_ban_is_due() -> None:
    rules = (StrikeRule(2, Consequence.BAN, 7), StrikeRule(3, Consequence.BAN, 0))
    assert ban_due(1, rules) is None
    assert ban_due(2, rules) == rules[0]
    assert ban_due(4, rules) == rules[1]


def test_a_ban_holds_until_its_end() -> None:
    ban = Ban("b", 7, 1, NOW, 2, "", NOW + 5)
    assert (ban.holds(NOW + 4), ban.holds(NOW + 5)) == (True, False)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("12h", 12 * HOUR_MS),
        ("7d", 7 * DAY_MS),
        ("7", 7 * DAY_MS),
        (" 2 Weeks ", 14 * DAY_MS),
        ("1 hour", HOUR_MS),
        ("permanent", None),
        ("", None),
        ("soon", False),
        ("-1d", False),
        ("0d", False),
        ("9999w", False),
        ("1.5d", False),
    ],
)
def test_how_long_a_ban_lasts(text: str, length: object) -> None:
    assert read_duration(text) == length
    assert (read_duration(text) is None) is (length is None)


# --- roles ------------------------------------------------------------------------------------------------


def role(**changes: object) -> Role:
    values: dict[str, Any] = {
        "moderates": False,
        "manages": False,
        "operates": False,
        "roles": (),
        "named": (),
    }
    return role_of(**{**values, **changes})


def test_the_highest_role_counts() -> None:
    assert role() is Role.MEMBER
    assert role(moderates=True) is Role.MODERATOR
    assert role(roles={5, 6}, named=(6,)) is Role.MODERATOR
    assert role(roles={5}, named=(6,)) is Role.MEMBER
    assert role(moderates=True, manages=True) is Role.MANAGER
    assert role(operates=True) is Role.OPERATOR


def test_every_act_has_a_role_and_operators_may_do_all() -> None:
    for act in Act:
        assert may(Role.OPERATOR, act)
        held = [may(role, act) for role in Role]
        assert held == sorted(held)


def test_nobody_punishes_who_stands_beside_or_above_them() -> None:
    assert may_punish(Role.MODERATOR, Role.MEMBER)
    assert not may_punish(Role.MODERATOR, Role.MODERATOR)
    assert may_punish(Role.MANAGER, Role.MODERATOR)
    assert not may_punish(Role.MANAGER, Role.OPERATOR)

"""Conversations as values: the head, the limits, who takes part, and where turns are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations import (
    Conversation,
    Ending,
    Limits,
    Participants,
    Turn,
    TurnState,
    thread_name,
)
from bot.domain.trees import arrange, columns_for
from bot.errors import ConversationRefused, Hindrance


def conversation(**changes: Any) -> Conversation:
    made = Conversation(
        "c", 1, 2, 3, owner_id=10, participants=Participants.EVERYBODY, model="m", created_at=0, updated_at=0
    )
    return made.evolve(**changes)


def turn(**changes: Any) -> Turn:
    return Turn("t", "c", 1, "t", 10, TurnState.DONE, 0).evolve(**changes)


@pytest.mark.parametrize(
    ("who", "owner", "invited", "other"),
    [
        (Participants.OWNER, True, False, False),
        (Participants.INVITED, True, True, False),
        (Participants.EVERYBODY, True, True, True),
    ],
)
def test_who_takes_part(who: Participants, owner: bool, invited: bool, other: bool) -> None:
    found = conversation(participants=who, invited=frozenset({11}))
    assert [found.may_take_part(member) for member in (10, 11, 12)] == [owner, invited, other]


def test_a_turn_that_was_made_is_the_head_unless_somebody_moved_it_meanwhile() -> None:
    before = conversation(head="s", moves=4)
    assert before.advanced(turn(moves=4), 9).head == "t"
    moved = before.with_head("r", 5)
    assert moved.advanced(turn(moves=4), 9).head == "r"


@pytest.mark.parametrize(
    ("changes", "spent", "now", "ending"),
    [
        ({"turns": 3}, 0, 0, Ending.TURNS),
        ({}, 0, 2 * 86_400_000, Ending.AGE),
        ({}, 50, 0, Ending.SPEND),
        ({"turns": 2}, 49, 2 * 86_400_000 - 1, None),
    ],
)
def test_limits(changes: dict[str, Any], spent: int, now: int, ending: Ending | None) -> None:
    limits = Limits(turns=3, days=2, micros=50)
    found = conversation(**changes)
    assert found.limit_reached(limits, spent=spent, now=now) is ending
    assert found.limit_reached(Limits(0, 0, 0), spent=spent, now=now) is None
    if ending is not None:
        with pytest.raises(ConversationRefused) as refused:
            found.check_turn(limits, spent=spent, now=now)
        assert (refused.value.hindrance, refused.value.values["ending"]) == (Hindrance.LIMIT, ending)


def test_one_that_ended_takes_no_turn() -> None:
    with pytest.raises(ConversationRefused) as refused:
        conversation().ended(Ending.ASKED, 5).check_turn(Limits(), spent=0, now=6)
    assert refused.value.hindrance is Hindrance.ENDED


@given(st.text(max_size=300))
def test_a_threads_name_is_one_that_discord_takes(prompt: str) -> None:
    name = thread_name(prompt)
    assert 1 <= len(name) <= 100
    assert "\n" not in name


@given(st.lists(st.integers(0, 10**6), max_size=90), st.integers(1, 10))
def test_every_turn_has_a_place_of_its_own(draws: list[int], columns: int) -> None:
    parents = [None if not at else draw % (at + 1) or None for at, draw in enumerate(draws)]
    parents = [None if parent is None else parent - 1 for parent in parents]
    places = arrange(parents, columns)
    assert len({(place.row, place.column) for place in places}) == len(parents)
    for at, parent in enumerate(parents):
        assert 0 <= places[at].column < columns
        if parent is not None and places[at].row == places[parent].row:
            assert places[at].column == places[parent].column + 1


def test_sixty_turns_are_about_as_wide_as_high() -> None:
    assert columns_for(60) == 9
    assert max(place.row for place in arrange([None, *range(59)], 9)) == 6

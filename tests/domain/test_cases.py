"""Cases: what may be done with them as they stand, and when reports hide a picture."""

from __future__ import annotations

import pytest

from bot.domain.cases import REMOVING, Action, Case, CaseState, Reason
from bot.errors import ChangedMeanwhile

NEW = Case("case", 700, 1, "image", 101, Reason.SPAM, opened_at=1, updated_at=1)


def after(case: Case, action: Action) -> Case:
    return case.after(action, by=9, now=5, seen=case.turn)


def reported(case: Case, *reasons: Reason) -> Case:
    for reason in reasons:
        case = case.joined(reason, now=2)
    return case


@pytest.mark.parametrize("action", list(Action))
def test_what_can_be_done_with_an_open_case(action: Action) -> None:
    if action is Action.RESTORE:
        assert not NEW.allows(action)
        return
    changed = after(NEW, action)
    expected = {Action.CLAIM: CaseState.OPEN, Action.DISMISS: CaseState.DISMISSED}
    assert changed.state is expected.get(action, CaseState.REMOVED)
    assert changed.turn == 1
    assert (changed.claimed_by if action is Action.CLAIM else changed.decided_by) == 9


@pytest.mark.parametrize("action", REMOVING)
def test_what_was_removed_can_be_restored_and_what_was_dismissed_removed(action: Action) -> None:
    removed = after(NEW, action)
    assert removed.allows(Action.RESTORE)
    assert not removed.allows(Action.REMOVE)
    restored = after(removed, Action.RESTORE)
    assert restored.state is CaseState.DISMISSED
    assert after(after(NEW, Action.DISMISS), action).state is CaseState.REMOVED


@pytest.mark.parametrize("action", list(Action))
def test_who_has_not_seen_the_last_decision_is_told(action: Action) -> None:
    claimed = after(NEW, Action.CLAIM)
    with pytest.raises(ChangedMeanwhile):
        claimed.after(action, by=9, now=5, seen=0)


def test_the_same_punishment_is_given_once() -> None:
    assert not after(NEW, Action.STRIKE).allows(Action.STRIKE)
    assert after(NEW, Action.STRIKE).allows(Action.BAN)
    assert not after(NEW, Action.BLOCK).allows(Action.BLOCK)


def test_the_gravest_reason_counts() -> None:
    case = reported(NEW, Reason.SPAM, Reason.HATE, Reason.SPAM)
    assert (case.reason, case.reports) == (Reason.HATE, 3)


@pytest.mark.parametrize(
    ("reasons", "threshold", "hides"),
    [
        ((Reason.SPAM,), 1, True),
        ((Reason.SPAM,), 2, False),
        ((Reason.SPAM, Reason.HATE), 2, True),
        ((Reason.MINORS,), 9, True),
        ((Reason.SELF_HARM,), 9, True),
        ((Reason.SEXUAL, Reason.ILLEGAL), 9, False),
    ],
)
def test_when_reports_hide_a_picture(reasons: tuple[Reason, ...], threshold: int, hides: bool) -> None:
    assert reported(NEW, *reasons).hides(threshold) is hides


def test_after_a_decision_reports_alone_hide_nothing_but_ask_for_another_look() -> None:
    dismissed = after(reported(NEW, Reason.SPAM), Action.DISMISS)
    one_more = reported(dismissed, Reason.SPAM)
    assert not one_more.reopens(dismissed.reason, 2)
    two_more = reported(one_more, Reason.SPAM)
    assert two_more.reopens(one_more.reason, 2)
    graver = reported(dismissed, Reason.MINORS)
    assert graver.reopens(dismissed.reason, 9)
    again = graver.reopened(7)
    assert (again.state, again.turn) == (CaseState.OPEN, dismissed.turn + 1)
    assert not again.hidden_by_reports
    removed = after(NEW, Action.REMOVE)
    assert not reported(removed, Reason.MINORS).reopens(removed.reason, 1)

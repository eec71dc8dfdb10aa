"""The states of a job."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.jobs import FINAL, TRANSITIONS, Job, JobState
from bot.domain.requests import Kind, Options, Origin, Request

REQUEST = Request(Kind.GENERATE, "a red lighthouse", Options("gemini-nano-banana-2.1"))
ORIGIN = Origin("interaction:1", 10, 20, 30, 40, "token", 1_000, 10_485_760)

ALLOWED = {
    (JobState.CREATED, JobState.RUNNING),
    (JobState.CREATED, JobState.FAILED),
    (JobState.RUNNING, JobState.CREATED),
    (JobState.RUNNING, JobState.STORING),
    (JobState.RUNNING, JobState.FAILED),
    (JobState.STORING, JobState.SUCCEEDED),
    (JobState.STORING, JobState.FAILED),
}


def job(state: JobState) -> Job:
    return Job(
        "k7f3q9z",
        state,
        REQUEST,
        ORIGIN,
        created_at=1_000,
        updated_at=2_000,
        lease_owner="w1",
        lease_until=9_000,
    )


@pytest.mark.parametrize(("before", "after"), list(itertools.product(JobState, JobState)))
def test_every_way_between_two_states(before: JobState, after: JobState) -> None:
    if (before, after) in ALLOWED:
        changed = job(before).to(after, 3_000)
        assert changed.state is after
        assert changed.updated_at == 3_000
        assert changed.created_at == 1_000
    else:
        with pytest.raises(ValueError, match=f"cannot go from {before} to {after}"):
            job(before).to(after, 3_000)


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_only_who_works_on_it_has_a_lease(before: JobState, after: JobState) -> None:
    changed = job(before).to(after, 3_000)
    kept = after in (JobState.RUNNING, JobState.STORING)
    assert (changed.lease_owner, changed.lease_until) == (("w1", 9_000) if kept else (None, None))


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_the_end_is_dated(before: JobState, after: JobState) -> None:
    assert job(before).to(after, 3_000).finished_at == (3_000 if after in FINAL else None)


def test_a_change_may_bring_values_along() -> None:
    claimed = job(JobState.CREATED).to(
        JobState.RUNNING, 3_000, attempts=1, lease_owner="w2", lease_until=4_000
    )
    assert (claimed.attempts, claimed.lease_owner, claimed.lease_until) == (1, "w2", 4_000)
    done = job(JobState.STORING).to(JobState.SUCCEEDED, 5_000, cost_micros=33_600)
    assert (done.cost_micros, done.is_final) == (33_600, True)


def test_every_state_is_either_final_or_not_and_can_be_reached() -> None:
    assert set(TRANSITIONS) == set(JobState) > FINAL
    assert {state for state in JobState if not TRANSITIONS[state]} == FINAL
    assert {after for targets in TRANSITIONS.values() for after in targets} == set(JobState)


def test_a_token_is_not_in_what_is_logged() -> None:
    assert "token='" not in repr(job(JobState.CREATED))
    assert "'token'" not in repr(job(JobState.CREATED))

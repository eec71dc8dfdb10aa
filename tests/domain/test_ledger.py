"""Whatever happens to jobs: nothing stays reserved, nothing is settled that was not made."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ledger import Entry, EntryKind, release, reserve, settle


@dataclass(frozen=True)
class Ending:
    """How one job goes: what it reserves, and how many of its images are made (none: released)."""

    images: int
    micros: int
    made: int
    cost: int
    before_next: bool  # whether it ends before the next job begins


ENDINGS = st.integers(1, 4).flatmap(
    lambda images: st.builds(
        Ending,
        images=st.just(images),
        micros=st.integers(0, 10**9),
        made=st.integers(0, images),
        cost=st.integers(0, 10**9),
        before_next=st.booleans(),
    )
)


def close(reservation: Entry, ending: Ending, now: int) -> Entry:
    if ending.made:
        return settle(reservation, images=ending.made, micros=ending.cost, now=now)
    return release(reservation, now=now)


@given(st.lists(ENDINGS, max_size=20))
def test_when_all_jobs_have_ended_nothing_is_reserved_and_what_was_made_is_settled(
    jobs: list[Ending],
) -> None:
    entries: list[Entry] = []
    later: list[tuple[Entry, Ending]] = []
    for number, ending in enumerate(jobs):
        reservation = reserve(f"job{number}", 7, 1, images=ending.images, micros=ending.micros, now=number)
        entries.append(reservation)
        if ending.before_next:
            entries.append(close(reservation, ending, now=number + 1))
        else:
            later.append((reservation, ending))
        assert sum(entry.reserved_images for entry in entries) == sum(item.images for _, item in later)
        assert sum(entry.reserved_micros for entry in entries) == sum(item.micros for _, item in later)
    entries += [close(reservation, ending, now=1_000) for reservation, ending in later]

    assert sum(entry.reserved_images for entry in entries) == 0
    assert sum(entry.reserved_micros for entry in entries) == 0
    assert sum(entry.settled_images for entry in entries) == sum(item.made for item in jobs)
    assert sum(entry.settled_micros for entry in entries) == sum(item.cost for item in jobs if item.made)


@given(ENDINGS, st.integers(0, 2**45), st.integers(0, 2**45))
def test_a_job_counts_to_the_period_in_which_it_was_reserved(ending: Ending, now: int, later: int) -> None:
    reservation = reserve("job", 7, None, images=ending.images, micros=ending.micros, now=now)
    closed = close(reservation, ending, now=now + later)
    assert (reservation.charged_at, reservation.at) == (now, now)
    assert (closed.charged_at, closed.at) == (now, now + later)
    assert (closed.job_id, closed.member_id, closed.guild_id) == ("job", 7, None)
    assert closed.kind is (EntryKind.SETTLE if ending.made else EntryKind.RELEASE)


RESERVATION = reserve("job", 7, 1, images=2, micros=500, now=10)


@pytest.mark.parametrize("images", [-1, 0, 3])
def test_only_what_was_reserved_and_made_can_be_settled(images: int) -> None:
    with pytest.raises(ValueError, match="of 2 reserved images"):
        settle(RESERVATION, images=images, micros=10, now=20)


def test_money_is_never_given_back() -> None:
    with pytest.raises(ValueError, match="-1 micro-dollars"):
        settle(RESERVATION, images=1, micros=-1, now=20)


def test_an_answer_may_cost_more_than_was_estimated() -> None:
    assert settle(RESERVATION, images=1, micros=900, now=20).settled_micros == 900


def test_what_makes_no_image_is_paid_all_the_same() -> None:
    description = reserve("job", 7, 1, images=0, micros=500, now=10)
    settled = settle(description, images=0, micros=320, now=20)
    assert (settled.reserved_micros, settled.settled_images, settled.settled_micros) == (-500, 0, 320)
    with pytest.raises(ValueError, match="of 0 reserved images"):
        settle(description, images=1, micros=320, now=20)


@pytest.mark.parametrize(("images", "micros"), [(-1, 5), (1, -5)])
def test_less_than_nothing_cannot_be_reserved(images: int, micros: int) -> None:
    with pytest.raises(ValueError, match="cannot reserve"):
        reserve("job", 7, 1, images=images, micros=micros, now=10)


@pytest.mark.parametrize(
    "closed", [settle(RESERVATION, images=1, micros=1, now=20), release(RESERVATION, now=20)]
)
def test_what_closes_a_reservation_cannot_be_closed_again(closed: Entry) -> None:
    with pytest.raises(ValueError, match=r"cannot (be closed|settle)"):
        release(closed, now=30)
    with pytest.raises(ValueError, match=r"cannot (be closed|settle)"):
        settle(closed, images=1, micros=1, now=30)

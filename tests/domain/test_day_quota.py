"""The day's quota: closed by a refusal, looked at again now and then, kept for the next day, forgotten."""

from __future__ import annotations

from bot.domain.day_quota import DOUBT_PAUSE, FIRST_PAUSE, LONGEST_PAUSE, DayQuota

NOW = 1_790_000_000_000
END = NOW + 10 * 3_600_000  # of the provider's day
NEXT = END + 24 * 3_600_000


def refused(limit: int | None = None) -> DayQuota:
    """A day that was closed: the refusal asks for hours."""
    return DayQuota().refused(NOW, today=40, until=END, limit=limit, retry_after=30_000.0)


def test_nothing_is_known_before_a_refusal() -> None:
    day = DayQuota()
    assert (day.is_doubtful(NOW), day.is_used_up(NOW), day.is_reached(NOW, 10**6)) == (False, False, False)
    assert day.next_call(NOW) == NOW


def test_a_refusal_closes_the_day_but_for_a_call_that_finds_out() -> None:
    day = refused()
    assert (day.limit, day.named, day.until) == (40, False, END)
    assert day.is_used_up(NOW) and not day.may_probe(NOW)
    assert day.next_call(NOW) == NOW + FIRST_PAUSE
    assert day.may_probe(NOW + FIRST_PAUSE)
    assert not day.is_used_up(END) and day.next_call(END) == END


def test_a_single_refusal_is_decided_by_the_next_call() -> None:
    day = DayQuota().refused(NOW, today=40, until=END, retry_after=53.0)
    assert day.is_doubtful(NOW) and not day.is_used_up(NOW)
    assert day.next_call(NOW) == NOW
    asked = day.probing(NOW)
    assert asked.next_call(NOW) == NOW + DOUBT_PAUSE
    assert asked.answered(NOW + 5, probe=True) == DayQuota()
    assert asked.refused(NOW + 5, today=40, until=END, probe=True).is_used_up(NOW + 5)
    # So do others that were under way.
    assert day.refused(NOW + 5, today=39, until=END).is_used_up(NOW + 5)


def test_a_number_that_fits_leaves_no_doubt() -> None:
    assert DayQuota().refused(NOW, today=250, until=END, limit=250).is_used_up(NOW)
    assert not DayQuota().refused(NOW, today=3, until=END, limit=250).is_used_up(NOW)


def test_what_the_provider_names_counts() -> None:
    assert (refused(limit=250).limit, refused(limit=250).named) == (250, True)
    assert refused(limit=0).limit == 0
    later = refused().refused(NOW + 1, today=39, until=END, limit=30)
    assert (later.limit, later.named) == (30, True)
    assert refused(limit=250).refused(NOW + 1, today=39, until=END).limit == 250


def test_a_few_calls_of_ours_are_not_all_that_a_day_has() -> None:
    assert DayQuota().refused(NOW, today=2, until=END).limit is None


def test_calls_that_were_under_way_are_none_of_the_days() -> None:
    day = refused()
    for number in range(1, 6):
        day = day.refused(NOW + number, today=40 - number, until=END)
    assert (day.limit, day.probe_at) == (35, NOW + FIRST_PAUSE)


def test_it_is_looked_at_more_and_more_seldom_and_never_beyond_the_day() -> None:
    day, now, pauses = refused(), NOW, []
    while not day.probe_at >= END:
        now = day.probe_at
        day = day.probing(now)
        assert not day.may_probe(now)  # one at a time
        day = day.refused(now + 1_000, today=40, until=END, probe=True)
        pauses.append(day.pause)
    assert pauses[:3] == [2 * FIRST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert set(pauses[2:]) == {LONGEST_PAUSE}
    assert day.probe_at == END


def test_an_answer_to_the_call_that_finds_out_makes_it_forgotten() -> None:
    day = refused(limit=250).probing(NOW + FIRST_PAUSE)
    assert day.answered(NOW + FIRST_PAUSE, probe=False) == day  # it had begun before
    assert day.answered(NOW + FIRST_PAUSE, probe=True) == DayQuota()


def test_the_next_day_begins_with_what_was_learnt() -> None:
    day = refused(limit=250).answered(END + 1, probe=False)
    assert day == DayQuota(250, named=True)
    assert not day.is_reached(END + 1, 249) and day.is_reached(END + 1, 250)


def test_a_number_that_was_named_closes_the_day_when_it_is_reached() -> None:
    day = DayQuota(250, named=True).reached(NOW, until=END)
    assert day.is_used_up(NOW) and day.next_call(NOW) == NOW + FIRST_PAUSE
    assert not day.is_reached(NOW, 251)  # that is known now


def test_our_own_count_is_a_guess_that_the_next_call_decides() -> None:
    day = DayQuota(40).reached(NOW, until=END)
    assert day.is_doubtful(NOW) and not day.is_used_up(NOW)
    assert day.next_call(NOW) == NOW
    waiting = day.probing(NOW)
    assert waiting.next_call(NOW) > NOW
    assert waiting.answered(NOW, probe=True) == DayQuota()
    closed = waiting.refused(NOW + 1, today=40, until=END, probe=False)
    assert closed.is_used_up(NOW + 1) and closed.limit == 40


def test_it_is_the_same_after_a_restart() -> None:
    for day in (DayQuota(), refused(limit=3), DayQuota(40).reached(NOW, until=END)):
        assert DayQuota.from_json(day.to_json()) == day
    assert DayQuota.from_json({"limit": 5, "colour": "red"}) == DayQuota(5)

"""When a day begins and ends, and how much is left of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.caps import Cap, Period, day_of
from bot.errors import CapReached

HOUR = 3_600_000
NAMES = sorted(available_timezones())


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


INSTANTS = st.integers(at("1990-01-01T00:00:00Z"), at("2037-12-01T00:00:00Z"))


@given(INSTANTS, st.sampled_from(NAMES))
@example(at("2007-11-04T03:00:00Z"), "America/St_Johns")  # clocks went from 00:01 back to 23:01
@example(at("2007-11-04T03:31:00Z"), "America/St_Johns")
@example(at("2010-03-04T15:30:00Z"), "Antarctica/Casey")  # from 02:00 back to 23:00
@example(at("2011-12-30T09:59:59.999Z"), "Pacific/Apia")  # the last moment before a day that there was not
def test_a_day_holds_its_moment_and_the_next_begins_where_it_ends(now: int, name: str) -> None:
    zone = ZoneInfo(name)
    day = day_of(now, zone)
    assert day.start <= now < day.end
    assert day_of(day.start, zone) == day
    assert day_of(day.end - 1, zone) == day
    following = day_of(day.end, zone)
    assert following.start == day.end
    assert day_of(day.start - 1, zone).end == day.start


@given(INSTANTS, st.sampled_from(NAMES))
def test_days_have_24_hours_but_for_changes_of_the_clock(now: int, name: str) -> None:
    zone = ZoneInfo(name)
    day = day_of(now, zone)
    start, end = (datetime.fromtimestamp(edge / 1000, zone) for edge in (day.start, day.end))
    offsets = start.utcoffset(), end.utcoffset()
    assert offsets[0] is not None
    assert offsets[1] is not None
    dates = (end.date() - start.date()).days  # 2 where a zone left out a day
    wall = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    assert timedelta(milliseconds=day.end - day.start) == wall - (offsets[1] - offsets[0])
    assert dates in (1, 2)


@pytest.mark.parametrize(
    ("zone", "noon", "start", "hours"),
    [
        ("UTC", "2026-11-21T12:00:00Z", "2026-11-21T00:00:00Z", 24),
        ("Europe/Berlin", "2026-03-29T12:00:00+02:00", "2026-03-29T00:00:00+01:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00:00+01:00", "2026-10-25T00:00:00+02:00", 25),
        ("America/New_York", "2026-03-08T12:00:00-04:00", "2026-03-08T00:00:00-05:00", 23),
        ("America/New_York", "2026-11-01T12:00:00-05:00", "2026-11-01T00:00:00-04:00", 25),
        ("Asia/Kathmandu", "2026-06-01T12:00:00+05:45", "2026-06-01T00:00:00+05:45", 24),
        # Half an hour of daylight saving.
        ("Australia/Lord_Howe", "2026-10-04T12:00:00+11:00", "2026-10-04T00:00:00+10:30", 23.5),
        ("Australia/Lord_Howe", "2026-04-05T12:00:00+10:30", "2026-04-05T00:00:00+11:00", 24.5),
        # There was no midnight: the day began at one o'clock.
        ("America/Sao_Paulo", "2017-10-15T12:00:00-02:00", "2017-10-15T01:00:00-02:00", 23),
        ("America/Sao_Paulo", "2018-02-17T12:00:00-02:00", "2018-02-17T00:00:00-02:00", 25),
        ("Africa/Cairo", "2026-04-24T12:00:00+03:00", "2026-04-24T01:00:00+03:00", 23),
        ("Africa/Cairo", "2026-10-29T12:00:00+03:00", "2026-10-29T00:00:00+03:00", 25),
        # Midnight came twice: the first one counts.
        ("America/Havana", "2026-11-01T12:00:00-05:00", "2026-11-01T00:00:00-04:00", 25),
        # The 30th of December 2011 was left out.
        ("Pacific/Apia", "2011-12-29T12:00:00-10:00", "2011-12-29T00:00:00-10:00", 24),
        ("Pacific/Apia", "2011-12-31T12:00:00+14:00", "2011-12-31T00:00:00+14:00", 24),
        # Clocks went back over midnight: the day that had begun goes on.
        ("America/St_Johns", "2007-11-03T23:30:00-03:30", "2007-11-04T00:00:00-02:30", 25),
    ],
)
def test_days_that_are_not_like_others(zone: str, noon: str, start: str, hours: float) -> None:
    begins = at(start)
    assert day_of(at(noon), ZoneInfo(zone)) == Period(begins, begins + int(hours * HOUR))


DAY = Period(1_000, 2_000)


@given(limit=st.integers(0, 50), used=st.integers(0, 60), wanted=st.integers(1, 4))
def test_a_cap_allows_what_it_says_and_no_more(limit: int, used: int, wanted: int) -> None:
    cap = Cap(limit, DAY)
    if used + wanted <= limit:
        cap.check(used, wanted)
        return
    with pytest.raises(CapReached) as caught:
        cap.check(used, wanted)
    error = caught.value
    assert (error.limit, error.used, error.wanted, error.resets_at) == (limit, used, wanted, 2_000)
    assert error.left == max(0, limit - used)


def test_what_makes_no_image_is_only_refused_where_everything_is() -> None:
    Cap(3, DAY).check(3, 0)
    Cap(3, DAY).check(9, 0)  # the limit was lowered since
    with pytest.raises(CapReached):
        Cap(0, DAY).check(0, 0)

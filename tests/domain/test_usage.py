"""Usage: days and months of a time zone, quantiles, bars, budgets, and what is unusual."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.jobs import FailureCode, JobState
from bot.domain.usage import (
    LEAST,
    QUARTER,
    Outcomes,
    Spent,
    UsageLine,
    bar,
    by_day,
    from_histogram,
    is_unusual,
    marks_reached,
    usual_day,
)
from bot.domain.usage_csv import COLUMNS, HEADER, cell, line_row

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")


def millis(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def test_quarters_of_an_hour_make_the_days_of_every_time_zone() -> None:
    for zone in (BERLIN, KATHMANDU):
        late, early = millis("2026-10-24T23:45", zone), millis("2026-10-25T00:00", zone)
        assert late % QUARTER == early % QUARTER == 0
        days = by_day(
            [(late, Spent(1, 10)), (early, Spent(2, 20)), (early + QUARTER, Spent(1, 5))],
            *(date(2026, 10, 23), date(2026, 10, 25), zone),
        )
        assert [spent for _, spent in days] == [Spent(), Spent(1, 10), Spent(3, 25)]


def test_outcomes() -> None:
    outcomes = Outcomes.of(
        {
            (JobState.SUCCEEDED, None): 6,
            (JobState.FAILED, FailureCode.SAFETY): 2,
            (JobState.FAILED, FailureCode.CANCELLED): 9,
            (JobState.FAILED, FailureCode.BUSY): 1,
            (JobState.FAILED, FailureCode.NO_IMAGE): 1,
            (JobState.RUNNING, None): 5,
        }
    )
    assert outcomes == Outcomes(6, 2, 9, 2)
    assert (outcomes.success_rate, outcomes.blocked_rate) == (0.6, 0.2)
    assert Outcomes().success_rate is None


def test_a_histogram_gives_quantiles() -> None:
    assert from_histogram({120: 50, 200: 45, 300: 5}, 0.5, 0.1) == pytest.approx(12.05)
    assert from_histogram({120: 50, 200: 45, 300: 5}, 0.95, 0.1) == pytest.approx(20.05)
    assert from_histogram({}, 0.5, 0.1) is None


def test_the_bar_says_no_more_than_is_true() -> None:
    assert bar(0, 20) == "▱" * 12
    assert bar(1, 1_000_000) == "▰" + "▱" * 11
    assert bar(999_999, 1_000_000) == "▰" * 11 + "▱"
    assert bar(20, 20) == bar(25, 20) == bar(0, 0) == "▰" * 12


def test_marks_of_a_budget() -> None:
    assert [tuple(marks_reached(spent, 100)) for spent in (0, 49, 50, 80, 100, 250)] == [
        *((), (), (50,), (50, 80), (50, 80, 100), (50, 80, 100))
    ]
    assert marks_reached(5, 0) == ()


def test_what_is_unusual_is_measured_by_ones_own_days_then_by_everybodys() -> None:
    dollar = 1_000_000
    assert usual_day([dollar] * 5, [9 * dollar] * 50) == dollar
    assert usual_day([dollar] * 4, [9 * dollar] * 20) == 9 * dollar
    assert usual_day([dollar] * 4, [9 * dollar] * 19) is None
    assert is_unusual(6 * dollar, dollar)
    assert not is_unusual(5 * dollar, dollar)
    assert not is_unusual(100 * dollar, None)
    assert not is_unusual(LEAST - 1, 1)


# --- CSV --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")'])
def test_nothing_in_a_cell_is_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(cell(text), newline=""))
    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", ['a "b", c', "two\r\nlines", "plain", ""])
def test_every_text_comes_back(text: str) -> None:
    (row,) = csv.reader(io.StringIO(cell(text) + ",x", newline=""))
    assert row == [text, "x"]


def test_a_line_has_a_value_for_every_column() -> None:
    asked = int(datetime(2026, 11, 21, 8, tzinfo=UTC).timestamp() * 1000)
    line = UsageLine("k7f3q9z", asked, 2**62, None, "edit", "=evil", "2K", "failed", "busy", 0, 67_200, 12.34)
    header, row = csv.reader(io.StringIO(HEADER + line_row(line), newline=""))
    assert tuple(header) == COLUMNS
    assert row == [
        *("k7f3q9z", "2026-11-21T08:00:00+00:00", f"id:{2**62}", "", "edit", "'=evil", "2K", "failed"),
        *("busy", "0", "0.067200", "12.3"),
    ]

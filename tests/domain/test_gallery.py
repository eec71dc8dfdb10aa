"""What somebody looks for, in the words that they use and in the room that a button has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.calls import MAX_SEED, build_call
from bot.domain.gallery import Days, Filter, Found, Page, fold, job_of_one, own_seed, read_days
from bot.domain.images import Image
from bot.domain.jobs import Job, JobState
from bot.domain.requests import Kind, Options, Origin, Request
from bot.errors import InvalidRequest, Problem

TODAY = date(2026, 3, 1)
REQUEST = Request(Kind.GENERATE, "a lighthouse", Options("m", count=3, seed=MAX_SEED))


def image(position: int = 0) -> Image:
    return Image("k7f3q9z", "job", position, 1, None, False, "ab" * 32, "image/jpeg", 1, 1, 1, 1)


# --- days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02-03", date(2026, 2, 3), date(2026, 2, 3)),
        (" 2024-02 ", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2026-01-30..2026-02-02", date(2026, 1, 30), date(2026, 2, 2)),
        ("2025-12 .. 2026-02", date(2025, 12, 1), date(2026, 2, 28)),
        ("2026-01-30..", date(2026, 1, 30), date(2026, 1, 30)),
        ("2026-01-0\uff11", date(2026, 1, 1), date(2026, 1, 1)),
        ("Today", TODAY, TODAY),
        ("yesterday", date(2026, 2, 28), date(2026, 2, 28)),
    ],
)
def test_days_are_read_as_people_write_them(text: str, first: date, last: date) -> None:
    days = read_days(text, TODAY)
    assert days == Days(first, last)
    assert read_days(str(days), TODAY) == days


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "monday", "2026", "2026-13", "2026-00", "2026-02-30", "0000-01", "1969-01-01"),
        *("9999-12-31", "2026-03-02..2026-03-01", "..2026-01-01", "26-01-01", "x" * 6000),
        *("2026-01-01..2026-01-02..2026-01-03", "2026-01-01\0"),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_days(text, TODAY)
    assert caught.value.problem is Problem.DAY_UNREADABLE
    assert caught.value.values == {"text": text}


def test_days_are_those_of_a_time_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = Days(date(2026, 3, 28), date(2026, 3, 29)).period(berlin)  # clocks go forward on the second

    def millis(year: int, month: int, day: int, hour: int) -> int:
        return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)

    assert period.start == millis(2026, 3, 27, 23)
    assert period.end == millis(2026, 3, 29, 22)


# --- filters ----------------------------------------------------------------------------------------------

DAYS = st.dates(date(1971, 1, 1), date(9998, 12, 31))
FILTERS = st.builds(
    Filter.of,
    st.text(max_size=80),
    st.none() | st.sampled_from(Kind),
    st.none() | st.tuples(DAYS, DAYS).map(lambda pair: Days(min(pair), max(pair))),
    st.none() | st.integers(0, 2**63 - 1),
)


@given(FILTERS)
@example(Filter.of("0 \x1b 0"))
def test_a_filter_fits_into_a_button_and_comes_back(wanted: Filter) -> None:
    token = wanted.token
    assert Filter.from_token(token) == wanted
    # Discord may count in UTF-16; before it stands the button's own name with an id.
    assert len(f"plantain:page:older:k7f3q9z:{token}".encode("utf-16-le")) <= 200


@given(st.text(max_size=70))
def test_a_forged_token_is_a_filter_or_a_fault(token: str) -> None:
    try:
        wanted = Filter.from_token(token)
    except ValueError:
        return
    assert Filter.from_token(wanted.token) == wanted


@pytest.mark.parametrize(
    "token",
    [
        *("", "x::::", "g:2026111::", "g:20261399::a", "::ZZ:", "gg:::a", "g:20260101\n::a", "g::"),
        *("g:00010101::a", "g:99991231::a", "::zzzzzzzzzzzzz:a"),
    ],
)
def test_what_is_no_token_is_a_fault(token: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Filter.from_token(token)


def test_a_text_that_is_too_long_finds_more_and_not_less() -> None:
    wanted = Filter.of("  " + "word " * 20)
    assert wanted.text == "word word word word word word wo"
    assert fold(wanted.text) in fold("word " * 20)
    assert Filter.of("🌊" * 40).text == "🌊" * 16


@pytest.mark.parametrize(
    ("one", "other"),
    [("STRASSE", "straße"), ("Cafe\u0301", "café"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), (" a \n b ", "A B"), ("ﬁ", "FI")],
)
def test_folding_makes_alike_what_people_take_for_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# --- pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("newer", "shown", "total", "number", "pages", "sides"),
    [
        (0, 0, 0, 1, 1, (False, False)),
        (0, 1, 1, 1, 1, (False, False)),
        (0, 9, 9, 1, 1, (False, False)),
        (0, 9, 10, 1, 2, (False, True)),
        (9, 1, 10, 2, 2, (True, False)),
        (9, 9, 100, 2, 12, (True, True)),
        (4, 9, 20, 2, 3, (True, True)),  # five were deleted meanwhile
    ],
)
def test_a_page_knows_its_place(
    newer: int, shown: int, total: int, number: int, pages: int, sides: tuple[bool, bool]
) -> None:
    page = Page(Filter(), (Found(image(), REQUEST),) * shown, newer, total)
    assert (page.number, page.pages, (page.has_newer, page.has_older)) == (number, pages, sides)


# --- one of several ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_seed_of_a_picture_is_the_one_that_was_sent(position: int) -> None:
    assert own_seed(REQUEST, image(position)) == build_call(REQUEST, position).seed


def test_a_request_without_a_seed_has_none() -> None:
    plain = REQUEST.evolve(options=replace(REQUEST.options, seed=None))
    assert own_seed(plain, image(1)) is None


def test_one_of_several_has_its_share() -> None:
    origin = Origin("k", 1, 1, None, 1, None, 0, 1)
    job = Job("job", JobState.SUCCEEDED, REQUEST, origin, 1, 1, cost_micros=100)
    alone = job_of_one(job, image(1), 3)
    assert alone.cost_micros == 33
    assert alone.request.options == Options("m", count=1, seed=0)
    assert job_of_one(job.evolve(cost_micros=None), image(), 3).cost_micros is None

"""What is let in as a prompt, and how it is shortened."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.prompts import clean_prompt, shorten
from bot.errors import InvalidRequest, Problem

FAMILY = "👨‍👩‍👧‍👦"  # four people and three joiners
WAVE = "👋🏽"  # a hand and its skin tone
FLAGS = "🇩🇪🇫🇷"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "prompt",
    [
        "a red lighthouse at dusk",
        "two lines\nand a\ttab",
        f"a {FAMILY} waving {WAVE} under {FLAGS} and {SCOTLAND} ❤️",
        "ein Leuchtturm bei Dämmerung, 灯台, מגדלור, मीनार, e\u0301",
        "*bold* `code` @everyone <@123> ||hidden|| \\ {{x}} </imagine:1>",
        "❤",
        "1️⃣",
    ],
)
def test_what_people_write_goes_through_word_for_word(prompt: str) -> None:
    assert clean_prompt(prompt, 4_000) == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " \n\t ",
        "\x00\x01\x1b\x7f\x9f",
        "\u200b\u200c\u200d\u2060\ufeff",  # zero width
        "\u202e\u2066\u00ad",  # directions, soft hyphen
        "\ufe0f\u034f",  # marks without anything to mark
        "\u3164\u115f\u1160\uffa0\u2800",  # letters that are blank
        "\u2028\u2029\u3000\u00a0",
        "\ud800",
    ],
)
def test_what_shows_nothing_is_empty(prompt: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        clean_prompt(prompt, 4_000)
    assert caught.value.problem is Problem.PROMPT_EMPTY


def test_control_characters_are_taken_out() -> None:
    assert clean_prompt("\x00a\x07 red\r\n\x1b[31mlighthouse\x9b\ud83d", 100) == "a red\n[31mlighthouse"


def test_length_is_counted_after_cleaning() -> None:
    assert clean_prompt("  " + "a" * 10 + "\x00" * 50, 10) == "a" * 10
    with pytest.raises(InvalidRequest) as caught:
        clean_prompt("lighthouse " * 909 + "l", 4_000)
    assert caught.value.problem is Problem.PROMPT_TOO_LONG
    assert caught.value.values == {"length": 10_000, "limit": 4_000}


def test_ten_thousand_characters_pass_where_they_are_allowed() -> None:
    assert len(clean_prompt("x" * 10_000, 10_000)) == 10_000


@given(st.text(st.characters()))
def test_cleaning_is_done_once_and_for_all(text: str) -> None:
    try:
        cleaned = clean_prompt(text, 1_000)
    except InvalidRequest:
        return
    assert clean_prompt(cleaned, 1_000) == cleaned
    cleaned.encode()  # no half of a surrogate pair is left
    assert not [char for char in cleaned if unicodedata.category(char) == "Cc" and char not in "\n\t"]


# --- shortening -------------------------------------------------------------------------------------------


def test_what_is_short_enough_stays() -> None:
    assert shorten("a red lighthouse", 16) == "a red lighthouse"
    assert shorten("a\n red \t lighthouse ", 16) == "a red lighthouse"


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("a red lighthouse at dusk", 20, "a red lighthouse at…"),
        ("a red lighthouse at dusk", 19, "a red lighthouse…"),
        ("a red lighthouse, at dusk", 20, "a red lighthouse…"),
        ("a red lighthouse", 10, "a red…"),
        ("x lighthouses", 10, "x lightho…"),  # a word that is nearly all is cut
        ("lighthouselighthouse", 10, "lighthous…"),
        ("lighthouse", 1, "…"),
    ],
)
def test_it_is_cut_between_words(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


@pytest.mark.parametrize("limit", range(3, 12))
def test_no_character_is_cut_in_half(limit: int) -> None:
    """What people see as one character stays whole or goes: families, skin tones, flags, accents."""
    for cluster in (FAMILY, WAVE, SCOTLAND, "🇩🇪", "e\u0301", "कि", "1\ufe0f\u20e3"):
        text = "x" * 2 + cluster * 12
        kept = shorten(text, limit)[:-1]
        assert kept.startswith("xx")
        assert kept[2:] == cluster * (len(kept[2:]) // len(cluster))


def test_a_pile_of_marks_is_cut_anyhow() -> None:
    assert shorten("\u0301" * 50, 10) == "\u0301" * 9 + "…"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 80))
def test_it_fits_is_one_line_and_begins_like_the_text(text: str, limit: int) -> None:
    short = shorten(text, limit)
    line = " ".join(text.split())
    assert len(short) <= limit
    assert short == " ".join(short.split())
    assert short == line or (short.endswith("…") and line.startswith(short[:-1]))

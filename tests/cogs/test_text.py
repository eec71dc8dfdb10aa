"""Somebody's text in a message: it does nothing to what stands around it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cogs.text import code, escape, escape_within, quote

CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HEBREW = "\u05e9\u05dc\u05d5\u05dd"
ISOLATED = f"\u2068{HEBREW}\u2069"


def quoted(text: str) -> str:
    return quote(text, 100)


@pytest.mark.parametrize("shown", [escape, quoted, code])
@pytest.mark.parametrize("control", CONTROLS)
def test_nothing_turns_round_the_words_behind_it(shown: Callable[[str], str], control: str) -> None:
    assert shown(f"cat{control}gnp.exe") == shown("catgnp.exe")
    assert shown(control) == shown("")


@pytest.mark.parametrize("text", [HEBREW, f"\u202e{HEBREW}", f"{HEBREW}\u2069", f"\u2067{HEBREW}"])
def test_what_is_written_from_right_to_left_stands_for_itself(text: str) -> None:
    """Our words and numbers beside it keep their places, and what it says keeps its own order."""
    assert escape(text) == ISOLATED
    assert quoted(text) == f"\u201c{ISOLATED}\u201d"
    assert code(text) == f"\u2068`{HEBREW}`\u2069"


@pytest.mark.parametrize("mark", ["\u200f", "\u061c"])
def test_a_mark_alone_is_isolated_too(mark: str) -> None:
    assert escape(f"cat{mark}") == f"\u2068cat{mark}\u2069"


def test_what_isolates_is_counted() -> None:
    for limit in (3, 4, 10, 50):
        assert len(escape_within(HEBREW * 20, limit)) <= limit
        assert len(quote(HEBREW * 20, limit + 2)) <= limit + 2


def test_other_text_stays_as_it_is() -> None:
    assert escape("a *cat*  in \u6771\u4eac\u200e") == "a \\*cat\\* in \u6771\u4eac\u200e"
    assert code("16:9") == "`16:9`"

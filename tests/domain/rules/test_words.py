"""A server's own list: what may stand in it, and files of it."""

from __future__ import annotations

import pytest

from bot.domain.rules.letters import Letters
from bot.domain.rules.ruleset import Listed
from bot.domain.rules.words import (
    LONGEST_ENTRY,
    MOST_ENTRIES,
    ServerWords,
    checked_entry,
    from_json,
    merged,
    read_file,
    to_json,
    write_file,
)
from bot.errors import InvalidRequest
from bot.lookalikes import load_lookalikes

LETTERS = Letters(load_lookalikes())


def problem(error: pytest.ExceptionInfo[InvalidRequest]) -> str:
    return error.value.problem.value


def block(*texts: str) -> list[tuple[Listed, str]]:
    return [(Listed.BLOCK, text) for text in texts]


@pytest.mark.parametrize(
    "text", ["", "  ", "\u200b\u200b", ".*", "!!!", "---", "'", "\n\t", "\u0301", "(a+)+$", "\\w", "x"]
)
def test_an_entry_that_would_match_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        checked_entry(text, LETTERS)
    assert problem(error) == "word_empty"


def test_an_entry_is_one_line_of_at_most_eighty_characters() -> None:
    assert checked_entry("  Pine\n apple\x07 (fresh) ", LETTERS) == "Pine apple (fresh)"
    assert checked_entry("x" * LONGEST_ENTRY, LETTERS) == "x" * 80
    with pytest.raises(InvalidRequest) as error:
        checked_entry("x" * 81, LETTERS)
    assert problem(error) == "word_too_long"


def test_entries_that_match_the_same_are_one() -> None:
    entries, added = merged(block("Pineapple"), block("pineapple", "p i n e", "PINEAPPLE!", "apple"), LETTERS)
    assert entries == tuple(block("Pineapple", "p i n e", "apple"))
    assert added == 2
    moved, added = merged(entries, [(Listed.ALLOW, "Apple")], LETTERS)
    assert (Listed.ALLOW, "Apple") in moved and len(moved) == 3
    assert added == 1


def test_a_file_of_lines() -> None:
    data = (
        "\ufeffpineapple\r\n\r\n   \n# a remark\n+pineapple king\n(ab+)+$\n.*\npine, apple\npineapple\n"
        + "x" * 81
    )
    found = read_file(data.encode(), LETTERS)
    assert found.entries == (
        (Listed.BLOCK, "pineapple"),
        (Listed.ALLOW, "pineapple king"),
        (Listed.BLOCK, "(ab+)+$"),
        (Listed.BLOCK, "pine, apple"),
    )
    assert found.skipped == 2


@pytest.mark.parametrize(
    "data",
    ['word,why\n"pine, apple",fruit\nkiwi,\n,nothing\n', 'word;why\n"pine, apple";fruit\nkiwi;\n;nothing\n'],
)
def test_of_a_table_the_first_column_counts(data: str) -> None:
    found = read_file(data.encode(), LETTERS, table=True)
    texts = [text for _, text in found.entries]
    assert texts[0] == "word" and "kiwi" in texts and "nothing" not in texts
    assert found.skipped == 1


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00a", b"\x89PNG\r\n\x1a\n\x00\x00", b"a\x00b", "ü".encode("latin-1")]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest) as error:
        read_file(data, LETTERS)
    assert problem(error) == "words_unreadable"


def test_a_hundred_thousand_lines_are_refused() -> None:
    with pytest.raises(InvalidRequest) as error:
        read_file("\n".join(f"word{number}" for number in range(100_000)).encode(), LETTERS)
    assert problem(error) == "too_many_words"
    assert error.value.values == {"count": 100_000, "limit": MOST_ENTRIES}
    empty = read_file(b"\n" * 100_000, LETTERS)
    assert empty.entries == () and empty.skipped == 0


def test_too_many_together_are_refused() -> None:
    full = block(*(f"word{number}" for number in range(MOST_ENTRIES)))
    merged(full, block("word0"), LETTERS)
    with pytest.raises(InvalidRequest):
        merged(full, block("one more"), LETTERS)


def test_what_is_written_is_read_again() -> None:
    entries = [(Listed.ALLOW, "über uns"), *block("Zebra", "(ab+)+$", "apple pie")]
    words = ServerWords(7, tuple(entries))
    data = write_file(words)
    assert data.decode() == "(ab+)+$\napple pie\nZebra\n+über uns\n"
    assert set(read_file(data, LETTERS).entries) == set(entries)
    assert from_json(to_json(entries)) == tuple(entries)
    assert write_file(ServerWords(7)) == b""

"""Named parameters become places, and nothing else does."""

from __future__ import annotations

import re

import pytest

from storage.named import placed


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("a = :a AND b = :b_2", "a = $1 AND b = $2", ("a", "b_2")),
        (":b, :a, :b", "$1, $2, $1", ("b", "a")),
        ("CAST(:a AS TEXT) || :a::text", "CAST($1 AS TEXT) || $1::text", ("a",)),
        ("now()::date", "now()::date", ()),
        ("':a' || :a || 'it''s :b'", "':a' || $1 || 'it''s :b'", ("a",)),
        ('":a" = :a', '":a" = $1', ("a",)),
        ("-- :a\n:b", "-- :a\n$1", ("b",)),
        ("/* :a\n ' */ :b", "/* :a\n ' */ $1", ("b",)),
        ("x[1:2] = :a", "x[1:2] = $1", ("a",)),
    ],
)
def test_parameters(sql: str, text: str, names: tuple[str, ...]) -> None:
    assert placed(sql, "postgres") == (text, names)
    places = re.findall(r"\$(\d+)", text)
    assert placed(sql, "sqlite") == (re.sub(r"\$\d+", "?", text), tuple(names[int(n) - 1] for n in places))

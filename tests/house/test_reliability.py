"""docs/reliability.md names a test in every line of its tables, and each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows(text: str) -> list[str]:
    """The lines of the tables without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {number for number, line in enumerate(lines) if set(line) <= set("|- ")}
    return [line for number, line in enumerate(lines) if number not in heads and number + 1 not in heads]


def names_in(path: Path) -> set[str]:
    """The names of the test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_there_are_tables() -> None:
    assert len(rows(PAGE.read_text(encoding="utf-8"))) > 40


@pytest.mark.parametrize(
    "row", rows(PAGE.read_text(encoding="utf-8")), ids=lambda row: row.split("|")[1].strip()
)
def test_every_line_names_a_test_that_is_there(row: str) -> None:
    named = NAMED.findall(row)
    assert named, f"no test is named: {row}"
    for file, test in named:
        assert (ROOT / file).is_file(), f"{file} is not there"
        assert test in names_in(ROOT / file), f"{file} has no {test}"

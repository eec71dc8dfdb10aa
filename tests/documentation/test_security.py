"""Each point of `docs/security.md` names a test that proves it, and each of these tests exists."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.documentation.pages import DOCS, ROOT, spans

PAGE = DOCS / "security.md"
# What is no threat, or stands outside of what tests can show.
WITHOUT = {"What is trusted", "What this does not stop"}


@cache
def functions_of(file: str) -> frozenset[str]:
    """The names of the tests in a file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def named() -> list[tuple[str, str]]:
    """File and name of every test on the page."""
    proofs = [span.partition("::") for span in spans(PAGE.read_text(encoding="utf-8")) if "::" in span]
    return [(file, test) for file, _, test in proofs]


def test_every_test_that_is_named_exists() -> None:
    proofs = named()
    assert len(proofs) > 60
    assert [f"{file}::{test}" for file, test in proofs if test not in functions_of(file)] == []


def test_every_point_names_a_test() -> None:
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    titles = {part.partition("\n")[0]: part for part in parts}
    assert set(titles) > WITHOUT
    assert [title for title, part in titles.items() if title not in WITHOUT and "`tests/" not in part] == []

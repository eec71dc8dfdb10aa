"""The packaged rules as data: categories of words, and what may stand where. `bot/rules.toml` is the file.

``[categories.NAME]``: `level` ("always", "standard" or "strict": how strict a server has to be for it, and
nobody can be less), `relaxable` (a server may leave it out in age-restricted channels), `words`, and
`together`: two lists that are harmless apart and refused in one text.
``[exceptions]``: `words` that are harmless although they hold a listed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """From which strictness on a category is refused."""

    ALWAYS = "always"
    STANDARD = "standard"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of content that is not wanted."""

    name: str
    level: Level
    relaxable: bool
    words: tuple[str, ...]
    together: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Packaged:
    """Everything that comes with the program."""

    categories: tuple[Category, ...]
    exceptions: tuple[str, ...]


def parse_packaged(tables: Mapping[str, Any]) -> Packaged:
    """Read the tables of the file; raise ValueError or KeyError where they are no rules."""
    categories = []
    for name, table in tables["categories"].items():
        first, second = table.get("together", ([], []))
        category = Category(
            name=name,
            level=Level(table["level"]),
            relaxable=bool(table.get("relaxable", False)),
            words=tuple(table.get("words", ())),
            together=(tuple(first), tuple(second)),
        )
        if category.level is Level.ALWAYS and category.relaxable:
            raise ValueError(f"{name}: what is refused always cannot be relaxed")
        categories.append(category)
    return Packaged(tuple(categories), tuple(tables["exceptions"]["words"]))

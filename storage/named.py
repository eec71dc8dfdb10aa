"""Named parameters for PostgreSQL: ``:name`` becomes ``$1``."""

from __future__ import annotations

import re
from functools import lru_cache

# What may hold a colon without being a parameter comes first: the first alternative that fits wins.
_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'            # a string
    | "(?:[^"]|"")*"            # a quoted name
    | --[^\n]*                  # a comment to the end of the line
    | /\*.*?\*/                 # a comment
    | ::                        # a cast
    | :(?P<name>[a-z_][a-z0-9_]*)
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=256)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with numbered parameters, and which name each number stands for."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _TOKEN.sub(number, sql), tuple(names)

"""Named parameters become numbered ones: ``:name`` is ``$1`` for PostgreSQL and ``?1`` for SQLite.

SQLite knows names, but Python's module for it lets go of the interpreter once for each name that it looks
up, and every time waits behind the event loop to get it back: in a burst, a hundred times the statement
itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from storage.engine import Params, Value, storable

Sign = Literal["$", "?"]

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


def bound(sql: str, params: Params, sign: Sign) -> tuple[str, list[Value]]:
    """Return the text with numbered parameters, and the value of each as a database takes it."""
    text, names = numbered(sql, sign)
    return text, [storable(params[name]) for name in names]


@lru_cache(maxsize=1024)
def numbered(sql: str, sign: Sign) -> tuple[str, tuple[str, ...]]:
    """Return the text with numbered parameters, and which name each number stands for."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        if name not in names:
            names.append(name)
        return f"{sign}{names.index(name) + 1}"

    return _TOKEN.sub(number, sql), tuple(names)

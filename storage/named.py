"""Named parameters become places: ``:name`` is ``$1`` for PostgreSQL and ``?`` for SQLite.

SQLite knows names, but Python's module for it lets go of the interpreter once for each name that it looks
up, and every time waits behind the event loop to get it back: in a burst, a hundred times the statement
itself. (``?1`` would do, but is taken for a name by Python 3.12.3 and warned about.)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from storage.engine import Params, Value, storable

Dialect = Literal["sqlite", "postgres"]

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


def bound(sql: str, params: Params, dialect: Dialect) -> tuple[str, list[Value]]:
    """Return the text with places instead of names, and the value for each as a database takes it."""
    text, names = placed(sql, dialect)
    return text, [storable(params[name]) for name in names]


@lru_cache(maxsize=1024)
def placed(sql: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """Return the text with places instead of names, and which name stands for each value."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        if dialect == "sqlite":
            names.append(name)
            return "?"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _TOKEN.sub(place, sql), tuple(names)

"""Reading a TOML table whose faults are all reported, not only the first.

Each reader returns a value of the right type. Where the table has none, the fault is noted and a stand-in
returned, so that reading goes on with the next key; whoever reads looks at `faults` before using anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from bot.errors import Fault

T = TypeVar("T")

_MISSING = object()
_LONGEST_SHOWN = 60


class Table:
    """One table of a TOML file. `key` is how the file names it; `remedy` says what it should be."""

    def __init__(self, key: str, content: object, remedy: str, faults: list[Fault] | None = None) -> None:
        self.key = key
        self.faults: list[Fault] = [] if faults is None else faults
        self._read: set[str] = set()
        self._there = isinstance(content, Mapping)
        self._content: Mapping[str, object] = content if isinstance(content, Mapping) else {}
        if not self._there and content is not _MISSING:
            self.faults.append(Fault(key, f"is {_shown(content)}, not a table", remedy))

    def __contains__(self, name: str) -> bool:
        return name in self._content

    @property
    def names(self) -> tuple[str, ...]:
        """The keys in the order of the file."""
        return tuple(self._content)

    @property
    def empty(self) -> bool:
        """Whether it is a table and has no keys."""
        return self._there and not self._content

    def fault(self, name: str, problem: str, remedy: str) -> None:
        """Note what is wrong with one key."""
        self.faults.append(Fault(f"{self.key}.{name}", problem, remedy))

    def text(self, name: str, pattern: re.Pattern[str], remedy: str, default: str | None = None) -> str:
        """Return a text that `pattern` matches as a whole, or the default."""
        value = self._value(name, remedy, default)
        if isinstance(value, str) and (value == default or pattern.fullmatch(value)):
            return value
        return self._refused(name, value, remedy, "")

    def texts(
        self, name: str, pattern: re.Pattern[str], remedy: str, default: list[str] | None = None
    ) -> tuple[str, ...]:
        """Return a list of different texts that `pattern` matches. Only a default may be empty."""
        value = self._value(name, remedy, default)
        if not isinstance(value, list) or (not value and default is None):
            return self._refused(name, value, remedy, ())
        for item in value:
            if not isinstance(item, str) or not pattern.fullmatch(item):
                return self._refused(name, item, remedy, ())
        if len(set(value)) < len(value):
            return self._refused(name, value, f"{remedy}, each of them once", ())
        return tuple(value)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._value(name, "", default)
        return value if isinstance(value, bool) else self._refused(name, value, "Write true or false", False)

    def number(self, name: str, lowest: int, highest: int, default: int | None = None) -> int:
        """Return a whole number within bounds."""
        remedy = f"Write a whole number from {lowest} to {highest}"
        value = self._value(name, remedy, default)
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        return self._refused(name, value, remedy, lowest)

    def amount(self, name: str, highest: float, remedy: str) -> float:
        """Return a number from 0 to `highest`, whole or not."""
        value = self._value(name, remedy, None)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= highest:
            return value
        return self._refused(name, value, remedy, 0.0)

    def day(self, name: str, remedy: str) -> str:
        """Return a day as ISO 8601 writes it. TOML's own dates will do, and the same as a text."""
        value = self._value(name, remedy, None)
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            return self._refused(name, value, remedy, "")

    def table(self, name: str, remedy: str) -> Table:
        """Return a table within this one. Its faults are noted with the faults of this one."""
        return Table(f"{self.key}.{name}", self._value(name, remedy, None), remedy, self.faults)

    def finish(self) -> None:
        """Note the keys that nobody read."""
        for name in self._content:
            if name not in self._read:
                known = ", ".join(sorted(self._read))
                self.fault(name, "is not known here", f"Remove it, or write one of: {known}")

    def _value(self, name: str, remedy: str, default: object) -> object:
        self._read.add(name)
        if name in self._content:
            return self._content[name]
        if default is not None:
            return default
        if self._there:
            self.fault(name, "is missing", remedy)
        return _MISSING

    def _refused(self, name: str, value: object, remedy: str, stand_in: T) -> T:
        if value is not _MISSING:  # which is reported already
            self.fault(name, f"is {_shown(value)}", remedy)
        return stand_in


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."

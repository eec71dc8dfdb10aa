"""Values that are kept as JSON and changed one by one: how each is checked, written and read.

They are read leniently: an older or newer version of Plantain may have written them, so a key that is missing
or whose value makes no sense has its default, and one that is unknown is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, asdict, replace
from typing import Any, ClassVar, Self

from bot.domain.templates import one_line
from bot.errors import InvalidRequest, Problem

Check = Callable[[object], Any]

MAX_ID = 2**63  # Discord's ids fit into 63 bits


class Kept:
    """How such a value is changed, checked, written and read. For frozen dataclasses."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]  # what makes its subclasses dataclasses

    @classmethod
    def _checks(cls) -> Mapping[str, Check]:
        raise TypeError(f"{cls.__name__} says nothing about its values")

    def change(self, **changes: object) -> Self:
        """Return a copy with some values changed; raise InvalidRequest with what is taken instead."""
        checks = self._checks()
        return replace(self, **{name: checks[name](value) for name, value in changes.items()})

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal value back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote, in this version or another."""
        found: dict[str, Any] = {}
        for name, check in cls._checks().items():
            if isinstance(data, Mapping) and name in data:
                try:
                    found[name] = check(data[name])
                except InvalidRequest:
                    continue
        return cls(**found)


def refused(setting: str, value: object, allowed: Sequence[object]) -> InvalidRequest:
    """Return the refusal of a value, with what is taken instead."""
    return InvalidRequest(
        Problem.SETTING_NOT_TAKEN, setting=setting, value=value, allowed=[str(item) for item in allowed]
    )


def flag(setting: str) -> Check:
    """On or off."""

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise refused(setting, value, ("on", "off"))
        return value

    return check


def one_of(setting: str, values: Sequence[str], *, none: bool = False) -> Check:
    """One of some texts."""
    kind = type(values[0])

    def check(value: object) -> Any:
        if none and value is None:
            return None
        if not isinstance(value, str) or value not in values:
            raise refused(setting, value, values)
        return kind(value)

    return check


def number(setting: str, low: int, high: int, *, none: bool = False) -> Check:
    """A whole number within bounds."""

    def check(value: object) -> int | None:
        if none and value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise refused(setting, value, (f"{low}–{high}",))
        return value

    return check


def text(setting: str, limit: int, *, none: bool = False) -> Check:
    """A text on one line."""

    def check(value: object) -> str | None:
        if none and (value is None or value == ""):
            return None
        if not isinstance(value, str):
            raise refused(setting, value, ("text",))
        line = one_line(value)
        if len(line) > limit:
            raise InvalidRequest(Problem.TEXT_TOO_LONG, what=setting, length=len(line), limit=limit)
        return line

    return check


def ids(setting: str, most: int) -> Check:
    """Ids of Discord, each once."""

    def check(value: object) -> tuple[int, ...]:
        if not isinstance(value, list | tuple):
            raise refused(setting, value, ("ids",))
        for item in value:
            if not isinstance(item, int) or isinstance(item, bool) or not 0 < item < MAX_ID:
                raise refused(setting, item, ("ids",))
        if len(value) > most:
            raise InvalidRequest(Problem.TOO_MANY_KEPT, what=setting, limit=most)
        return tuple(dict.fromkeys(value))

    return check


def texts(setting: str, most: int, limit: int) -> Check:
    """Short texts, each once."""
    each = text(setting, limit)

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise refused(setting, value, ("texts",))
        if len(value) > most:
            raise InvalidRequest(Problem.TOO_MANY_KEPT, what=setting, limit=most)
        return tuple(dict.fromkeys(each(item) for item in value))

    return check

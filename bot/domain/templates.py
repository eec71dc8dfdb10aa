"""The text of a style: parts with named slots, written by somebody who knows how to ask for a picture.

::

    Say who it is for.                               before the first heading: the prefix
    Goal: a studio product photograph.
    Scene: the product on {surface=a matte table}.   a slot and what stands there by itself
    Camera and lighting: 85 mm lens, softbox from the left.
    Style: true colours.
    Constraints: one product, on {surface}.          the same slot again

A slot's value is put in once, on one line, without being read as a template again: it can neither begin a
part of its own nor open another slot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bot.errors import InvalidRequest, Problem

TEMPLATE_LIMIT = 1000  # characters of all parts together
SLOT_LIMIT = 100  # characters of one value
MAX_SLOTS = 8

HEADINGS = {
    "goal": "Goal",
    "scene": "Scene",
    "camera": "Camera and lighting",
    "style": "Style",
    "constraints": "Constraints",
}
_SLOT = re.compile(r"\{([a-z][a-z0-9_-]{0,19})(?:=([^{}]*))?\}")
_HEADING = re.compile(
    r"\s*(goal|scene|camera(?:\s+and\s+lighting)?|lighting|style|constraints)\s*:\s*(.*)", re.IGNORECASE
)


def one_line(text: str) -> str:
    """Return `text` with every run of spaces, line ends and control characters as one space."""
    visible = (" " if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") else char for char in text)
    return " ".join("".join(visible).split())


@dataclass(frozen=True, slots=True)
class Template:
    """What a style says around a member's words. Every part is one line and may be empty."""

    prefix: str = ""
    goal: str = ""
    scene: str = ""
    camera: str = ""  # and lighting
    style: str = ""
    constraints: str = ""
    suffix: str = ""

    def parts(self) -> Iterator[str]:
        """The parts in order, empty ones too."""
        return (getattr(self, part.name) for part in fields(self))

    @property
    def slots(self) -> dict[str, str]:
        """The slots by name with what stands there by itself, in the order of the parts."""
        found: dict[str, str] = {}
        for part in self.parts():
            for name, default in _SLOT.findall(part):
                found[name] = found.get(name) or one_line(default)
        return found

    @property
    def length(self) -> int:
        """Characters of all parts together."""
        return sum(map(len, self.parts()))

    def lines(self, values: Mapping[str, str] | None = None) -> list[str]:
        """Return the parts as they are sent, slots filled in; empty parts are left out."""
        filled = {**self.slots, **{name: _value(text) for name, text in (values or {}).items()}}

        def fill(text: str) -> str:
            return one_line(_SLOT.sub(lambda found: filled[found[1]], text))

        headed = [
            f"{heading}: {text}" for name, heading in HEADINGS.items() if (text := fill(getattr(self, name)))
        ]
        return [line for line in (fill(self.prefix), *headed, fill(self.suffix)) if line]

    def checked(self) -> Template:
        """Return the template with every part on one line, or raise InvalidRequest with what is wrong."""
        clean = replace(self, **{part.name: one_line(getattr(self, part.name)) for part in fields(self)})
        if not any(clean.parts()):
            raise InvalidRequest(Problem.STYLE_EMPTY)
        if clean.length > TEMPLATE_LIMIT:
            raise InvalidRequest(
                Problem.TEXT_TOO_LONG, what="style", length=clean.length, limit=TEMPLATE_LIMIT
            )
        for part in clean.parts():
            broken = re.search(r".{0,20}[{}].{0,20}", _SLOT.sub("", part))
            if broken:
                raise InvalidRequest(Problem.SLOT_BROKEN, near=broken[0])
        return clean._with_sound_slots()

    def _with_sound_slots(self) -> Template:
        slots = self.slots
        if len(slots) > MAX_SLOTS:
            raise InvalidRequest(Problem.TOO_MANY_SLOTS, count=len(slots), limit=MAX_SLOTS)
        for name, default in slots.items():
            if not default:
                raise InvalidRequest(Problem.SLOT_EMPTY, slot=name)
            if len(default) > SLOT_LIMIT:
                raise InvalidRequest(
                    Problem.TEXT_TOO_LONG, what="slot", length=len(default), limit=SLOT_LIMIT
                )
        return self

    def to_text(self) -> str:
        """Return the template as a person edits it, the suffix apart; `from_text` reads it."""
        headed = [f"{heading}: {text}" for name, heading in HEADINGS.items() if (text := getattr(self, name))]
        return "\n".join([*filter(None, [self.prefix]), *headed])

    @classmethod
    def from_text(cls, text: str, suffix: str = "") -> Template:
        """Read what a person wrote: lines below a heading belong to it, those before the first one lead."""
        found: dict[str, list[str]] = {}
        part = "prefix"
        for line in text.splitlines():
            heading = _HEADING.fullmatch(line)
            if heading:
                word = heading[1].lower()
                part = "camera" if word.startswith(("camera", "lighting")) else word
                line = heading[2]  # noqa: PLW2901 - the rest of the line belongs to the part
            found.setdefault(part, []).append(line)
        return cls(**{name: one_line(" ".join(lines)) for name, lines in found.items()}, suffix=suffix)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal template back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Template:
        """Read what `to_json` wrote; what another version wrote beside it is left out."""
        known = {part.name for part in fields(cls)}
        return cls(**{name: text for name, text in data.items() if name in known and isinstance(text, str)})


def _value(text: str) -> str:
    return one_line(text)[:SLOT_LIMIT].rstrip()

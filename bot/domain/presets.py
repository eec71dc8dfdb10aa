"""Presets: named prompt templates of a server or of everyone. People call them styles.

A member names one with what they ask for, and may say what stands in its slots::

    product-shot
    product-shot; background: white marble; surface: wet slate
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.domain.catalogue import Catalogue
from bot.domain.templates import Template, one_line
from bot.errors import InvalidRequest, Problem

NAME_LIMIT = 40
DESCRIPTION_LIMIT = 100
AVOID_LIMIT = 40  # characters of one thing to avoid
MAX_AVOID = 10
OWN = "own"  # the category of what a server made
_NEAR = 3  # how many names like a wrong one are offered


@dataclass(frozen=True, slots=True)
class Preset:
    """One style. `name` is what people type, `title` what they read."""

    name: str
    title: str
    description: str
    template: Template
    category: str = OWN
    ratio: str | None = None
    model: str | None = None  # an id of the catalogue or a tier
    avoid: tuple[str, ...] = ()
    lettering: bool = False  # its pictures show words, whether the prompt asks for them or not

    @property
    def key(self) -> str:
        """What its name is compared by."""
        return folded(self.name)

    def checked(self, catalogue: Catalogue) -> Preset:
        """Return the preset as it is kept, or raise InvalidRequest with what is wrong.

        A ratio has to be one that the preset's model makes; without a model, any model's will do.
        """
        model = None if self.model is None else catalogue.resolve(self.model).model
        models = catalogue.models if model is None else (model,)
        ratios = list(dict.fromkeys(ratio for item in models for ratio in item.ratios))
        if self.ratio is not None and self.ratio not in ratios:
            label = "" if model is None else model.label
            raise InvalidRequest(Problem.RATIO_NOT_TAKEN, ratio=self.ratio, model=label, allowed=ratios)
        description = one_line(self.description)
        if len(description) > DESCRIPTION_LIMIT:
            raise InvalidRequest(
                Problem.TEXT_TOO_LONG, what="description", length=len(description), limit=DESCRIPTION_LIMIT
            )
        return replace(
            self,
            name=checked_name(self.name, "style"),
            title=one_line(self.title)[:NAME_LIMIT] or self.name,
            description=description,
            template=self.template.checked(),
            avoid=_checked_avoid(self.avoid),
        )

    @property
    def words(self) -> str:
        """Everything that stands in it, but for what it leaves out."""
        parts = (self.name, self.title, self.description, *self.template.to_json().values())
        return "\n".join(str(part) for part in parts)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal preset back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Preset:
        """Read what `to_json` wrote, in this version or another: what is not known is left out."""
        return cls(
            name=data["name"],
            title=data.get("title") or data["name"],
            description=data.get("description") or "",
            template=Template.from_json(data.get("template") or {}),
            category=data.get("category") or OWN,
            ratio=data.get("ratio"),
            model=data.get("model"),
            avoid=tuple(data.get("avoid") or ()),
            lettering=bool(data.get("lettering")),
        )


@dataclass(frozen=True, slots=True)
class ServerPreset:
    """A preset that a server made, and who changed it when. Times are UTC milliseconds."""

    guild_id: int
    preset: Preset
    version: int
    created_at: int
    created_by: int
    updated_at: int
    updated_by: int


@dataclass(frozen=True, slots=True)
class StyleChoice:
    """What somebody wrote into the option `style`."""

    name: str
    slots: Mapping[str, str] = field(default_factory=dict)


def folded(name: str) -> str:
    """Return what a name is compared by: width, case and spaces make no difference."""
    return one_line(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()))


def checked_name(name: str, what: str) -> str:
    """Return a name as it is kept, or raise InvalidRequest. A semicolon would end it in `StyleChoice`."""
    clean = one_line(unicodedata.normalize("NFC", name))
    if not 1 <= len(clean) <= NAME_LIMIT or ";" in clean or not any(char.isalnum() for char in clean):
        raise InvalidRequest(Problem.NAME_NOT_TAKEN, what=what, name=clean, limit=NAME_LIMIT)
    return clean


def parse_choice(text: str) -> StyleChoice:
    """Read ``name; slot: value; slot: value``. Whether there is such a style and slot is not known here."""
    name, *pairs = text.split(";")
    slots: dict[str, str] = {}
    for pair in pairs:
        slot, separator, value = pair.partition(":")
        if separator and value.strip():
            slots[slot.strip().lower()] = one_line(value)
    return StyleChoice(one_line(name), slots)


def find_preset(name: str, presets: Sequence[Preset]) -> Preset:
    """Return the first preset of that name or title; raise InvalidRequest with names that are like it."""
    wanted = folded(name)
    for preset in presets:
        if wanted == preset.key:
            return preset
    for preset in presets:
        if wanted == folded(preset.title):
            return preset
    known = {preset.key: preset.name for preset in presets}
    near = difflib.get_close_matches(wanted, known, n=_NEAR, cutoff=0.5)
    raise InvalidRequest(Problem.STYLE_UNKNOWN, style=name, near=[known[key] for key in near])


def checked_slots(preset: Preset, slots: Mapping[str, str]) -> dict[str, str]:
    """Return the values for a preset's slots; raise InvalidRequest for a slot that it does not have."""
    known = preset.template.slots
    for name in slots:
        if name not in known:
            raise InvalidRequest(
                Problem.SLOT_UNKNOWN, slot=name, style=preset.title, allowed=sorted(known) or []
            )
    return {name: one_line(value) for name, value in slots.items() if one_line(value)}


def _checked_avoid(avoid: Iterable[str]) -> tuple[str, ...]:
    clean = tuple(dict.fromkeys(filter(None, map(one_line, avoid))))
    longest = max(map(len, clean), default=0)
    if len(clean) > MAX_AVOID or longest > AVOID_LIMIT:
        raise InvalidRequest(
            Problem.TEXT_TOO_LONG, what="avoid", length=longest, limit=AVOID_LIMIT, count=MAX_AVOID
        )
    return clean

"""Characters: named sets of reference pictures that ``@name`` in a prompt brings in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.lettering import without_quotes
from bot.domain.presets import folded
from bot.domain.requests import Reference
from bot.errors import InvalidRequest, Problem

NAME_LIMIT = 32
MAX_PICTURES = 4  # of one character; Nano Banana 2.1 takes 14 in all (facts-gemini)

# A letter first: 85 mm @50mm and 5 o'clock @5pm name nobody.
_NAME = re.compile(rf"[^\W\d_][\w-]{{0,{NAME_LIMIT - 1}}}")
# Not within a word (an address), not in Discord's own mentions, which stand in angle brackets.
_MENTION = re.compile(r"(?<![\w<@.&])@([^\W\d_][\w-]*)")
_DISCORDS_OWN = frozenset({"everyone", "here"})


@dataclass(frozen=True, slots=True)
class CharacterPicture:
    """One reference picture. `image_id` is the kept picture that it was taken from, if it was."""

    reference: Reference
    image_id: str | None = None


@dataclass(frozen=True, slots=True)
class Character:
    """A named set of reference pictures. `guild_id` is the server that it is shared with."""

    id: str
    owner_id: int
    name: str
    guild_id: int | None
    pictures: tuple[CharacterPicture, ...]
    created_at: int  # UTC milliseconds
    consent: bool = False  # its owner said that who is shown agrees

    @property
    def key(self) -> str:
        """What its name is compared by."""
        return folded(self.name)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its pictures as they go to the provider."""
        return tuple(picture.reference for picture in self.pictures)

    @property
    def unsaid(self) -> bool:
        """Whether some of its pictures were brought along and nobody said that who is shown agrees."""
        return not self.consent and any(picture.image_id is None for picture in self.pictures)

    def evolve(self, **changes: Any) -> Character:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def checked_name(name: str) -> str:
    """Return a name as it is kept, or raise InvalidRequest: ``@name`` has to be readable in a prompt."""
    clean = unicodedata.normalize("NFC", name).strip().removeprefix("@")
    if not _NAME.fullmatch(clean) or clean.endswith("-") or folded(clean) in _DISCORDS_OWN:
        raise InvalidRequest(Problem.NAME_NOT_TAKEN, what="character", name=clean, limit=NAME_LIMIT)
    return clean


def mentioned(prompt: str) -> tuple[str, ...]:
    """Return the names that a prompt mentions with ``@``, in its order, each once, as they are written."""
    names: dict[str, str] = {}
    for found in _MENTION.finditer(unicodedata.normalize("NFC", prompt)):
        name = found[1].rstrip("-")
        if folded(name) not in _DISCORDS_OWN:
            names.setdefault(folded(name), name)
    return tuple(names.values())


def meant(names: Iterable[str], prompt: str) -> tuple[str, ...]:
    """Return those of some names that are mentioned outside of quotation marks: no mere lettering."""
    keys = {folded(name) for name in mentioned(without_quotes(prompt))}
    return tuple(name for name in names if folded(name) in keys)


def find_mentioned(
    names: Sequence[str], characters: Iterable[Character]
) -> tuple[tuple[Character, ...], tuple[str, ...]]:
    """Return the characters for names, and the names that none has. Of two, the first of `characters` wins.

    ``@mia-like`` is Mia where there is no Mia-like: a name may be followed by a hyphen and more.
    """
    known: dict[str, Character] = {}
    for character in characters:
        known.setdefault(character.key, character)
    found: dict[str, Character] = {}
    missing: list[str] = []
    for name in names:
        matching = [known[key] for part in _shortened(name) if (key := folded(part)) in known]
        if matching:
            found.setdefault(matching[0].id, matching[0])
        else:
            missing.append(name)
    return tuple(found.values()), tuple(missing)


def _shortened(name: str) -> list[str]:
    parts = name.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def picture_to_json(picture: CharacterPicture) -> Mapping[str, Any]:
    """Return what an audit entry says about a picture."""
    return {"sha256": picture.reference.sha256, "image_id": picture.image_id}

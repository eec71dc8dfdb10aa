"""What a model gets of a conversation: the path from the root to the head, and what gives way when it is too
much.

The rule, in this order, until the request fits:

1. pictures of the turns in the middle, the oldest first;
2. pictures of the root; those of the head and of the newest words always stay;
3. whole turns in the middle, the oldest first, where even the words are too many.

What stays goes exactly as it was sent and as it came. Turns of another family of models are an exception:
their signatures mean nothing to this one, so that their pictures go along as plain pictures with the next
words. So do those of turns whose messages were deleted: neither the words go along, nor the model's content,
which may repeat them, nor the signature that was made from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.calls import Content, ModelContent, UserContent
from bot.domain.conversations import Step, TurnNote
from bot.domain.pricing import CHARS_PER_TOKEN, INPUT_IMAGE_TOKENS
from bot.domain.requests import Reference

PICTURE_HOLDERS = ("inlineData", "inline_data")
LEFT_OUT = "(An earlier version of the picture, left out.)"
_EARLIER_ONE = "The first picture is an earlier version{made}. Go on from it, unless told otherwise."
_EARLIER = (
    "The first {count} pictures are earlier versions{made}, the oldest first. Go on from the last of these, "
    "unless told otherwise."
)
_ELSEWHERE = ", made by another model"


@dataclass(frozen=True, slots=True)
class Room:
    """How much one request may hold."""

    pictures: int = 40
    tokens: int = 60_000  # Google's image models read 65,536
    bytes: int = 90 * 2**20  # of the request, pictures as base64; Google takes 100 MB (facts-gemini)


@dataclass(frozen=True, slots=True)
class History:
    """The contents of a request, the newest words last, and what has to be said about them."""

    contents: tuple[Content, ...]
    notes: tuple[TurnNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One step on its way into a request."""

    step: Step
    own: bool  # the model's words go back verbatim
    pictures: bool = True

    @property
    def weights(self) -> list[int]:
        """Bytes of each picture that it brings."""
        if not self.pictures:
            return []
        given = [picture.size for picture in _given(self.step)]
        if self.own:
            return given + [size for sha, size in self.step.sizes.items() if sha not in self.step.removed]
        return given + ([self.step.result.size] if self.step.result else [])

    @property
    def letters(self) -> int:
        """Characters of its words."""
        texts = sum(map(len, self.step.said.texts))
        return texts + (self.step.raw_bytes if self.own else 0)


def build_history(path: Sequence[Step], newest: UserContent, *, family: str, room: Room) -> History:
    """Return the contents for the newest words after a path, for a model of this family."""
    start = max((at for at, step in enumerate(path) if step.alone), default=0)
    parts = [_Part(step, step.family == family and step.raw is not None) for step in path[start:]]
    fitted = _fitted(parts, newest, room)
    notes = []
    if fitted != parts:
        notes.append(TurnNote.LEFT_OUT)
    if any(part.step.retracted for part in parts):
        notes.append(TurnNote.RETRACTED)
    if any(not part.own and not part.step.retracted for part in parts):
        notes.append(TurnNote.OTHER_MODEL)
    return History(_contents(fitted, newest), tuple(notes))


def from_head_alone(path: Sequence[Step], newest: UserContent) -> UserContent:
    """Return the newest words with the head's picture and nothing else of what was said before."""
    result = path[-1].result if path else None
    return newest if result is None else replace(newest, pictures=(result, *newest.pictures))


# --- what gives way ---------------------------------------------------------------------------------------


def _fitted(parts: Sequence[_Part], newest: UserContent, room: Room) -> list[_Part]:
    fitted = list(parts)
    middle = range(1, len(parts) - 1)
    for at in (*middle, *([0] if len(parts) > 1 else [])):
        if _fits(fitted, newest, room):
            return fitted
        fitted[at] = replace(fitted[at], pictures=False)
    while not _fits(fitted, newest, room) and len(fitted) > 2:
        del fitted[1]
    return fitted


def _fits(parts: Sequence[_Part], newest: UserContent, room: Room) -> bool:
    weights = [size for part in parts for size in part.weights] + [item.size for item in newest.pictures]
    letters = sum(part.letters for part in parts) + sum(map(len, newest.texts))
    tokens = sum(sum(map(len, part.step.said.texts)) for part in parts) + sum(map(len, newest.texts))
    return (
        len(weights) <= room.pictures
        and tokens // CHARS_PER_TOKEN + len(weights) * INPUT_IMAGE_TOKENS <= room.tokens
        and letters + sum((size + 2) // 3 * 4 for size in weights) <= room.bytes
    )


# --- what is sent -----------------------------------------------------------------------------------------


def _contents(parts: Sequence[_Part], newest: UserContent) -> tuple[Content, ...]:
    contents: list[Content] = []
    carried: list[Reference] = []
    made = ""  # by whom what is carried was made, where that is another model
    for part in parts:
        step = part.step
        if part.own and step.raw is not None:
            said = replace(step.said, pictures=_given(step) if part.pictures else ())
            contents += [_carrying(carried, said, made), ModelContent(_verbatim(part, step.raw))]
            carried, made = [], ""
        elif part.pictures:
            carried += [*_given(step), *([step.result] if step.result else [])]
            made = made if step.retracted else _ELSEWHERE
    return (*contents, _carrying(carried, newest, made))


def _given(step: Step) -> tuple[Reference, ...]:
    return tuple(picture for picture in step.said.pictures if picture.sha256 not in step.removed)


def _carrying(carried: Sequence[Reference], said: UserContent, made: str) -> UserContent:
    """Put pictures that cannot go as they came before somebody's words, and say what they are."""
    if not carried:
        return said
    text = (_EARLIER_ONE if len(carried) == 1 else _EARLIER).format(count=len(carried), made=made)
    return UserContent((text, *said.texts), (*carried, *said.pictures))


def _verbatim(part: _Part, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a model's content as it came; only pictures that may not go along are taken out."""
    parts = raw.get("parts")
    if not isinstance(parts, list | tuple):
        return raw
    kept = [item for item in parts if not _goes(item, part)]
    if len(kept) == len(parts):
        return raw
    return {**raw, "parts": kept or [{"text": LEFT_OUT}]}


def _goes(item: Any, part: _Part) -> bool:
    """Whether a part of a model's content is a picture that is left out."""
    for holder in PICTURE_HOLDERS:
        inline = item.get(holder) if isinstance(item, Mapping) else None
        data = inline.get("data") if isinstance(inline, Mapping) else None
        if isinstance(data, Mapping):
            return not part.pictures or data.get("blob") in part.step.removed
    return False

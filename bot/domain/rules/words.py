"""A server's own words: what it refuses beside the packaged rules, and what is harmless there."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.rules.letters import Letters
from bot.domain.rules.lists import has_words, key_of
from bot.domain.rules.ruleset import Listed
from bot.domain.templates import one_line
from bot.errors import InvalidRequest, Problem

LONGEST_ENTRY = 80  # characters
MOST_ENTRIES = 20_000  # of one server
MOST_FILE_BYTES = 4 * 1024 * 1024
_ALLOW_MARK = "+"  # at the beginning of a line of a file


@dataclass(frozen=True, slots=True)
class ServerWords:
    """The list of one server. Version 0: nobody has written anything yet."""

    guild_id: int
    entries: tuple[tuple[Listed, str], ...] = ()
    version: int = 0
    updated_at: int = 0  # UTC milliseconds
    updated_by: int = 0

    def of(self, kind: Listed) -> list[str]:
        """The entries of one kind, in the order of the alphabet."""
        return sorted((text for does, text in self.entries if does is kind), key=str.casefold)

    def changed(self, entries: Iterable[tuple[Listed, str]], now: int, by: int) -> ServerWords:
        """Return the next version with other entries."""
        return replace(self, entries=tuple(entries), version=self.version + 1, updated_at=now, updated_by=by)


def checked_entry(text: str, letters: Letters) -> str:
    """Return an entry as it is kept; raise InvalidRequest where it could match nothing, or is too long."""
    entry = one_line(text)
    if len(entry) > LONGEST_ENTRY:
        raise InvalidRequest(Problem.WORD_TOO_LONG, length=len(entry), limit=LONGEST_ENTRY)
    if not has_words(entry, letters):
        raise InvalidRequest(Problem.WORD_EMPTY)
    return entry


def merged(
    old: Sequence[tuple[Listed, str]], new: Iterable[tuple[Listed, str]], letters: Letters
) -> tuple[tuple[tuple[Listed, str], ...], int]:
    """Return a list with new entries, and how many were really new; raise InvalidRequest for too many.

    Of two that match the same, the first is kept; what was blocked and is now allowed (or the other way
    round) is moved.
    """
    known = {key_of(text, letters): (does, text) for does, text in old}
    added = 0
    for does, text in new:
        key = key_of(text, letters)
        if key not in known or known[key][0] is not does:
            known[key] = (does, text)
            added += 1
    if len(known) > MOST_ENTRIES:
        raise InvalidRequest(Problem.TOO_MANY_WORDS, count=len(known), limit=MOST_ENTRIES)
    return tuple(known.values()), added


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file of words holds. `skipped` counts lines that are no entries."""

    entries: tuple[tuple[Listed, str], ...]
    skipped: int


def read_file(data: bytes, letters: Letters, *, table: bool = False) -> ReadFile:
    """Read a file of words: one entry a line; a plus sign before it makes it an exception.

    Of a `table` (CSV) the first column counts. Nothing else has a meaning: brackets and stars are plain
    text. Empty lines and lines that begin with a number sign are no entries. Raises InvalidRequest for what
    is no text, and for more lines than a list has room for.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest(Problem.WORDS_UNREADABLE) from None
    if "\0" in text:
        raise InvalidRequest(Problem.WORDS_UNREADABLE)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) > MOST_ENTRIES:
        raise InvalidRequest(Problem.TOO_MANY_WORDS, count=len(lines), limit=MOST_ENTRIES)
    entries: dict[tuple[Listed, str], None] = {}
    skipped = 0
    for line in lines:
        field = (_first_field(line) if table else line).strip()
        allowed = field.startswith(_ALLOW_MARK)
        try:
            entry = checked_entry(field.removeprefix(_ALLOW_MARK), letters)
        except InvalidRequest:
            skipped += 1
        else:
            entries[Listed.ALLOW if allowed else Listed.BLOCK, entry] = None
    return ReadFile(tuple(entries), skipped)


def _first_field(line: str) -> str:
    delimiter = ";" if ";" in line and "," not in line else ","
    try:
        return next(csv.reader([line], delimiter=delimiter), [""])[0]
    except (csv.Error, IndexError):
        return ""


def write_file(words: ServerWords) -> bytes:
    """Return a list as a file that `read_file` reads."""
    lines = [*words.of(Listed.BLOCK), *(f"{_ALLOW_MARK}{text}" for text in words.of(Listed.ALLOW))]
    return "".join(f"{line}\n" for line in lines).encode()


def to_json(entries: Iterable[tuple[Listed, str]]) -> list[list[str]]:
    """Return entries as plain JSON values."""
    return [[does.value, text] for does, text in entries]


def from_json(data: Sequence[Sequence[Any]]) -> tuple[tuple[Listed, str], ...]:
    """Read what `to_json` wrote."""
    return tuple((Listed(does), str(text)) for does, text in data)


def changes(
    old: Sequence[tuple[Listed, str]], new: Sequence[tuple[Listed, str]]
) -> Mapping[str, Sequence[str]]:
    """Return what a change did, for the record; of many entries only how many there were."""
    before, after = dict.fromkeys(map(_shown, old)), dict.fromkeys(map(_shown, new))
    added = [item for item in after if item not in before]
    removed = [item for item in before if item not in after]
    return {"added": _few(added), "removed": _few(removed)}


def _shown(entry: tuple[Listed, str]) -> str:
    does, text = entry
    return f"{_ALLOW_MARK}{text}" if does is Listed.ALLOW else text


def _few(items: Sequence[str]) -> Sequence[str]:
    return items if len(items) <= 50 else [*items[:50], f"… and {len(items) - 50} more"]

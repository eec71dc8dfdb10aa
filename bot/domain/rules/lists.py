"""Lists of words and phrases, compiled to be found in texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.domain.rules.letters import Letters
from bot.domain.rules.reading import plain_words, read

LONGEST_PHRASE = 12  # words; an entry of 80 characters has hardly more
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}

Tag = TypeVar("Tag")


@dataclass(frozen=True, slots=True)
class Match(Generic[Tag]):
    """Something of a list that was found in a text: what it belongs to, and its places."""

    tag: Tag
    entry: str
    start: int
    end: int  # behind the last place

    def covers(self, other: Match[Tag]) -> bool:
        """Whether all of another match lies within this one."""
        return self.start <= other.start and other.end <= self.end


@dataclass(slots=True)
class _Node(Generic[Tag]):
    following: dict[str, _Node[Tag]] = field(default_factory=dict)
    entries: list[tuple[Tag, str]] = field(default_factory=list)


class WordList(Generic[Tag]):
    """Entries with what they belong to. Compiled once and never changed, so that threads may share it.

    An entry is a word or a phrase as plain text: nothing in it has a special meaning. One in which no word
    is left (marks, spaces) matches nothing.
    """

    def __init__(self, letters: Letters, entries: Iterable[tuple[Tag, str]]) -> None:
        self._letters = letters
        self._root: _Node[Tag] = _Node()
        known: set[str] = set()
        for tag, entry in entries:
            for spelling in _spellings(entry):
                words = plain_words(letters.fold(spelling))[: LONGEST_PHRASE + 1]
                if _can_match(words):
                    self._add(words, tag, entry)
                    known.update(words)
        self._known = frozenset(known)

    def _add(self, words: Sequence[str], tag: Tag, entry: str) -> None:
        node = self._root
        for word in words:
            following = node.following.get(word)
            if following is None:
                following = node.following[word] = _Node()
            node = following
        if (tag, entry) not in node.entries:
            node.entries.append((tag, entry))

    def find(self, text: str) -> list[Match[Tag]]:
        """Return everything of this list that a text says, in whatever spelling."""
        reading = read(self._letters.fold(text), self._known)
        return [match for start in range(len(reading.steps)) for match in self._from(start, reading.steps)]

    def _from(self, start: int, steps: Sequence[Sequence[tuple[str, int]]]) -> Iterator[Match[Tag]]:
        front = {(start, id(self._root)): self._root}
        while front:
            ahead: dict[tuple[int, int], _Node[Tag]] = {}
            for (place, _), node in front.items():
                if place < len(steps) and node.following:
                    for word, behind in steps[place]:
                        following = node.following.get(word)
                        if following is not None:
                            ahead[behind, id(following)] = following
            for (behind, _), node in ahead.items():
                for tag, entry in node.entries:
                    yield Match(tag, entry, start, behind)
            front = ahead


def has_words(entry: str, letters: Letters) -> bool:
    """Whether enough is left of an entry when it is compared: two letters or digits, or one character of a
    writing in which that can be a word. What is left of ``(a+)+$`` is the word a, in nearly every text."""
    return _can_match(plain_words(letters.fold(entry)))


def _can_match(words: Sequence[str]) -> bool:
    if not 0 < len(words) <= LONGEST_PHRASE:
        return False
    text = "".join(words)
    return len(text) > 1 or not text.isascii()


def key_of(entry: str, letters: Letters) -> str:
    """Return what two entries that match the same have in common."""
    return " ".join(plain_words(letters.fold(entry)))


def _spellings(entry: str) -> Iterable[str]:
    """An entry, and with ae, oe and ue where it has umlauts."""
    yield entry
    lowered = entry.lower()
    for umlaut, pair in _UMLAUTS.items():
        lowered = lowered.replace(umlaut, pair)
    if lowered != entry.lower():
        yield lowered

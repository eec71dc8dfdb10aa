"""What a text breaks: the packaged rules and a server's own list, as strictly as its server wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.rules.ages import under_age
from bot.domain.rules.letters import Letters
from bot.domain.rules.lists import Match, WordList
from bot.domain.rules.noise import is_gibberish, is_repetition
from bot.domain.rules.packaged import Category, Level, Packaged

MINORS = "minors"  # the category whose second list has the ages, too
OWN = "server_list"
REPETITION = "repetition"
GIBBERISH = "gibberish"


class Strictness(StrEnum):
    """How much a server refuses beyond what is refused everywhere: what no server may allow, and prompts that
    are nothing but repetition or gibberish."""

    RELAXED = "relaxed"  # nothing but its own list
    STANDARD = "standard"
    STRICT = "strict"  # also what is mild, and prompts that are mostly repetition or gibberish


class Part(StrEnum):
    """Which of a category's lists an entry stands in."""

    WORDS = "words"
    FIRST = "first"
    SECOND = "second"
    EXCEPTION = "exception"


class Listed(StrEnum):
    """What an entry of a server's own list does."""

    BLOCK = "block"
    ALLOW = "allow"  # what it says is harmless, although a word in it is listed


Tag = tuple[str, str]  # category and part; of a server's list: OWN and what the entry does
_LEVELS: Mapping[Strictness, frozenset[Level]] = {
    Strictness.RELAXED: frozenset({Level.ALWAYS}),
    Strictness.STANDARD: frozenset({Level.ALWAYS, Level.STANDARD}),
    Strictness.STRICT: frozenset(Level),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How strictly a text is judged where it was written."""

    strictness: Strictness = Strictness.STANDARD
    relaxed_here: bool = False  # an age-restricted channel of a server that relaxes what it may there
    says_nothing: bool = False  # a text that says nothing is fine here: a name


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a text breaks, and the entries that say so (for moderators, never for the writer)."""

    rule: str  # a category's name, OWN, REPETITION or GIBBERISH
    entries: tuple[str, ...] = ()


class Ruleset:
    """The packaged rules, compiled once."""

    def __init__(self, packaged: Packaged, letters: Letters) -> None:
        self.letters = letters
        self._categories = packaged.categories
        self._list: WordList[Tag] = WordList(letters, _entries(packaged))

    def compile_own(self, entries: Iterable[tuple[Listed, str]]) -> WordList[Tag]:
        """Compile a server's own list. A long one takes a second: not on the event loop."""
        return WordList(self.letters, (((OWN, does.value), text) for does, text in entries))

    def judge(
        self, said: str, standing: Standing, own: WordList[Tag] | None = None, before: str = ""
    ) -> Finding | None:
        """Return the gravest rule that a text breaks, or None.

        `before` goes to the provider before it: its words count like those of the text, but whether the text
        says anything is asked of that alone.
        """
        text = f"{before}\n{said}" if before else said
        found = self._list.find(text)
        exceptions = [match for match in found if match.tag[1] == Part.EXCEPTION]
        found = [match for match in found if not _is_covered(match, exceptions)]
        own_found = own.find(text) if own is not None else []
        allowed = [match for match in own_found if match.tag[1] == Listed.ALLOW]
        levels = _LEVELS[standing.strictness]
        for category in self._categories:
            if category.level not in levels or (category.relaxable and standing.relaxed_here):
                continue
            matches = [match for match in found if match.tag[0] == category.name]
            if category.level is not Level.ALWAYS:  # what no server may allow, none can except
                matches = [match for match in matches if not _is_covered(match, allowed)]
            if matches and (broken := _broken(category, matches)):
                return broken
        blocked = [match for match in own_found if match.tag[1] == Listed.BLOCK]
        if entries := _named(match for match in blocked if not _is_covered(match, allowed)):
            return Finding(OWN, entries)
        return None if standing.says_nothing else _noise(said, standing.strictness is Strictness.STRICT)


def _noise(text: str, strict: bool) -> Finding | None:
    if is_repetition(text, strict=strict):
        return Finding(REPETITION)
    return Finding(GIBBERISH) if is_gibberish(text, strict=strict) else None


def _entries(packaged: Packaged) -> Iterator[tuple[Tag, str]]:
    for category in packaged.categories:
        first, second = category.together
        if category.name == MINORS:
            second = (*second, *under_age())
        for part, words in ((Part.WORDS, category.words), (Part.FIRST, first), (Part.SECOND, second)):
            yield from (((category.name, part.value), word) for word in words)
    yield from ((("", Part.EXCEPTION.value), word) for word in packaged.exceptions)


def _is_covered(match: Match[Tag], by: Sequence[Match[Tag]]) -> bool:
    return any(other.covers(match) for other in by if other is not match)


def _broken(category: Category, matches: Sequence[Match[Tag]]) -> Finding | None:
    by_part = {part: _named(match for match in matches if match.tag[1] == part) for part in Part}
    if by_part[Part.WORDS]:
        return Finding(category.name, by_part[Part.WORDS])
    if by_part[Part.FIRST] and by_part[Part.SECOND]:
        return Finding(category.name, (by_part[Part.FIRST][0], by_part[Part.SECOND][0]))
    return None


def _named(matches: Iterable[Match[Tag]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.entry for match in matches))[:5]

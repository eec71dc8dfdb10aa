"""A text as the words that it can be read as.

A text is a row of places, one for each plain word. From each place lead steps: a word, and the place behind
it. Most words have one step; a word that is written with digits, signs, stars, stretched letters, or letter
by letter has more. Only words that a list knows become steps, so that there are few of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.domain.rules.letters import DIGITS, EITHER, SIGNS

MOST_READINGS = 32  # of one word
LONGEST_SPELLED = 20  # letters of a word that is written letter by letter
# Writing without spaces: each character is a word of its own, and a listed word is several in a row.
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_NO_SPACES}]|[^\W_{_NO_SPACES}]+")
_CHUNK = re.compile(r"(\s*)(\S+)")
_APOSTROPHES = re.compile(r"(?<=\w)['’`´](?:s\b|(?=\w))")  # a possessive s goes, too
_SIGNS = "".join(re.escape(sign) for sign in SIGNS)
# Within a chunk, parts are what stands between marks that are neither letters nor stand for one.
_PART = re.compile(rf"[^\W_]*(?:[{_SIGNS}*#]{{1,4}}[^\W_]+)*[{_SIGNS}]*|[{_SIGNS}]{{3,}}")
_STRETCHED = re.compile(r"(.)\1{2,}")
_VOWELS = "aeiouy"
# Short words that are not half of another one.
_WHOLE_TEXT = """
    a an as at am be by do go he hi if in is it its me my no of oh ok on or so to up us we and for
    but not you all can her was one our out his has had how man new now old see two way who boy did
    let put say she too use the art sun sea sky red ink ad alt im bei bin da das den der die du ein
    er es hat ich ihr ist ja mit nun ob um uns vor war wie wir wo zu zum
"""
_WHOLE = frozenset(_WHOLE_TEXT.split())

Step = tuple[str, int]  # a word, and the place behind it


@dataclass(frozen=True, slots=True)
class Reading:
    """The places of a text, the plain words at them, and the steps from each."""

    words: tuple[str, ...]
    steps: tuple[tuple[Step, ...], ...]


def plain_words(folded: str) -> list[str]:
    """Return the words of a folded text as they stand there."""
    return _WORD.findall(_APOSTROPHES.sub("", folded).replace(EITHER, "i"))


def read(folded: str, known: AbstractSet[str]) -> Reading:
    """Return how a folded text can be read with the words that a list knows."""
    places = _Places(known)
    for before, chunk in _CHUNK.findall(_APOSTROPHES.sub("", folded)):
        places.add_chunk(chunk, apart=len(before) > 1)
    places.add_spelled()
    places.add_halves()
    return places.reading()


class _Places:
    def __init__(self, known: AbstractSet[str]) -> None:
        self._known = known
        self._words: list[str] = []
        self._alone: list[bool] = []  # a word that is a whole chunk, but for marks around it
        self._apart: set[int] = set()  # places with a wider space before them
        self._steps: list[set[Step]] = []

    def reading(self) -> Reading:
        return Reading(tuple(self._words), tuple(tuple(sorted(steps)) for steps in self._steps))

    def add_chunk(self, chunk: str, *, apart: bool) -> None:
        """Add what stands between two spaces."""
        first = len(self._words)
        if apart:
            self._apart.add(first)
        pieces: list[str] = []
        for part in _PART.findall(chunk):
            if len(part) > 2 or _WORD.search(part):
                pieces.append(self._add_part(part))
        behind = len(self._words)
        if behind - first == 1:
            self._alone[first] = True
        elif 1 < behind - first <= LONGEST_SPELLED:  # b.o.o.k, bo-ok
            self._offer(first, behind, _readings("".join(pieces)))
            self._offer(first, behind, _readings("".join(pieces).rstrip(EITHER)))

    def _add_part(self, part: str) -> str:
        """Add a part and return what it is when everything that stands for a letter is one."""
        first = len(self._words)
        words = _WORD.findall(part)
        for word in words:
            self._add_word(word)
        if not words:  # signs alone
            self._add_word(part)
        signed = "".join(SIGNS.get(char, char) for char in part)
        if signed != part or EITHER in part or len(words) > 1:
            end = len(self._words)
            for text in {signed, signed.rstrip(EITHER)}:
                self._offer(first, end, _unmasked(text))
        return signed

    def _add_word(self, word: str) -> None:
        place = len(self._words)
        self._words.append(word)
        self._alone.append(False)
        self._steps.append(set())
        self._offer(place, place + 1, _readings(word))

    def _offer(self, start: int, end: int, readings: Sequence[str] | Iterator[str]) -> None:
        for word in itertools.islice(readings, MOST_READINGS * 8):
            if word in self._known:
                self._steps[start].add((word, end))

    def add_spelled(self) -> None:
        """Add words that are written letter by letter: b o o k, b-o-o-k."""
        letters = [_digits(word) if len(word) == 1 else "" for word in self._words]
        for single, run in itertools.groupby(range(len(letters)), key=lambda place: bool(letters[place])):
            places = list(run)
            if single and len(places) > 2:
                self._add_run(letters, places[0], places[-1] + 1)
            if single:
                self._add_apart(letters, places)

    def _add_run(self, letters: Sequence[str], first: int, end: int) -> None:
        starts = first + 1 if letters[first] in "ai" else first
        for start in range(first, end - 2):
            spelled = letters[start] + letters[start + 1]
            for behind in range(start + 3, min(end, start + LONGEST_SPELLED) + 1):
                spelled += letters[behind - 1]
                if behind - start == 3 and start > starts and behind < end:
                    continue  # three letters within a longer row are an accident
                if EITHER in spelled:
                    self._offer(start, behind, _strokes(spelled, most=2))
                elif spelled in self._known:
                    self._steps[start].add((spelled, behind))

    def _add_apart(self, letters: Sequence[str], places: Sequence[int]) -> None:
        """Add short words of a row in which words are told apart by wider spaces."""
        starts = [at for at in places if at in self._apart or at == places[0]]
        for start, end in itertools.pairwise([*starts, places[-1] + 1]):
            if 1 < end - start <= LONGEST_SPELLED:
                self._offer(start, end, _strokes("".join(letters[start:end])))

    def add_halves(self) -> None:
        """Add words that a space was put into, where one half cannot be a word."""
        for count in (2, 3):
            for start in range(len(self._words) - count + 1):
                halves = self._words[start : start + count]
                if all(self._alone[start : start + count]) and _are_halves(halves):
                    self._offer(start, start + count, _readings("".join(halves)))


def _are_halves(halves: Sequence[str]) -> bool:
    length = sum(map(len, halves))
    if not 4 <= length <= LONGEST_SPELLED or any(half in _WHOLE for half in halves if len(half) > 1):
        return False
    if length == 4:
        return any(len(half) > 1 and _has_no_vowel(half) for half in halves) or len(halves[-1]) == 1
    return any(_has_no_vowel(half) or len(half) == 1 for half in halves)


def _has_no_vowel(text: str) -> bool:
    return not any(char in _VOWELS for char in text)


# --- ways to read one word --------------------------------------------------------------------------------


def _readings(word: str) -> Iterator[str]:
    """The ways to read a word: as it is, its digits and strokes as letters, its stretched letters as one or
    two, an l as an i."""
    yield word
    if not word.isascii():
        return
    spellings = [word]
    if (EITHER in word or any(char in DIGITS for char in word)) and not word.isdigit():
        spellings = list(itertools.islice(_strokes(_digits(word)), MOST_READINGS))
        if EITHER in word and word[0] == "i":  # a capital I may begin a word, and be an l there, too
            spellings += [f"l{spelling[1:]}" for spelling in spellings]
        yield from spellings
    for spelling in spellings:
        if _STRETCHED.search(spelling):
            yield from itertools.islice(_shortened(spelling), MOST_READINGS)
        if "l" in spelling and len(spelling) > 2:
            yield from (
                spelling[:at] + "i" + spelling[at + 1 :]
                for at, char in enumerate(spelling[:16])
                if char == "l"
            )


def _digits(word: str) -> str:
    return "".join(DIGITS.get(char, char) for char in word)


def _strokes(word: str, most: int = 4) -> Iterator[str]:
    """Read each stroke as i or as l; where there are many, all alike."""
    count = word.count(EITHER)
    if not count:
        yield word
        return
    if count > most:
        yield word.replace(EITHER, "i")
        yield word.replace(EITHER, "l")
        return
    for letters in itertools.product("il", repeat=count):
        chosen = iter(letters)
        yield "".join(next(chosen) if char == EITHER else char for char in word)


def _shortened(word: str) -> Iterator[str]:
    """Read each stretched letter as one and as two of it."""
    runs = len(_STRETCHED.findall(word))
    if runs > 4:
        yield _STRETCHED.sub(r"\1", word)
        yield _STRETCHED.sub(r"\1\1", word)
        return
    for lengths in itertools.product((1, 2), repeat=runs):
        chosen = iter(lengths)
        yield _STRETCHED.sub(_cut(chosen), word)


def _cut(lengths: Iterator[int]) -> Callable[[re.Match[str]], str]:
    return lambda match: match[1] * next(lengths)


def _unmasked(text: str) -> Iterator[str]:
    """Read a star between letters as a vowel, or as nothing."""
    text = text.strip("*#")
    masked = text.replace("#", "*")
    count = masked.count("*")
    yield from _readings(masked.replace("*", ""))
    if 0 < count <= 2:
        for vowels in itertools.product(_VOWELS[:5], repeat=count):
            chosen = iter(vowels)
            yield from _readings("".join(next(chosen) if char == "*" else char for char in masked))

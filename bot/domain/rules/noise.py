"""Prompts that say nothing: endless repetition and gibberish.

Everywhere a text is refused that is nothing but one character or syllable over and over, or nothing but words
that nobody can say; a single word beside it that says something lets it pass. Strict servers refuse more:
what is mostly repetition, one word over and over, marks alone. A word over and over can still be drawn, and
marks may be a picture made of characters, so that they are for those servers alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_LONG_RUN = 30  # the same character so often in a row
_MANY_WORDS = 20
_MOST_OF_THEM = 0.6  # of many words being the same one
_FEW_LETTERS = 0.3
_LONG = 24  # characters
_CLEARLY_LONG = 40  # characters of nothing but one of them, or of one syllable
_PERIODS = (1, 2, 3, 4)  # letters of a syllable: hahaha, asdfasdf, 1 1 1
_LETTERS = 2  # a piece between spaces that is no word yet
_STRETCHED = 9  # a piece that is no word any more
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile(r"[aeiouyäöüáàâãåéèêëíìîïóòôõúùûýæœø]")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_FEW_VOWELS = 0.22
_CLEARLY_MANY = 3  # words that nobody can say, and no other
_CLEARLY_ODD = 20  # letters of such words
_AROUND = ".,;:!?"
_SHORT = 3  # letters: what is shorter is no sign of sense, nor of the lack of it


def is_repetition(text: str, *, strict: bool) -> bool:
    """Whether a text is nothing but one thing over and over; for strict servers, mostly."""
    return _is_one_syllable(text) or (strict and _is_mostly_one_thing(text))


def is_gibberish(text: str, *, strict: bool) -> bool:
    """Whether nothing in a text is a word; for strict servers, hardly anything. What is not written in Latin
    letters is never judged by its vowels, and pictures made of emoji are words of their own."""
    return _is_unspeakable_alone(text) or (strict and _is_hardly_a_word(text))


def _is_one_syllable(text: str) -> bool:
    pieces = text.casefold().split()
    said = "".join(pieces)
    if len(said) < _CLEARLY_LONG or not all(char.islower() or char.isdecimal() for char in said):
        return False
    if len(pieces) > 1 and any(_LETTERS < len(piece) < _STRETCHED for piece in pieces):
        return False  # words
    return any(said == (said[:period] * (len(said) // period + 1))[: len(said)] for period in _PERIODS)


def _is_mostly_one_thing(text: str) -> bool:
    run, before = 0, ""
    for char in text:
        run = run + 1 if char == before else 1
        before = char
        if run >= _LONG_RUN and not char.isspace():
            return True
    words = text.casefold().split()
    if len(words) < _MANY_WORDS:
        return False
    return Counter(words).most_common(1)[0][1] / len(words) > _MOST_OF_THEM


def _is_unspeakable_alone(text: str) -> bool:
    words = [word for piece in text.casefold().split() if len(word := piece.strip(_AROUND)) >= _SHORT]
    odd = [word for word in words if len(word) > 4 and _is_latin(word) and _is_unspeakable(word)]
    if len(odd) < len(words) or not odd:  # a code or an address is no word, and says something
        return False
    return len(odd) >= _CLEARLY_MANY or sum(map(len, odd)) >= _CLEARLY_ODD


def _is_hardly_a_word(text: str) -> bool:
    shown = [char for char in text if not char.isspace()]
    if len(shown) >= _LONG and sum(map(_says_something, shown)) / len(shown) < _FEW_LETTERS:
        return True
    words = [word for word in _WORD.findall(text.casefold()) if len(word) > 4 and _is_latin(word)]
    if not words:
        return False
    odd = [word for word in words if _is_unspeakable(word)]
    return len(odd) * 2 > len(words) and (len(odd) > 1 or len(odd[0]) > 7)


def _says_something(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) in ("So", "Sk", "Mn", "Mc", "Cf")


def _is_unspeakable(word: str) -> bool:
    """Long rows of consonants are German, too; there are vowels around them there."""
    return _CONSONANTS.search(word) is not None and len(_VOWELS.findall(word)) < len(word) * _FEW_VOWELS


def _is_latin(word: str) -> bool:
    return all("LATIN" in unicodedata.name(char, "") for char in word[:12])

"""Prompts that say nothing: endless repetition and gibberish. For servers that are strict about them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_LONG_RUN = 30  # the same character so often in a row
_MANY_WORDS = 20
_MOST_OF_THEM = 0.6  # of many words being the same one
_FEW_LETTERS = 0.3
_LONG = 24  # characters
_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = re.compile(r"[aeiouyäöüáàâãåéèêëíìîïóòôõúùûýæœø]")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_FEW_VOWELS = 0.22


def is_repetition(text: str) -> bool:
    """Whether a text is mostly one thing over and over."""
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


def is_gibberish(text: str) -> bool:
    """Whether hardly anything in a text is a word. What is not written in Latin letters is never judged by
    its vowels, and pictures made of emoji are words of their own."""
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

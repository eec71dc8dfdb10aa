"""Letters as they are compared: without case, accents and invisible characters, look-alikes as what they
look like."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

EITHER = "|"  # a stroke that may be read as i or as l
# Signs that stand for a letter within a word. What may be two letters is `EITHER`, or the likelier one.
SIGNS: Mapping[str, str] = {
    "@": "a",
    "$": "s",
    "€": "e",
    "£": "l",
    "¥": "y",
    "¢": "c",
    "!": EITHER,
    "¡": "i",
    "|": EITHER,
    "+": "t",
}
DIGITS: Mapping[str, str] = {
    "0": "o",
    "1": EITHER,
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "g",
    "7": "t",
    "8": "b",
    "9": "g",
}
# Letters in boxes, discs and flags are in the order of the alphabet, and most of them decompose to nothing.
_ALPHABETS = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6, 0xE0041, 0xE0061)
_INVISIBLE = ("Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn")
_BLANK = "\u115f\u1160\u3164\uffa0\u034f\u2800"


class Letters:
    """Turns a text into what it is compared as. `lookalikes` maps characters to small letters of ASCII."""

    def __init__(self, lookalikes: Mapping[str, str]) -> None:
        self._lookalikes = lookalikes
        self._known: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """Return `text` in small letters of ASCII as far as it has any; white space is a plain space.

        A capital I in the middle of small letters looks like an l, and becomes `EITHER`.
        """
        if text.isascii() and "I" not in text:
            return text.lower()
        folded: list[str] = []
        after_small = False
        for char in text:
            if char == "I" and after_small:
                folded.append(EITHER)
                continue
            folded.append(self._known.get(char) or self._look_up(char))
            after_small = char.islower()
        return "".join(folded)

    def _look_up(self, char: str) -> str:
        found = self._folded(char)
        if found and len(self._known) < 10_000:  # all that people write; not all that Unicode has
            self._known[char] = found
        return found

    def _folded(self, char: str) -> str:
        if char.isspace():
            return " "
        code = ord(char)
        for first in _ALPHABETS:
            if first <= code < first + 26:
                return chr(ord("a") + code - first)
        if char in _BLANK or unicodedata.category(char) in _INVISIBLE:
            return ""
        if char in SIGNS or char.casefold().isascii():
            return char.casefold()
        plain = "".join(
            part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part) != "Mn"
        )
        return "".join(self._looks_like(part) for part in plain.casefold())

    def _looks_like(self, char: str) -> str:
        return char if char.isascii() else self._lookalikes.get(char, char)

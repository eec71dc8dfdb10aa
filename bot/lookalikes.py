"""Which characters look like a letter: Unicode's table of confusables, as a library ships it.

The table knows pairs of characters; what is needed here is the small letter of ASCII that a character is
taken for. Letters of other alphabets that people use for their looks although the table does not call them
confusable are added by hand.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from confusable_homoglyphs import confusables

_BY_HAND = {
    **dict(zip("вгкмнптияшщзлуцъьэ", "brkmhntnrwweayubbe", strict=True)),
    **dict(zip("αβγδεζηικλμνξοπρστυφχψω", "abydezniklmveonpotuoxyw", strict=True)),
    **dict(zip("ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ", "acefghijkmrtvwy", strict=True)),
}
_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "
_WITH = ("LATIN SMALL LETTER ", "LATIN CAPITAL LETTER ")


def load_lookalikes() -> Mapping[str, str]:
    """Return what characters beyond ASCII are read as: one or more small letters of ASCII."""
    found: dict[str, str] = {}
    for char, pairs in confusables.confusables_data.items():
        if len(char) == 1 and not char.isascii() and (letters := _letters(pairs)):
            found[char] = letters
    for code in range(0xC0, 0x2C80):  # alphabets that the table leaves out, told by their names
        char = chr(code)
        if char not in found and (letter := _named(char)):
            found[char] = letter
    return {**found, **_BY_HAND}


def _letters(pairs: list[dict[str, str]]) -> str:
    for pair in pairs:
        plain = "".join(part for part in pair["c"] if unicodedata.category(part) != "Mn").lower()
        if plain.isascii() and plain.isalpha() and len(plain) <= 2:
            return plain
    return ""


def _named(char: str) -> str:
    name = unicodedata.name(char, "")
    for prefix in (_SMALL_CAPITAL, *_WITH):
        rest = name.removeprefix(prefix)
        if rest != name:
            letter = rest.partition(" WITH ")[0].removeprefix("TURNED ").removeprefix("REVERSED ")
            if len(letter) == 1:
                return letter.lower()
    return ""

"""Short public ids that people can read aloud and type, like ``k7f3q9z``."""

from __future__ import annotations

import re
from collections.abc import Callable

# No vowels but e/a-less digits mix: no 0/o, 1/l/i, u/v look-alikes, and no words by accident.
ALPHABET = "23456789bcdfghjkmnpqrstwxz"
LENGTH = 7
PATTERN = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


def new_id(below: Callable[[int], int]) -> str:
    """Return a fresh id; `below` gives a random number below another (`secrets.randbelow` outside of tests).

    It is asked once: in a burst, each question to the system's generator waits behind the event loop.
    26**7 is about 8e9: with a million images the chance that one more collides is 1 in 8,000, and the
    database's unique key turns a collision into another try.
    """
    rest, letters = below(len(ALPHABET) ** LENGTH), []
    for _ in range(LENGTH):
        rest, letter = divmod(rest, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def is_id(text: str) -> bool:
    """Whether `text` has the shape of a public id (it may still name nothing)."""
    return PATTERN.fullmatch(text) is not None

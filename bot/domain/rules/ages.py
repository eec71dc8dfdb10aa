"""The ages below 18 as people write them, in English and German."""

from __future__ import annotations

from collections.abc import Iterator

ADULT = 18
_ENGLISH = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
)
_GERMAN = (
    *("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn"),
)
_BEHIND = (
    *("year old", "years old", "year olds", "yr old", "yrs old", "yo", "y o", "yos", "years of age"),
    *("jahre alt", "jahre junge", "jährig", "jährige", "jähriger", "jähriges", "jährigen"),
)
_GLUED = ("yo", "yrs", "yrold", "yearold", "jährig", "jährige", "jähriger", "jähriges", "jährigen")
_BEFORE = ("aged", "age", "age of", "im alter von")


def under_age() -> Iterator[str]:
    """Every way to say that somebody is younger than 18 that can be told from other numbers."""
    for age in range(1, ADULT):
        for number in (str(age), _ENGLISH[age - 1], _GERMAN[age - 1]):
            yield from (f"{number} {unit}" for unit in _BEHIND)
            yield from (f"{number}{unit}" for unit in _GLUED)
            yield from (f"{words} {number}" for words in _BEFORE)

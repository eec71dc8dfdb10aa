"""In which language people are spoken to.

Every sentence that a person sees is marked with `_` or `ngettext`, which translate it into the language of
the moment; `N_` only marks a text that is translated later, where it is shown, and `pgettext` (marked only:
`NP_`) tells texts apart that are one in English. The language is that of the running task (a context
variable): an entrance sets its member's (`cogs.audience`), who renders for everybody the server's.

English is what stands in the code. Every other language is one gettext catalogue, `locales/<language>/
plantain.po`: there is nothing else to add for a new one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Self

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.errors import InvalidRequest, Problem

LOCALES = Path(__file__).with_name("locales")
CATALOGUE = "plantain.po"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its sentences, and how it writes numbers."""

    code: str  # as Discord and people's settings write it: de, pt-BR
    locale: Locale
    sentences: NullTranslations = field(default_factory=NullTranslations, repr=False, compare=False)


ENGLISH = Language("en", Locale("en"))
_speaking: ContextVar[Language] = ContextVar("speaking", default=ENGLISH)


class Languages:
    """The languages that there are. English is always among them, and stands in for every other."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._languages = {ENGLISH.code: ENGLISH, **languages}

    @classmethod
    def shipped(cls) -> Self:
        """Read the catalogues that Plantain comes with."""
        return cls({code: _read(code) for code in shipped_codes() if code != ENGLISH.code})

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages by their codes."""
        return tuple(self._languages)

    def get(self, code: str) -> Language | None:
        """Return the language of exactly this code."""
        return self._languages.get(code)

    def of(self, locale: str) -> Language:
        """Return the language for a locale as Discord writes it (``de``, ``pt-BR``); English for others."""
        return self._languages.get(locale) or self._languages.get(locale.partition("-")[0]) or ENGLISH


def shipped_codes() -> tuple[str, ...]:
    """Return the codes of the languages that Plantain comes with: English, and one for each catalogue."""
    found = sorted(path.parent.name.replace("_", "-") for path in LOCALES.glob(f"*/{CATALOGUE}"))
    return (ENGLISH.code, *(code for code in found if code != ENGLISH.code))


def display_name(code: str, within: Language | None = None) -> str:
    """Return what a language is called in one, without one in itself; of one that nobody knows, its code."""
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code
    name = locale.get_display_name(within.locale if within else locale) or code
    return name[0].upper() + name[1:]


def check_language(code: object, codes: Sequence[str]) -> None:
    """Raise InvalidRequest for a language that there is not; None stands for no choice."""
    if code is not None and code not in codes:
        raise InvalidRequest(Problem.SETTING_NOT_TAKEN, setting="locale", value=code, allowed=list(codes))


def _read(code: str) -> Language:
    """Read a catalogue. gettext reads only compiled ones, which Babel makes of it in memory."""
    with (LOCALES / code.replace("-", "_") / CATALOGUE).open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Locale.parse(code, sep="-"), GNUTranslations(compiled))


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Let `_` and its like speak this language within the block."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def speak(language: Language) -> None:
    """Let `_` and its like speak this language for the rest of the running task."""
    _speaking.set(language)


def spoken() -> Language:
    """Return the language of the moment."""
    return _speaking.get()


def _(message: str, /, **values: object) -> str:
    """Return a sentence in the language of the moment; `values` fill its {names}."""
    text = _speaking.get().sentences.gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a sentence that belongs to a number; {number} in it is that number, as it is
    written in the language."""
    language = _speaking.get()
    text = language.sentences.ngettext(one, many, number)
    return text.format(number=_written(number, language.locale), **values)


@lru_cache(maxsize=4096)
def _written(number: int, locale: Locale) -> str:
    """A number as a language writes it: worked out anew, it would be a fifth of what a card costs."""
    return format_decimal(number, locale=locale)


def pgettext(context: str, message: str, /) -> str:
    """Return a text that means something else elsewhere; `context` says what it is here."""
    return _speaking.get().sentences.pgettext(context, message)


def N_(message: str, /) -> str:
    """Mark a text that `_` translates later, where it is shown."""
    return message


def NP_(context: str, message: str, /) -> str:
    """Mark a text that `pgettext` translates later, with the same context."""
    return message

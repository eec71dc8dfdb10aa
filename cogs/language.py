"""In which language people are spoken to.

Every sentence that a person sees is marked with `_` or `ngettext`, which translate it into the language of
the moment; `N_` only marks a text that is translated later, where it is shown. The language is that of the
running task (a context variable): an entrance sets its member's, who renders for everybody the server's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_speaking: ContextVar[NullTranslations] = ContextVar("speaking")
_ENGLISH = NullTranslations()


@contextmanager
def speaking(language: NullTranslations) -> Iterator[None]:
    """Let `_` and `ngettext` speak this language within the block."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def _(message: str, /, **values: object) -> str:
    """Return a sentence in the language of the moment; `values` fill its {names}."""
    text = _speaking.get(_ENGLISH).gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a sentence that belongs to a number; {number} in it is that number."""
    return _speaking.get(_ENGLISH).ngettext(one, many, number).format(number=number, **values)


def N_(message: str, /) -> str:
    """Mark a text that `_` translates later, where it is shown."""
    return message

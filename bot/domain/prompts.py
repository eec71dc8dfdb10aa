"""Prompts: what is let in, and how they are shortened to be shown."""

from __future__ import annotations

import unicodedata

from bot.errors import InvalidRequest, Problem

ALT_TEXT_LIMIT = 1024  # Discord: description of an attachment or media item
_KEPT_CONTROLS = "\n\t"
# Categories of characters that show nothing by themselves; a prompt of only these is empty. Joiners and
# variation selectors inside emoji are left where they are: they are part of somebody's words.
_INVISIBLE = ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols by category, and empty to look at
_JOINER = "\u200d"


def clean_prompt(text: str, limit: int) -> str:
    """Return a prompt that may go to the provider, or raise InvalidRequest.

    Only what no person writes is taken out: control characters and broken surrogates. Everything else
    reaches the provider word for word.
    """
    kept = "".join(
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in ("Cc", "Cs")
    ).strip()
    if all(unicodedata.category(char) in _INVISIBLE or char in _BLANK for char in kept):
        raise InvalidRequest(Problem.PROMPT_EMPTY)
    if len(kept) > limit:
        raise InvalidRequest(Problem.PROMPT_TOO_LONG, length=len(kept), limit=limit)
    return kept


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line within `limit` characters, cut between words where there is a space."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    end = limit - 1  # the last place is for the ellipsis
    space = line.rfind(" ", limit // 2, end + 1)
    cut = line[: space if space >= 0 else _character_boundary(line, end)]
    return cut.rstrip(" ,.;:-") + "…"


def _character_boundary(text: str, end: int) -> int:
    """Return the last place up to `end` that is within nothing that people see as one character."""
    at = end
    while at > 0 and _continues(text, at):
        at -= 1
    return at or end  # one endless pile of marks is cut anywhere


def _continues(text: str, at: int) -> bool:
    """Whether the character at a place belongs to the one before it: an accent, a skin tone, half a flag."""
    char = text[at]
    if unicodedata.category(char) in ("Mn", "Mc", "Me") or _JOINER in (char, text[at - 1]):
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        return True
    letters_before = 0
    while _is_flag_letter(char) and at > letters_before and _is_flag_letter(text[at - 1 - letters_before]):
        letters_before += 1
    return letters_before % 2 == 1


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"

"""Somebody's text, times and lists as they may stand in a message.

Text that comes from members or providers is escaped here, so that what this module returns can be shown.
"""

from __future__ import annotations

import re

from bot.domain.prompts import shorten
from cogs.language import _, ngettext

# Everything that Discord's markdown gives a meaning within a line: emphasis, code, spoilers, links, mentions,
# timestamps and custom emoji (<…>), automatic links and emoji names (:).
_MARKDOWN = re.compile(r"([\\*_~`|\[\]<>:@#])")

# Characters that say in which direction what follows them is written, until they are taken back: embeddings,
# overrides and isolates. Left open, they would turn round our own words behind them.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# What is written from right to left by itself, and the marks that say so.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"

TYPED_LIMIT = 60

LISTED_LIMIT = 25


def escape(text: str) -> str:
    """Return somebody's text on one line so that it shows as it was written and does nothing."""
    return _isolated(_MARKDOWN.sub(r"\\\1", _on_one_line(text)))


def escape_within(text: str, limit: int) -> str:
    """Return somebody's text escaped, and shortened so far that this has at most `limit` characters.

    Escaping makes a text that is all markdown twice as long.
    """
    room = limit
    while len(shown := escape(shorten(text, room))) > limit:
        room -= max(1, (len(shown) - limit) // 2)
    return shown


def quote(text: str, limit: int) -> str:
    """Return somebody's text in quotation marks, in at most `limit` characters. The first mark also keeps
    the line from becoming a heading, a list or a block quote."""
    return _("“{text}”", text=escape_within(text, limit - 2))


def code(text: str) -> str:
    """Return a short text as it is typed, in a code span; nothing has to be escaped in there."""
    shown = _on_one_line(text.replace("`", "'"))
    return _isolated(f"`{shown}`")  # around the span: what is in it may be copied


def _on_one_line(text: str) -> str:
    return " ".join(_DIRECTIONS.sub("", text).split())


def _isolated(text: str) -> str:
    """Return a text so that Arabic or Hebrew in it moves none of the words and numbers around it."""
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text


def moment(millis: int) -> str:
    """Return a time as each reader's own client shows it, absolute and relative."""
    seconds = millis // 1000
    return f"<t:{seconds}:t> (<t:{seconds}:R>)"


def mention(member_id: int | None) -> str:
    """Return somebody as Discord shows them; who was forgotten (`bot.domain.privacy`) has no id any more."""
    return f"<@{member_id}>" if member_id and member_id > 0 else _("somebody who is forgotten")


def images(count: int) -> str:
    """Return a number of images in words."""
    return ngettext("{number} image", "{number} images", count)


def listed(values: object) -> str:
    """Return values that can be typed, one after the other."""
    items = [code(str(item)) for item in values] if isinstance(values, list | tuple) else [code(str(values))]
    more = ["…"] if len(items) > LISTED_LIMIT else []
    return ", ".join([*items[:LISTED_LIMIT], *more]) or _("none")


def typed(value: object) -> str:
    """What somebody typed, of whatever length: a refusal must fit into a message."""
    return code(shorten(str(value), TYPED_LIMIT))

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

TYPED_LIMIT = 60

LISTED_LIMIT = 25


def escape(text: str) -> str:
    """Return somebody's text on one line so that it shows as it was written and does nothing."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


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
    shown = " ".join(text.replace("`", "'").split())
    return f"`{shown}`"


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

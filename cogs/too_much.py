"""What somebody is told who comes too often, or when no more is taken; and how long things take, in words."""

from __future__ import annotations

from bot.errors import QueueFull, QuotaUsedUp, TooFast
from cogs.language import _, ngettext
from cogs.model_words import no_more_today
from cogs.numbers import number


def duration(seconds: int) -> str:
    """Return a number of seconds in words."""
    if seconds < 60:
        return ngettext("{number} second", "{number} seconds", seconds)
    if seconds < 600 and seconds % 60:
        return _("{minutes} minutes", minutes=number(seconds / 60))
    minutes = -(-seconds // 60)
    if minutes < 120:
        return ngettext("{number} minute", "{number} minutes", minutes)
    hours = -(-minutes // 60)
    return ngettext("{number} hour", "{number} hours", hours)


def too_much(error: QueueFull | QuotaUsedUp | TooFast) -> str:
    """Return what somebody is told whose request is not taken now."""
    if isinstance(error, QuotaUsedUp):
        return no_more_today(error)
    if isinstance(error, QueueFull):
        return ngettext(
            "{number} request is waiting already, so yours was not taken: it would wait too long. Nothing "
            "was charged. Try again in a few minutes.",
            "{number} requests are waiting already, so yours was not taken: it would wait too long. Nothing "
            "was charged. Try again in a few minutes.",
            error.waiting,
        )
    return _(
        "That was too much at once. Wait {time}, then go on; what you have asked for already is being made.",
        time=duration(max(1, round(error.seconds))),
    )

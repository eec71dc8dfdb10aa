"""Usage in words."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.usage import ServerUsage, Spent, bar
from bot.studio.usage import Left, MyUsage
from cogs.consequence_words import cooling_down, lowered
from cogs.language import _, ngettext
from cogs.numbers import cents, dollars, number
from cogs.text import escape_within, images, mention, moment

NAME_LIMIT = 60
UNKNOWN = "–"


def spent_text(spent: Spent) -> str:
    """Return images and dollars."""
    return f"{images(spent.images)} · {dollars(spent.micros)}"


def my_usage(usage: MyUsage) -> str:
    """Return what a member sees of their own."""
    lines = [
        f"**{_('Your usage')}**",
        _("Today: {spent}", spent=spent_text(usage.today)),
        _("This month: {spent}", spent=spent_text(usage.month)),
        *left_lines(usage.left),
        f"-# {_('Only you see this. Days and months begin at midnight, {zone}.', zone=usage.zone)}",
    ]
    return "\n".join(lines)


def left_lines(found: Left) -> list[str]:
    """Return what is left of a day, with a small bar, and when it begins again."""
    lines = [
        f"`{bar(found.used, found.limit)}` "
        + ngettext(
            "{used} of {limit} used today, {number} image left",
            "{used} of {limit} used today, {number} images left",
            found.left,
            used=number(found.used),
            limit=number(found.limit),
        )
    ]
    if found.usual is not None and found.usual_from is not None:
        lines.append(lowered(found.strikes, found.limit, found.usual, found.usual_from))
    if found.limit_micros is not None:
        lines.append(
            _(
                "Of {limit} a day, {left} left",
                limit=cents(found.limit_micros),
                left=dollars(max(0, found.limit_micros - found.used_micros)),
            )
        )
    if found.described:
        used, limit = number(found.described), number(found.describable)
        lines.append(_("Descriptions today: {used} of {limit}", used=used, limit=limit))
    if found.granted:
        lines.append(_("Beside that you were granted: {images}", images=images(found.granted)))
    if found.cooldown_until is not None:
        lines.append(cooling_down(found.strikes, found.cooldown_until))
    return [*lines, _("It starts again at {time}.", time=moment(found.resets_at))]


def server_usage(usage: ServerUsage, days: int, catalogue: Catalogue) -> str:
    """Return a server's usage in words: what the chart shows, for whoever cannot see it."""
    outcomes = usage.outcomes
    title = ngettext("Usage of the last {number} day", "Usage of the last {number} days", days)
    lines = [
        f"**{title}**",
        spent_text(usage.total),
        _(
            "Succeeded: {good} · refused for safety: {blocked} · requests: {requests}",
            good=percent(outcomes.success_rate),
            blocked=percent(outcomes.blocked_rate),
            requests=number(outcomes.answered + outcomes.cancelled),
        ),
        _(
            "Time to make a picture: {median} in the middle, {slow} for the slowest of twenty",
            median=seconds(usage.median_seconds),
            slow=seconds(usage.slow_seconds),
        ),
    ]
    if usage.models:
        lines.append(f"**{_('By model')}**")
        lines += [f"{label(name, catalogue)}: {spent_text(spent)}" for name, spent in usage.models[:10]]
    if usage.members:
        lines.append(f"**{_('By member')}**")
        lines += [
            f"{place}. {mention(member)}: {spent_text(spent)}"
            for place, (member, spent) in enumerate(usage.members, 1)
        ]
    return "\n".join(lines)


def alt_text(usage: ServerUsage, days: int) -> str:
    """Return what the chart shows, in one sentence."""
    return ngettext(
        "Charts of the last {number} day: images and dollars by day, by model and by member. {spent}.",
        "Charts of the last {number} days: images and dollars by day, by model and by member. {spent}.",
        days,
        spent=spent_text(usage.total),
    )


def percent(share: float | None) -> str:
    """Return a share as people read it."""
    return UNKNOWN if share is None else f"{number(share * 100)} %"


def seconds(value: float | None) -> str:
    """Return seconds as people read them."""
    return UNKNOWN if value is None else f"{number(value)} s"


def label(model_id: str, catalogue: Catalogue) -> str:
    """Return what a model is called; one that left the catalogue has its id."""
    model = catalogue.get(model_id)
    return escape_within(model.label if model else model_id, NAME_LIMIT)

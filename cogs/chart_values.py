"""What charts show: values with every word in them, in the reader's language (see `bot.imaging.charts`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from bot.domain.catalogue import Catalogue
from bot.domain.records import DeskFigures
from bot.domain.usage import ServerUsage, Spent
from cogs.desk_words import REASONS
from cogs.language import _, ngettext
from cogs.numbers import number
from cogs.usage_words import percent, seconds

MICROS = 1_000_000
HOUR_MS = 3_600_000
MOST_ROWS = 10
# Upper ends of the bars for times to a decision, in hours.
HOURS = (1, 4, 12, 24, 72)


def usage_chart(usage: ServerUsage, days: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return what a server's usage looks like. Members are the places of the list beside it."""
    figures = _(
        "Succeeded {good} · refused for safety {blocked} · median {median} · 95 % within {slow}",
        good=percent(usage.outcomes.success_rate),
        blocked=percent(usage.outcomes.blocked_rate),
        median=seconds(usage.median_seconds),
        slow=seconds(usage.slow_seconds),
    )
    by_day = [spent for _day, spent in usage.days]
    images, dollars = [spent.images for spent in by_day], [spent.micros / MICROS for spent in by_day]
    models = [
        (model.label if (model := catalogue.get(name)) else name, spent) for name, spent in usage.models
    ]
    members = [(f"{place}.", spent) for place, (_member, spent) in enumerate(usage.members, 1)]
    return {
        "title": ngettext("Usage of the last {number} day", "Usage of the last {number} days", days),
        "note": figures,
        "panels": [
            _days(_("Images by day"), [day for day, _spent in usage.days], ("", "green", images)),
            _days(_("Dollars by day"), [day for day, _spent in usage.days], ("", "yellow", dollars)),
            _ranking(_("By model: dollars · images"), map(_spent_row, models)),
            _ranking(_("By member, as in the list: dollars · images"), map(_spent_row, members)),
        ],
    }


def desk_chart(figures: DeskFigures) -> dict[str, Any]:
    """Return what a server's cases look like."""
    days = [date.fromisoformat(day) for day in figures.days]
    opened, decided = (_("opened"), "yellow", figures.opened), (_("decided"), "green", figures.decided)
    reasons = [(_(REASONS[reason]), count) for reason, count in figures.by_reason.items()]
    return {
        "title": ngettext(
            "The desk in the last {number} day", "The desk in the last {number} days", len(days)
        ),
        "note": _("Open now: {number}", number=number(figures.open_now)),
        "panels": [
            _days(_("Cases by day"), days, opened, decided),
            _times(_("Time to a decision"), figures.decision_times),
            _ranking(_("By reason"), ((name, count, number(count)) for name, count in reasons)),
            _ranking(
                _("By moderator"),
                ((name, count, number(count)) for name, count in figures.by_moderator.items()),
            ),
        ],
    }


def _days(title: str, days: Iterable[date], *series: tuple[str, str, Sequence[float]]) -> dict[str, Any]:
    return {
        "kind": "days",
        "title": title,
        "days": [day.isoformat() for day in days],
        "series": [{"label": label, "colour": colour, "values": values} for label, colour, values in series],
    }


def _times(title: str, times: Iterable[int]) -> dict[str, Any]:
    counts = [0] * (len(HOURS) + 1)
    for millis in times:
        counts[sum(millis >= hours * HOUR_MS for hours in HOURS)] += 1
    labels = [f"< {HOURS[0]} h", *(f"{low}–{high} h" for low, high in itertools.pairwise(HOURS))]
    return {"kind": "bars", "title": title, "labels": [*labels, f"> {HOURS[-1]} h"], "values": counts}


def _ranking(title: str, rows: Iterable[tuple[str, float, str]]) -> dict[str, Any]:
    return {"kind": "ranking", "title": title, "rows": list(rows)[:MOST_ROWS], "nothing": _("Nothing yet")}


def _spent_row(row: tuple[str, Spent]) -> tuple[str, float, str]:
    label, spent = row
    dollars = spent.micros / MICROS
    return label, dollars, f"${dollars:,.2f} · {spent.images:,}"

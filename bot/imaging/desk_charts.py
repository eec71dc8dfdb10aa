"""The desk's figures as a picture."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bot.domain.images import FittedFile
from bot.domain.records import DeskFigures

WIDTH, HEIGHT, DPI = 10.0, 7.0, 110  # inches, dots per inch
BLUE, GREEN, GREY = "#4c72b0", "#5b8c3a", "#8a8f98"
HOUR_MS = 3_600_000
# Upper ends of the bars for times to a decision, in hours, and what stands under them.
TIMES = ((1, "< 1 h"), (4, "1–4 h"), (12, "4–12 h"), (24, "12–24 h"), (72, "1–3 d"), (float("inf"), "> 3 d"))
NAME_LIMIT = 18


def desk_chart(figures: DeskFigures) -> FittedFile:
    """Return a PNG with what was opened and decided, how long that took, by reason and by moderator."""
    # A figure of its own, not pyplot's: that keeps state for the whole process.
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    axes = figure.subplots(2, 2)
    figure.suptitle(f"{figures.days[0]} – {figures.days[-1]} · open now: {figures.open_now}")
    _by_day(axes[0][0], figures)
    _times(axes[0][1], figures)
    _bars(axes[1][0], "By reason", {reason.value: n for reason, n in figures.by_reason.items()}, BLUE)
    _bars(axes[1][1], "By moderator", dict(figures.by_moderator), GREEN)
    data = io.BytesIO()
    figure.savefig(data, format="png")
    return FittedFile(data.getvalue(), "image/png", round(WIDTH * DPI), round(HEIGHT * DPI))


def _by_day(axes: Axes, figures: DeskFigures) -> None:
    places = range(len(figures.days))
    axes.set_title("Cases by day")
    axes.bar([place - 0.2 for place in places], figures.opened, width=0.4, color=BLUE, label="opened")
    axes.bar([place + 0.2 for place in places], figures.decided, width=0.4, color=GREEN, label="decided")
    step = max(1, len(figures.days) // 6)
    axes.set_xticks(list(places)[::step], [day[5:] for day in figures.days][::step])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def _times(axes: Axes, figures: DeskFigures) -> None:
    counts = [0] * len(TIMES)
    for millis in figures.decision_times:
        hours = millis / HOUR_MS
        counts[next(place for place, (end, _) in enumerate(TIMES) if hours < end)] += 1
    axes.set_title("Time to decision")
    axes.bar(range(len(TIMES)), counts, color=GREY)
    axes.set_xticks(range(len(TIMES)), [name for _, name in TIMES])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _bars(axes: Axes, title: str, counts: dict[str, int], colour: str) -> None:
    axes.set_title(title)
    if not counts:
        axes.text(0.5, 0.5, "none", ha="center", va="center", color=GREY, transform=axes.transAxes)
        axes.set_axis_off()
        return
    names = [name if len(name) <= NAME_LIMIT else f"{name[: NAME_LIMIT - 1]}…" for name in counts]
    places = range(len(names))
    axes.barh(places, list(counts.values()), color=colour)
    # A name of somebody's is text, never mathematics between dollar signs.
    axes.set_yticks(places, [name.replace("$", r"\$") for name in names])
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))

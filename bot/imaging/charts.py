"""Charts of plain values: JSON in, a PNG out.

matplotlib computes in Python, so in a thread it would hold the interpreter, and the event loop, for a second.
So each chart is drawn in a process of its own, which also takes its memory with it when it ends. Everything
that is written in a chart comes with the values: plain words in the reader's language.

The JSON: ``title``, ``note`` (a line at the foot) and four ``panels``, row by row, each with ``kind``,
``title`` and

- ``days``: ``days`` (ISO dates) and ``series`` (``label``, ``colour``, and one of ``values`` for each day)
- ``bars``: ``labels`` and ``values``
- ``ranking``: ``rows`` (lists of label, value, and what stands behind it), ``nothing`` (said without rows)
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.images import FittedFile
from bot.errors import ImageError

DRAW = "from bot.imaging.charts import main; main()"
NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")  # of the environment
SECONDS = 60.0
INCHES, DPI = (11.0, 7.2), 110
LABEL_LIMIT = 24
FEWEST_ROWS = 4

# A dark card with light signs is readable on Discord's dark and light backgrounds alike: contrast 12:1 for
# the text, above 4:1 for the bars (WCAG 2.1, 1.4.3 and 1.4.11).
CARD, PANEL, TEXT, FAINT = "#23262b", "#2c3036", "#eceff4", "#8b93a1"
COLOURS = {"green": "#8fc45f", "yellow": "#f2c94c", "blue": "#6fa8dc"}


async def draw(chart: Mapping[str, Any], cache: str) -> FittedFile:
    """Draw in a process of its own; raise ImageError where that fails.

    `cache` is a folder that may be written, where matplotlib keeps what it knows about fonts.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DRAW),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # It needs neither tokens nor keys.
        env={
            **{name: os.environ[name] for name in NEEDED if name in os.environ},
            "MPLCONFIGDIR": cache,
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    try:
        async with asyncio.timeout(SECONDS):
            data, faults = await process.communicate(json.dumps(chart).encode())
    except TimeoutError:
        raise ImageError("drawing took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not data:
        last = faults.decode(errors="replace").strip().splitlines()[-1:]
        raise ImageError(f"drawing failed: {''.join(last)[:200]}")
    width, height = (int(side * DPI) for side in INCHES)
    return FittedFile(data, "image/png", width, height)


def render(chart: Mapping[str, Any]) -> bytes:
    """Return the PNG. Runs for about a second and holds the interpreter."""
    import matplotlib as mpl  # here: a bot that draws in other processes does without it in its own

    mpl.use("Agg")
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=INCHES, dpi=DPI, facecolor=CARD, layout="constrained")
        figure.suptitle(chart["title"], color=TEXT, fontsize=15, fontweight="bold")
        for axes, panel in zip(figure.subplots(2, 2).flat, chart["panels"], strict=True):
            _plain(axes, panel["title"])
            _PANELS[panel["kind"]](axes, panel)
        figure.supxlabel(chart["note"], color=TEXT, fontsize=10)
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=CARD)
    return out.getvalue()


def _days(axes: Any, panel: Mapping[str, Any]) -> None:
    days, series = panel["days"], panel["series"]
    width = (0.85 if len(days) < 60 else 1.0) / len(series)
    for number, item in enumerate(series):
        offset = (number - (len(series) - 1) / 2) * width
        places = [place + offset for place in range(len(days))]
        axes.bar(places, item["values"], color=COLOURS[item["colour"]], width=width, label=item["label"])
    step = max(1, -(-len(days) // 7))
    marks = range(0, len(days), step)
    axes.set_xticks(list(marks), [days[mark][5:] for mark in marks])
    _from_zero(axes, [value for item in series for value in item["values"]])
    if len(series) > 1:
        axes.legend(facecolor=PANEL, edgecolor=PANEL, labelcolor=TEXT, fontsize=9, framealpha=0.9)


def _bars(axes: Any, panel: Mapping[str, Any]) -> None:
    labels, values = panel["labels"], panel["values"]
    axes.bar(range(len(labels)), values, color=COLOURS["blue"], width=0.7)
    axes.set_xticks(range(len(labels)), labels, fontsize=8)
    _from_zero(axes, values)


def _ranking(axes: Any, panel: Mapping[str, Any]) -> None:
    rows: Sequence[tuple[str, float, str]] = panel["rows"]
    axes.set_xticks([])
    if not rows:
        axes.text(0.5, 0.5, panel["nothing"], color=FAINT, ha="center", va="center", transform=axes.transAxes)
        axes.set_yticks([])
        return
    values, places = [row[1] for row in rows], range(len(rows))
    bars = axes.barh(places, values, color=COLOURS["yellow"], height=0.7)
    axes.bar_label(bars, [row[2] for row in rows], color=TEXT, padding=4, fontsize=9)
    axes.set_yticks(list(places), [_short(row[0]) for row in rows])
    axes.set_xlim(0, max(*values, 0.000_001) * 1.35)
    axes.set_ylim(max(len(rows), FEWEST_ROWS) - 0.5, -0.5)  # the first on top, and no bar as thick as a wall


_PANELS = {"days": _days, "bars": _bars, "ranking": _ranking}


def _from_zero(axes: Any, values: Sequence[float]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(bottom=0, top=None if any(values) else 1)
    if all(isinstance(value, int) for value in values):
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.8)


def _plain(axes: Any, title: str) -> None:
    axes.set_title(title, color=TEXT, fontsize=11, loc="left")
    axes.set_facecolor(PANEL)
    axes.tick_params(colors=TEXT, length=0)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LIMIT else f"{label[: LABEL_LIMIT - 1]}…"


def main() -> None:
    """Read JSON and write a PNG."""
    sys.stdout.buffer.write(render(json.load(sys.stdin)))

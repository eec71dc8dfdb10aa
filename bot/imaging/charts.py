"""Charts of a server's usage: JSON in, a PNG out.

matplotlib computes in Python, so in a thread it would hold the interpreter, and the event loop, for a second.
So each chart is drawn in a process of its own, which also takes its memory with it when it ends. Everything
that is written in a chart comes with the values: plain words in the reader's language.

The JSON: ``days`` (ISO dates), ``images`` and ``dollars`` (one number for each day), ``models`` and
``members`` (lists of label, images, dollars; the first is the largest), ``words`` (see `WORDS`).
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

WORDS = ("title", "images_by_day", "dollars_by_day", "by_model", "by_member", "nothing", "figures")
DRAW = "from bot.imaging.charts import main; main()"
NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")  # of the environment
SECONDS = 60.0
INCHES, DPI = (11.0, 7.2), 110
LABEL_LIMIT = 28

# A dark card with light signs is readable on Discord's dark and light backgrounds alike: contrast 12:1 for
# the text, above 4:1 for the bars (WCAG 2.1, 1.4.3 and 1.4.11).
CARD, PANEL, TEXT, FAINT = "#23262b", "#2c3036", "#eceff4", "#8b93a1"
GREEN, YELLOW = "#8fc45f", "#f2c94c"


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
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    words: Mapping[str, str] = chart["words"]
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10, "text.parse_math": False}):
        figure = Figure(figsize=INCHES, dpi=DPI, facecolor=CARD, layout="constrained")
        figure.suptitle(words["title"], color=TEXT, fontsize=15, fontweight="bold")
        top, bottom = figure.subplots(2, 2)
        _days(top[0], words["images_by_day"], chart["days"], chart["images"], GREEN)
        _days(top[1], words["dollars_by_day"], chart["days"], chart["dollars"], YELLOW)
        _ranking(bottom[0], words["by_model"], chart["models"], words["nothing"])
        _ranking(bottom[1], words["by_member"], chart["members"], words["nothing"])
        figure.supxlabel(words["figures"], color=TEXT, fontsize=10)
        out = io.BytesIO()
        figure.savefig(out, format="png", facecolor=CARD)
    return out.getvalue()


def _days(axes: Any, title: str, days: Sequence[str], values: Sequence[float], colour: str) -> None:
    _plain(axes, title)
    axes.bar(range(len(days)), values, color=colour, width=0.85 if len(days) < 60 else 1.0)
    step = max(1, -(-len(days) // 7))
    marks = range(0, len(days), step)
    axes.set_xticks(list(marks), [days[mark][5:] for mark in marks])
    axes.set_ylim(bottom=0, top=None if any(values) else 1)
    axes.grid(axis="y", color=FAINT, alpha=0.25, linewidth=0.8)


def _ranking(axes: Any, title: str, rows: Sequence[tuple[str, int, float]], nothing: str) -> None:
    _plain(axes, title)
    if not rows:
        axes.text(0.5, 0.5, nothing, color=FAINT, ha="center", va="center", transform=axes.transAxes)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    dollars = [row[2] for row in rows]
    places = range(len(rows))
    bars = axes.barh(places, dollars, color=YELLOW, height=0.7)
    axes.bar_label(bars, [f"${row[2]:,.2f} · {row[1]:,}" for row in rows], color=TEXT, padding=4, fontsize=9)
    axes.set_yticks(list(places), [_short(row[0]) for row in rows])
    axes.set_xticks([])
    axes.set_xlim(0, max(*dollars, 0.000_001) * 1.35)
    axes.invert_yaxis()


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

"""Charts: drawn of anything, readable, and the same for a server's usage and its desk."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.catalogue import load_catalogue
from bot.domain.cases import Reason
from bot.domain.records import DeskFigures
from bot.domain.usage import Outcomes, ServerUsage, Spent
from bot.imaging import Imaging
from cogs.chart_values import desk_chart, usage_chart

HOUR = 3_600_000
CARD = (0x23, 0x26, 0x2B)
DAYS = tuple(date(2026, 11, number) for number in range(1, 31))
SPENT = tuple((day, Spent(day.day, day.day * 10_000)) for day in DAYS)
MODELS = tuple((f"model $x^2$ {number} " + "long" * 20, Spent(number, 10)) for number in range(10))
USAGE = ServerUsage(SPENT, MODELS, ((5, Spent(1, 2)),), Outcomes(5, 1, 0, 1), 12.0, 30.0)
UNUSED = ServerUsage(SPENT[:1], (), (), Outcomes(), None, None)
DESK = DeskFigures(
    [day.isoformat() for day in DAYS],
    opened=[day % 5 for day in range(30)],
    decided=[day % 3 for day in range(30)],
    open_now=4,
    decision_times=[HOUR // 2, HOUR, 3 * HOUR, 500 * HOUR],
    by_reason=dict.fromkeys(Reason, 3),
    by_moderator={"$\\frac{a}{b}$": 2, "_^{": 1, "x" * 200: 3, "日本語": 4},
)
EMPTY_DESK = DeskFigures(["2026-11-01"], [0], [0], 0)


def charts() -> dict[str, dict[str, Any]]:
    catalogue = load_catalogue(None)
    return {
        "usage": usage_chart(USAGE, 30, catalogue),
        "no usage": usage_chart(UNUSED, 1, catalogue),
        "desk": desk_chart(DESK),
        "no cases": desk_chart(EMPTY_DESK),
    }


@pytest.mark.parametrize("name", ["usage", "no usage", "desk", "no cases"])
async def test_a_chart_is_drawn_of_anything(name: str, tmp_path: Path) -> None:
    async with Imaging(cache=tmp_path) as imaging:
        chart = await imaging.chart(charts()[name])
    with Image.open(io.BytesIO(chart.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (chart.width, chart.height))
        drawn = picture.convert("RGB")
    assert drawn.getpixel((5, 5)) == CARD
    colours = drawn.getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 50


def test_times_to_a_decision_stand_in_their_bars() -> None:
    (times,) = [panel for panel in desk_chart(DESK)["panels"] if panel["kind"] == "bars"]
    assert times["values"] == [1, 2, 0, 0, 0, 1]
    assert len(times["labels"]) == len(times["values"])

"""The desk's figures as a picture: with much in it, with nothing, and with names that mean something."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.domain.cases import Reason
from bot.domain.records import DeskFigures
from bot.imaging import Imaging

HOUR = 3_600_000
DAYS = [f"2026-11-{day:02}" for day in range(1, 31)]
FULL = DeskFigures(
    DAYS,
    opened=[day % 5 for day in range(30)],
    decided=[day % 3 for day in range(30)],
    open_now=4,
    decision_times=[HOUR // 2, 3 * HOUR, 500 * HOUR],
    by_reason=dict.fromkeys(Reason, 3),
    by_moderator={"$\\frac{a}{b}$": 2, "_^{": 1, "x" * 200: 3, "日本語": 4},
)


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("figures", [FULL, DeskFigures(["2026-11-01"], [0], [0], 0)], ids=["full", "empty"])
async def test_a_picture_of_the_figures(figures: DeskFigures) -> None:
    async with Imaging() as imaging:
        chart = await imaging.desk_chart(figures)
    with Image.open(io.BytesIO(chart.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (chart.width, chart.height))
        colours = picture.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert len(colours) > 50


def test_the_median_of_the_times() -> None:
    assert FULL.median_time == 3 * HOUR
    assert DeskFigures([], [], [], 0).median_time is None
    assert DeskFigures([], [], [], 0, decision_times=[4, 2]).median_time == 3

"""The desk's figures."""

from __future__ import annotations

import pytest

from bot.domain.records import DeskFigures


@pytest.mark.parametrize(("times", "median"), [((), None), ((4, 2), 3), ((9, 1, 3), 3)])
def test_the_median_of_the_times(times: tuple[int, ...], median: int | None) -> None:
    assert DeskFigures([], [], [], 0, decision_times=times).median_time == median

"""What the pickers of /imagine offer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cogs.stage import Stage

TEN = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
FOURTEEN = [*TEN, "1:4", "4:1", "1:8", "8:1"]


async def offered(stage: Stage, option: str, typed: str = "", **filled: Any) -> dict[str, str]:
    choices = await stage.alice.autocomplete(stage.channel, "imagine", option, typed, **filled)
    return {choice["value"]: choice["name"] for choice in choices}


async def test_models_are_offered_with_tier_and_price(stage: Stage) -> None:
    assert await offered(stage, "model") == {
        "gemini-nano-banana-2.1": "Nano Banana 2.1 · standard · $0.034",
        "gemini-3.1-flash-lite-image": "Nano Banana 2 Lite · draft · $0.034",
        "gemini-3-pro-image": "Nano Banana Pro · pro · $0.134",
    }


@pytest.mark.parametrize(
    ("typed", "found"), [("PRO", 1), (" lite", 1), ("banana", 3), ("3-pro", 1), ("x", 0)]
)
async def test_typing_narrows_the_choice(stage: Stage, typed: str, found: int) -> None:
    assert len(await offered(stage, "model", typed)) == found


async def test_ratios_and_sizes_are_those_of_the_default_model(stage: Stage) -> None:
    assert list(await offered(stage, "ratio")) == FOURTEEN
    assert await offered(stage, "size") == {"1K": "1K · $0.034", "2K": "2K · $0.050", "4K": "4K · $0.113"}


async def test_ratios_and_sizes_are_those_of_the_model_that_was_chosen(stage: Stage) -> None:
    assert list(await offered(stage, "ratio", model="gemini-3-pro-image")) == TEN
    assert list(await offered(stage, "ratio", "16", model="pro")) == ["9:16", "16:9"]
    assert await offered(stage, "size", model="gemini-3.1-flash-lite-image") == {"1K": "1K · $0.034"}
    assert list(await offered(stage, "size", model="gemini-2.5-flash-image")) == ["1K", "2K", "4K"]


async def test_a_model_that_is_none_offers_what_the_default_does(stage: Stage) -> None:
    assert list(await offered(stage, "ratio", model="half a na")) == FOURTEEN

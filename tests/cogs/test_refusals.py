"""What is refused before anything is done: privately, with the reason and what would be possible."""

from __future__ import annotations

import re

import pytest

from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.cogs.test_prompts import nothing_was_done


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"model": "dall-e"},
            "There is no model called `dall-e`. Choose one of: `gemini-nano-banana-2.1`, "
            "`gemini-3.1-flash-lite-image`, `gemini-3-pro-image`.",
        ),
        (
            {"ratio": "5:7"},
            "Nano Banana 2.1 does not make the ratio `5:7`. It takes: `1:1`, `2:3`, `3:2`, `3:4`, `4:3`, "
            "`4:5`, `5:4`, `9:16`, `16:9`, `21:9`, `1:4`, `4:1`, `1:8`, `8:1`.",
        ),
        (
            {"model": "gemini-3-pro-image", "ratio": "1:8"},
            "Nano Banana Pro does not make the ratio `1:8`. It takes: `1:1`, `2:3`, `3:2`, `3:4`, `4:3`, "
            "`4:5`, `5:4`, `9:16`, `16:9`, `21:9`.",
        ),
        (
            {"size": "512"},
            "Nano Banana 2.1 does not make the size `512`. It takes: `1K`, `2K`, `4K`.",
        ),
        (
            {"model": "draft", "size": "4K"},
            "Nano Banana 2 Lite does not make the size `4K`. It takes: `1K`.",
        ),
        (
            {"seed": 7},
            "Nano Banana 2.1 takes no seed. Leave it out, or choose a model that does: "
            "`Nano Banana 2 Lite`, `Nano Banana Pro`.",
        ),
        ({"model": "pro", "seed": -1}, "A seed is a whole number from 0 to 2,147,483,647."),
        ({"model": "pro", "seed": 2**53}, "A seed is a whole number from 0 to 2,147,483,647."),
        ({"count": 0}, "You can ask for 1 to 4 images at once."),
        ({"count": -3}, "You can ask for 1 to 4 images at once."),
        ({"count": 99}, "You can ask for 1 to 4 images at once."),
    ],
    ids=str,
)
async def test_a_value_that_no_picker_offers(stage: Stage, values: dict[str, object], said: str) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "a cat", **values})
    assert result.ephemeral
    assert stage.said(result) == said
    await nothing_was_done(stage)


@pytest.mark.parametrize("option", ["model", "ratio", "size"])
async def test_a_value_as_long_as_discord_lets_it_be(stage: Stage, option: str) -> None:
    typed = "`@everyone <@1> " * 375
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "a cat", option: typed})
    assert result.ephemeral
    assert len(stage.said(result)) < 500
    assert stage.seen(result.response).pings == set() if result.response else False
    await nothing_was_done(stage)


async def test_a_model_that_was_shut_down_is_replaced(stage: Stage) -> None:
    result = await forged.command(
        stage, stage.alice, "imagine", {"prompt": "a cat", "model": "gemini-2.5-flash-image"}
    )
    seen = await stage.finished(result)
    assert "Nano Banana 2.1" in seen.text
    assert [got.model for got in stage.gemini.history] == ["gemini-nano-banana-2.1"]


@pytest.mark.parametrize("stage", [{"daily_images": 3, "timezone": "Europe/Berlin"}], indirect=True)
async def test_the_cap_says_what_is_left_and_when_it_starts_again(stage: Stage) -> None:
    await stage.picture(count=2)
    result = await stage.imagine(count=2)
    assert result.ephemeral
    said = stage.said(result)
    assert said.startswith(
        "The daily limit is 3 images for each member. You have used 2, 1 image left: ask for fewer at once. "
        "It starts again at <t:"
    )
    await stage.picture()
    result = await stage.imagine()
    assert "You have used 3, 0 images left. It starts again at" in stage.said(result)
    assert len(stage.gemini.history) == 3
    assert (await stage.ledger())["settled"] == {stage.alice.id: 3}

    # Each member has their own; and the day begins anew where the operator said.
    assert (await stage.picture(stage.ben)).media
    match = re.search(r"<t:(\d+):t> \(<t:\1:R>\)", stage.said(result))
    assert match is not None
    resets = int(match[1])
    assert resets % 86_400 == 23 * 3600  # midnight in Berlin in winter
    await stage.env.advance_time(resets - stage.env.now().timestamp() - 1)
    assert "The daily limit" in stage.said(await stage.imagine())
    await stage.env.advance_time(1)
    assert (await stage.picture()).media


@pytest.mark.parametrize("stage", [{"daily_images": 0}], indirect=True)
async def test_a_cap_of_nothing_is_said_as_what_it_is(stage: Stage) -> None:
    result = await stage.imagine()
    assert result.ephemeral
    assert stage.said(result).startswith("Making images is switched off here")
    await nothing_was_done(stage)


@pytest.mark.parametrize("stage", [{"daily_images": 1}], indirect=True)
async def test_a_button_is_refused_by_the_cap_as_the_command_is(stage: Stage) -> None:
    seen = await stage.picture()
    result = await stage.alice.click(seen.message, label="Vary")
    assert result.ephemeral
    assert "The daily limit is 1 image" in stage.said(result)
    assert len(stage.gemini.history) == 1


@pytest.mark.parametrize("stage", [{"daily_images": 5}], indirect=True)
async def test_what_failed_does_not_count(stage: Stage) -> None:
    from tests.fakes.gemini import refused

    for _ in range(6):
        stage.gemini.enqueue(refused())
        assert "No picture this time" in (await stage.picture()).text
    assert (await stage.picture(count=4)).media

"""Original: what was too large to be posted, as a link or as the best that fits, to who may see it."""

from __future__ import annotations

import re

from bot.config_sections import ServerSettings
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.fakes.gemini import Picture, make_jpeg

URL = "https://pictures.example.org"
LIMIT = 200_000
ORIGINAL = make_jpeg(1024, 1024, 300_000)


async def with_links(stage: Stage) -> None:
    server = ServerSettings(public_url=URL)
    stage.settings = stage.settings.model_copy(update={"server": server})
    await stage.restart()


async def too_large(stage: Stage, *, count: int = 1, **options: object) -> Seen:
    stage.gemini.enqueue(*[Picture(ORIGINAL)] * count)
    result = await forged.command(
        stage,
        stage.alice,
        "imagine",
        {"prompt": "big", "count": count, **options},
        attachment_size_limit=LIMIT,
    )
    return await stage.finished(result)


async def test_a_result_that_fits_has_no_button_and_no_link(stage: Stage) -> None:
    await with_links(stage)
    card = await stage.picture()
    assert "Original" not in card.buttons
    assert URL not in card.text


async def test_with_a_public_address_the_card_has_a_link_and_the_button_gives_a_fresh_one(
    stage: Stage,
) -> None:
    await with_links(stage)
    card = await too_large(stage)
    assert re.search(rf"\[Open the original\]\({URL}/originals/\w+\?\S+\), until <t:\d+:R>", card.text)
    result = await stage.ben.click(card.message, label="Original")
    answer = stage.answer(result)
    assert answer is not None and answer.flags.ephemeral
    assert "The original of" in answer.text and "0.3 MiB" in answer.text
    assert answer.buttons["Open the original"].startswith(f"{URL}/originals/")
    assert f"for={stage.ben.id}" in answer.buttons["Open the original"]


async def test_without_one_the_best_that_fits_comes_with_an_honest_sentence(stage: Stage) -> None:
    card = await too_large(stage)
    assert "Original" in card.buttons
    image_id = card.buttons["Original"].rpartition(":")[2]
    # A place that takes larger files gets the very bytes.
    result = await stage.ben.click(card.message, label="Original")
    answer = await stage.finished(result)
    assert (answer.flags.ephemeral, [item.data for item in answer.media]) == (True, [ORIGINAL])
    assert "byte for byte" in answer.text
    # The same place does not.
    result = await forged.press(stage, stage.ben, card, card.buttons["Original"], attachment_size_limit=LIMIT)
    answer = await stage.finished(result)
    (shown,) = answer.media
    assert len(shown.data) <= LIMIT
    assert "best copy that fits" in answer.text
    assert f"`/show id:{image_id}`" in answer.text
    assert "It is kept as it came" in answer.text
    assert answer.buttons == {}


async def test_of_several_it_asks_which(stage: Stage) -> None:
    await with_links(stage)
    card = await too_large(stage, count=2)
    question = stage.answer(await stage.alice.click(card.message, label="Original"))
    assert question is not None and "which picture?" in question.text
    assert len(question.buttons) == 2
    answer = stage.answer(await stage.alice.click(question.message, label=next(iter(question.buttons))))
    assert answer is not None and "Open the original" in answer.buttons


async def test_a_private_or_deleted_one_is_given_to_nobody_else(stage: Stage) -> None:
    await with_links(stage)
    card = await too_large(stage, private=True)
    assert URL in card.text  # which only Alice sees
    refused = await forged.press(stage, stage.ben, card, card.buttons["Original"])
    assert "not there any more" in stage.said(refused)
    question = stage.answer(await stage.alice.click(card.message, label="Delete"))
    assert question is not None
    press = card.buttons["Original"]
    await stage.alice.click(question.message, label="Yes, delete it")
    refused = await forged.press(stage, stage.alice, question, press)
    assert "not there any more" in stage.said(refused)

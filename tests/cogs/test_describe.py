"""/describe: a text card with what the picture shows, and the button that makes a picture from it."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from bot.domain.requests import Kind
from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.cogs.test_edit import colour_of, photograph, sent
from tests.cogs.using import manager, said, use
from tests.fakes.gemini import Answer, Picture, make_jpeg, no_image, refused, words

DESCRIPTION = 'A *red* lighthouse on a rock, "@nasa" on its wall, <@1>.'


async def describe(stage: Stage, **options: Any) -> simcord.InteractionResult:
    return await stage.alice.slash(
        stage.channel, "describe", image=("IMG_1.jpg", photograph("red")), **options
    )


async def test_the_words_of_the_model_become_a_card_and_a_picture(stage: Stage) -> None:
    stage.gemini.enqueue(words(DESCRIPTION), Picture(make_jpeg(96, 64)))
    result = await describe(stage)
    card = await stage.finished(result)
    assert DESCRIPTION in card.text.replace("\\", "")
    assert card.pings == set()
    assert "AI-made description" in card.text
    assert (card.media, list(card.buttons)) == ([], ["Imagine this"])
    (asked,) = stage.gemini.history
    assert asked.body["generationConfig"] == {"responseModalities": ["TEXT"]}
    (picture,) = [part for part in asked.parts if "inlineData" in part]
    assert colour_of(sent(picture)) == "red"
    (job,) = await stage.done(1)
    assert job.request.kind is Kind.DESCRIBE
    assert job.cost_micros is not None
    assert f"${job.cost_micros / 1e6:.3f}" in card.text

    # Somebody else makes a picture from it, at their own cost, also after a restart.
    await stage.restart()
    made = await stage.finished(await stage.ben.click(card.message, label="Imagine this"))
    assert made.media
    assert f"-# For <@{stage.ben.id}>" in made.text
    assert stage.gemini.history[-1].text == DESCRIPTION
    assert "IMAGE" in stage.gemini.history[-1].body["generationConfig"]["responseModalities"]
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.ben.id: 1}}


async def test_a_private_description_stays_so_and_is_nobody_elses(stage: Stage) -> None:
    stage.gemini.enqueue(words("A secret garden."))
    result = await describe(stage, private=True)
    card = await stage.finished(result)
    assert result.ephemeral
    assert "A secret garden." not in "".join(seen.text for seen in stage.messages(viewer=stage.ben))
    refusal = await forged.press(stage, stage.ben, card, card.buttons["Imagine this"])
    assert "not there any more" in stage.said(refusal)
    made = await stage.alice.click(card.message, label="Imagine this")
    await stage.finished(made)
    assert made.ephemeral
    assert [job.request.private for job in await stage.done(2)] == [True, True]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([refused()], "keep it from describing this picture"),
        ([no_image(), no_image()], "said nothing about this picture"),
    ],
)
async def test_what_the_model_does_not_say_has_sentences_of_its_own(
    stage: Stage, answers: list[Answer], says: str
) -> None:
    stage.gemini.enqueue(*answers)
    card = await stage.finished(await describe(stage))
    assert card.text.startswith("**No description this time.**\n")
    assert says in card.text
    assert "Nothing was charged" in card.text
    assert card.buttons == {}


async def test_what_is_no_picture_and_what_nobody_agreed_to_is_refused_privately(stage: Stage) -> None:
    result = await stage.alice.slash(stage.channel, "describe", image=("cat.png", b"this is a text"))
    assert "cat.png" in stage.said(result)
    await use(stage, manager(stage), "config consent", required="on")
    assert "agrees" in stage.said(await describe(stage))
    assert (stage.gemini.history, await stage.jobs()) == ([], [])
    await stage.finished(await describe(stage, consent=True))


async def test_the_price_is_asked_for_as_everywhere(stage: Stage) -> None:
    await use(stage, manager(stage), "config confirm", above=0.001)
    result = await describe(stage)
    said = stage.said(result)
    assert "This costs about" in said
    assert stage.gemini.history == []


@pytest.mark.parametrize("stage", [{"daily_descriptions": 1}, {"daily_descriptions": 0}], indirect=True)
async def test_descriptions_of_a_day_come_to_an_end(stage: Stage) -> None:
    stage.gemini.enqueue(words("A door."))
    if stage.settings.limits.daily_descriptions == 0:
        assert "Descriptions are switched off here." in stage.said(await describe(stage))
        return
    await stage.finished(await describe(stage))
    assert "Descriptions today: 1 of 1" in await said(stage, stage.alice, "usage me")
    assert "Descriptions" not in await said(stage, stage.ben, "usage me")
    refusal = stage.said(await describe(stage))
    assert "The daily limit is 1 description for each member, and you have used it." in refusal
    assert "It starts again at <t:" in refusal
    assert len(stage.gemini.history) == 1
    assert (await stage.picture()).media
    await stage.env.advance_time(24 * 3600)
    stage.gemini.enqueue(words("A door."))
    await stage.finished(await describe(stage))

"""Vary, Finish and Reuse settings: the rules of the server and the member hold there, too."""

from __future__ import annotations

from typing import Any

import simcord

from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_edit import colour_of, photograph, sent
from tests.cogs.test_wishes import spoilers
from tests.cogs.using import manager, said


async def opened(stage: Stage, who: simcord.MemberActor, image_id: str) -> Seen:
    """The details of a picture, with their buttons."""
    seen = stage.answer(await who.slash(stage.channel, "show", id=image_id, details=True))
    assert seen is not None
    return seen


async def only_image(stage: Stage) -> str:
    ((image,),) = [await stage.images(job) for job in await stage.done(1)]
    return image.id


async def test_a_dear_take_is_confirmed_and_a_finish_whose_price_was_shown_is_not(stage: Stage) -> None:
    card = await stage.picture(model="gemini-3-pro-image")
    await said(stage, manager(stage), "config confirm", above=0.1)
    asked = await stage.ben.click(card.message, label="Vary")
    question = stage.answer(asked)
    assert question is not None and question.flags.ephemeral
    assert "This costs about **$0.13" in question.text
    assert "Make another take" in question.text
    assert len(stage.gemini.history) == 1
    (label,) = question.buttons
    assert (await stage.finished(await stage.ben.click(question.message, label=label))).media

    offers = stage.answer(await stage.ben.click(card.message, label="Finish"))
    assert offers is not None
    made = await stage.ben.click(offers.message, label=next(iter(offers.buttons)))
    assert (await stage.finished(made)).media


async def test_a_member_who_wants_spoilers_and_privacy_has_them_for_every_take(stage: Stage) -> None:
    card = await stage.picture()
    settings = stage.app.client.surface.settings
    await settings.change_member(stage.ben.id, spoiler=True, private=True)
    result = await stage.ben.click(card.message, label="Vary")
    assert result.ephemeral
    assert spoilers(await stage.finished(result)) == [True]
    result = await stage.alice.click(card.message, label="Vary")
    assert not result.ephemeral
    assert spoilers(await stage.finished(result)) in ([False], [None])


async def reuse(stage: Stage, who: simcord.MemberActor, image_id: str, prompt: str) -> Any:
    details = await opened(stage, who, image_id)
    form = await who.click(details.message, label="Reuse settings")
    return await who.submit_modal(form, {"prompt": prompt})


async def test_a_character_that_only_the_new_words_name_is_brought_in(stage: Stage) -> None:
    await said(stage, stage.alice, "character save", name="Mia", image1=("m.jpg", photograph("red")))
    await said(stage, stage.ben, "character save", name="Tom", image1=("t.jpg", photograph("blue")))
    await stage.picture(prompt="@mia at the sea")
    image_id = await only_image(stage)
    await stage.finished(await reuse(stage, stage.ben, image_id, "@mia and @tom at the sea"))
    request = stage.gemini.history[-1]
    pictures = [part for part in request.parts if "inlineData" in part]
    assert [colour_of(sent(part)) for part in pictures] == ["red", "blue"]
    assert request.text == "@mia and @tom at the sea"
    told = "\n".join(request.texts)
    assert "@Mia is who or what picture 1 shows" in told
    assert "@Tom is who or what picture 2 shows" in told
    # Alice has no Tom.
    refused = await reuse(stage, stage.alice, image_id, "@mia and @tom at the sea")
    assert "@tom" in stage.said(refused)
    assert len(stage.gemini.history) == 2

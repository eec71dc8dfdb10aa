"""Vary, Finish and Reuse settings: the rules of the server and the member hold there, too."""

from __future__ import annotations

from typing import Any

import discord
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


# --- the consent rule of the server where it is pressed ---------------------------------------------------


async def where_consent_is_asked_for(
    stage: Stage,
) -> tuple[simcord.MemberActor, simcord.MemberActor, simcord.ChannelHandle]:
    """Another server, with Alice and Carl in it."""
    server = stage.env.create_guild("Elsewhere")
    lobby = server.create_text_channel("lobby")
    role = server.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    gina = server.add_member(stage.env.create_user("gina"), roles=[role])
    await gina.slash(lobby, "config consent", required="on")
    return server.add_member(stage.alice.user), server.add_member(stage.env.create_user("carl")), lobby


async def show_in(
    stage: Stage, who: simcord.MemberActor, channel: simcord.ChannelHandle, image_id: str, *, details: bool
) -> Seen:
    card = stage.answer(await who.slash(channel, "show", id=image_id, details=details))
    assert card is not None
    return card


async def every_repeat(stage: Stage, who: simcord.MemberActor, card: Seen, details: Seen) -> list[str]:
    """What is said when somebody asks again in every way."""
    words = [stage.said(await who.click(card.message, label="Vary"))]
    form = await who.click(details.message, label="Reuse settings")
    words.append(stage.said(await who.submit_modal(form, {"prompt": "a cap"})))
    offers = stage.answer(await who.click(card.message, label="Finish"))
    assert offers is not None
    words.append(stage.said(await who.click(offers.message, label=next(iter(offers.buttons)))))
    return words


async def test_photos_from_a_place_without_the_rule_need_consent_where_it_is_pressed(stage: Stage) -> None:
    result = await stage.alice.slash(
        stage.channel, "edit", instruction="a hat", image=("me.jpg", photograph("red"))
    )
    made = await stage.finished(result)
    image_id = await only_image(stage)
    alice, carl, lobby = await where_consent_is_asked_for(stage)
    card = await show_in(stage, alice, lobby, image_id, details=False)
    details = await show_in(stage, alice, lobby, image_id, details=True)
    for words in [
        *await every_repeat(stage, alice, card, details),
        stage.said(await carl.click(card.message, label="Vary")),
    ]:
        assert "everybody who can be recognised in your pictures agrees" in words
    assert len(stage.gemini.history) == len(await stage.jobs()) == 1
    # Where nobody asks it goes on.
    assert (await stage.finished(await stage.ben.click(made.message, label="Vary"))).media


async def test_consent_that_was_given_and_pictures_that_were_made_here_need_no_other(stage: Stage) -> None:
    photo = ("me.jpg", photograph("red"))
    edited = await stage.alice.slash(stage.channel, "edit", instruction="a hat", image=photo, consent=True)
    await stage.finished(edited)
    made = await stage.picture(prompt="a lighthouse")
    form = await stage.alice.click(made.message, label="Edit")
    await stage.finished(await stage.alice.submit_modal(form, {"instruction": "at night"}))
    await said(stage, stage.alice, "character save", name="Mia", image1=photo, consent=True)
    await stage.picture(prompt="@mia at the sea")
    alice, _carl, lobby = await where_consent_is_asked_for(stage)
    for job in await stage.done(4):
        (image,) = await stage.images(job)
        card = await show_in(stage, alice, lobby, image.id, details=False)
        assert (await stage.finished(await alice.click(card.message, label="Vary"))).media


async def test_a_character_about_whom_nobody_said_anything_needs_consent_again(stage: Stage) -> None:
    await said(stage, stage.alice, "character save", name="Mia", image1=("m.jpg", photograph("red")))
    await stage.picture(prompt="@mia at the sea")
    image_id = await only_image(stage)
    alice, _carl, lobby = await where_consent_is_asked_for(stage)
    card = await show_in(stage, alice, lobby, image_id, details=False)
    assert "agrees" in stage.said(await alice.click(card.message, label="Vary"))
    assert len(stage.gemini.history) == 1


async def test_a_turn_of_direct_messages_needs_consent_in_a_server(stage: Stage) -> None:
    user = stage.alice.user
    await user.slash("thread", prompt="a hat", image=("me.jpg", photograph("red")))
    image_id = await only_image(stage)
    alice, carl, lobby = await where_consent_is_asked_for(stage)
    card = await show_in(stage, alice, lobby, image_id, details=False)
    for who in (alice, carl):
        assert "agrees" in stage.said(await who.click(card.message, label="Vary"))
    assert len(stage.gemini.history) == 1

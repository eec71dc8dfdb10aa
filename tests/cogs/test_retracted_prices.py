"""Questions about prices whose messages people delete before they answer."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.retracting import WORDS, forgotten, two_turns
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import start
from tests.cogs.test_turns_and_moderation import image_at
from tests.cogs.using import manager, said, use
from tests.fakes.gemini import make_jpeg


async def asks_for_prices(stage: Stage) -> None:
    await said(stage, manager(stage), "config confirm", above=0.01)


async def confirm(stage: Stage, who: simcord.MemberActor, question: Seen) -> simcord.InteractionResult:
    label = next(each for each in question.buttons if each.startswith("Make it for"))
    result: simcord.InteractionResult = await who.click(question.message, label=label)
    return result


async def test_the_price_of_a_deleted_message_cannot_be_confirmed(stage: Stage) -> None:
    talk = await start(stage)
    await asks_for_prices(stage)
    asked = await talk.say(WORDS)
    question = await talk.answer(asked)
    await stage.alice.delete(asked)
    refused = stage.said(await confirm(stage, stage.alice, question))
    assert "The message that asked for this was deleted" in refused
    assert len(stage.gemini.history) == len(await stage.jobs()) == 1
    await stage.until(lambda: question.gone, "the question goes")


async def test_the_price_of_pictures_from_a_deleted_message_cannot_be_confirmed(stage: Stage) -> None:
    await asks_for_prices(stage)
    sent = await stage.alice.send(stage.channel, "me", attachments=[("me.jpg", make_jpeg(64, 64))])
    form = await stage.ben.context_menu(stage.channel, "Edit image", sent)
    question = stage.answer(await stage.ben.submit_modal(form, {"instruction": "a hat"}))
    assert question is not None
    await stage.alice.delete(sent)
    assert "was deleted" in stage.said(await confirm(stage, stage.ben, question))
    assert (stage.gemini.history, await stage.jobs()) == ([], [])


@pytest.mark.parametrize("way", ["Vary", "Vary elsewhere", "Reuse settings"])
async def test_the_price_of_another_take_whose_words_were_deleted_cannot_be_confirmed(
    stage: Stage, way: str
) -> None:
    _talk, asked, card = await two_turns(stage)
    image = await image_at(stage, card)
    await asks_for_prices(stage)
    copy = stage.answer(await use(stage, stage.alice, "show", id=image.id, details=way == "Reuse settings"))
    assert copy is not None
    pressed = await stage.alice.click(
        (card if way == "Vary" else copy).message, label=way.split(" else", maxsplit=1)[0]
    )
    if way == "Reuse settings":
        pressed = await stage.alice.submit_modal(pressed, {"prompt": "make it mauve"})
    question = stage.answer(pressed)
    assert question is not None and question.flags.ephemeral
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    before = len(stage.gemini.history)
    refused = stage.said(await confirm(stage, stage.alice, question))
    assert "The message that asked for this was deleted" in refused
    assert len(stage.gemini.history) == before

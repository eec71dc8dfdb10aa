"""The prompt as it was put together: before it is sent, beside a price, and for a picture that is there."""

from __future__ import annotations

import simcord

from cogs.sent import FILE, SHOWN
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_edit import photograph
from tests.cogs.using import manager, said


def answered(stage: Stage, result: simcord.InteractionResult) -> Seen:
    seen = stage.answer(result)
    assert seen is not None and seen.flags.ephemeral
    return seen


def plain(text: str) -> str:
    """A block quote as it is read."""
    return "\n".join(line.removeprefix("> ") for line in text.replace("\\", "").splitlines())


async def test_a_preview_shows_every_text_and_makes_nothing_before_it_is_told_to(stage: Stage) -> None:
    await said(stage, manager(stage), "config brand", text="In green.")
    result = await stage.imagine(
        prompt="a *mug*",
        style="watercolour",
        ratio="3:2",
        image1=("a.jpg", photograph("red")),
        preview=True,
    )
    panel = answered(stage, result)
    assert (stage.gemini.history, await stage.jobs()) == ([], [])
    assert "This costs about **$0.0" in panel.text
    assert "1 picture before the words · Nano Banana 2.1 · 3\\:2 · style watercolour" in panel.text
    (label,) = panel.buttons
    seen = await stage.finished(await stage.alice.click(panel.message, label=label))
    assert seen.media
    (request,) = stage.gemini.history
    assert "\n\n".join(request.texts) in plain(panel.text)
    assert request.texts[0] == "In green." and request.text == "a *mug*"


async def test_what_is_refused_is_refused_before_anything_is_shown(stage: Stage) -> None:
    said = stage.said(await stage.imagine(ratio="7:3", preview=True))
    assert "7:3" in said
    assert "costs" not in said


async def test_the_question_about_a_price_shows_it_too(stage: Stage) -> None:
    await said(stage, manager(stage), "config confirm", above=0.0)
    panel = answered(stage, await stage.imagine(prompt="a lighthouse"))
    assert "Show no words" in panel.text
    assert "a lighthouse" in panel.text


async def test_the_details_of_a_picture_lead_to_what_was_sent(stage: Stage) -> None:
    card = await stage.picture(prompt="a ```door```", style="watercolour")
    ((image,),) = [await stage.images(job) for job in await stage.jobs()]
    details = answered(stage, await stage.ben.slash(stage.channel, "show", id=image.id, details=True))
    assert "**Style** watercolour" in details.text
    assert "watercolour" in card.text
    sent = answered(stage, await stage.ben.click(details.message, label="What was sent"))
    for text in stage.gemini.history[0].texts[:-1]:
        assert text in plain(sent.text)
    assert "> a \\`\\`\\`door" in sent.text
    assert sent.attachments == []


async def test_a_long_prompt_comes_as_a_file_too(stage: Stage) -> None:
    prompt = "stone " * 600
    await stage.picture(prompt=prompt)
    ((image,),) = [await stage.images(job) for job in await stage.jobs()]
    details = answered(stage, await stage.alice.slash(stage.channel, "show", id=image.id, details=True))
    sent = answered(stage, await stage.alice.click(details.message, label="What was sent"))
    assert len(sent.text) <= SHOWN + 300
    (file,) = sent.attachments
    assert file["filename"] == FILE
    data = stage.env.backend.cdn.get(file["url"])
    assert data == "\n\n".join(stage.gemini.history[0].texts).encode()


async def test_nobody_sees_what_was_sent_for_a_private_picture_of_another(stage: Stage) -> None:
    await stage.picture(private=True)
    ((image,),) = [await stage.images(job) for job in await stage.jobs()]
    details = answered(stage, await stage.alice.slash(stage.channel, "show", id=image.id, details=True))
    refused = await forged.press(stage, stage.ben, details, details.buttons["What was sent"])
    assert "not there any more" in stage.said(refused)

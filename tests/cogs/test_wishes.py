"""What a server and a member have set, at work in the pictures that are made."""

from __future__ import annotations

from typing import Any

from tests.cogs.seen import MEDIA_GALLERY, Seen
from tests.cogs.stage import Stage
from tests.cogs.using import manager, said
from tests.fakes.gemini import make_jpeg

PICTURE = ("a.jpg", make_jpeg(64, 64))


def spoilers(seen: Seen) -> list[Any]:
    return [
        item.get("spoiler")
        for part in seen._walk()
        if part["type"] == MEDIA_GALLERY
        for item in part["items"]
    ]


async def test_a_style_stands_before_the_words(stage: Stage) -> None:
    await said(stage, manager(stage), "config brand", text="In green")
    await stage.picture(prompt="a lighthouse", style="watercolour")
    (request,) = stage.gemini.history
    assert request.text == "a lighthouse"
    frame = " ".join(request.texts[:-1])
    assert "In green" in frame
    assert "watercolour" in frame.casefold()
    # Another take has the same frame, whatever the server has changed since.
    await said(stage, manager(stage, "gus"), "config brand", text="In red")
    (job,) = await stage.done(1)
    assert job.request.frame == tuple(request.texts[:-1])


async def test_a_style_that_there_is_not(stage: Stage) -> None:
    assert "watercolour" in stage.said(await stage.imagine(style="watercolor"))
    assert stage.gemini.history == []


async def test_words_in_a_picture_suggest_the_pro_model(stage: Stage) -> None:
    assert (
        "come out best with Nano Banana Pro" in (await stage.picture(prompt='a sign that says "Open"')).text
    )
    assert "come out best" not in (await stage.picture(prompt="a lighthouse")).text


async def test_what_a_member_set_holds_where_nothing_else_is_said(stage: Stage) -> None:
    await stage.app.client.surface.settings.change_member(stage.alice.id, ratio="3:2", private=True)
    result = await stage.imagine()
    assert result.ephemeral
    await stage.finished(result)
    assert stage.gemini.history[0].body["generationConfig"]["imageConfig"] == {"aspectRatio": "3:2"}
    result = await stage.imagine(ratio="1:1", private=False)
    assert not result.ephemeral
    await stage.finished(result)
    assert stage.gemini.history[1].body["generationConfig"]["imageConfig"] == {"aspectRatio": "1:1"}


async def test_consent_for_pictures_that_are_brought_along(stage: Stage) -> None:
    await said(stage, manager(stage), "config consent", required="on")
    options: dict[str, Any] = {"image": PICTURE, "instruction": "a hat"}
    assert "consent" in stage.said(await stage.alice.slash(stage.channel, "edit", **options))
    assert await stage.jobs() == []
    await stage.finished(await stage.alice.slash(stage.channel, "edit", consent=True, **options))
    (job,) = await stage.done(1)
    assert job.request.consent

    message = await stage.ben.send(stage.channel, "me", attachments=[PICTURE])
    form = await stage.alice.context_menu(stage.channel, "Edit image", message)
    assert "consent" in stage.said(await stage.alice.submit_modal(form, {"instruction": "a hat"}))
    form = await stage.alice.context_menu(stage.channel, "Edit image", message)
    await stage.finished(await stage.alice.submit_modal(form, {"instruction": "a hat", "consent": True}))


async def test_spoilers_and_the_unit_of_prices(stage: Stage) -> None:
    assert spoilers(await stage.picture()) in ([False], [None])
    gina = manager(stage)
    await said(stage, gina, "config spoiler", where="always")
    await said(stage, gina, "config unit", unit="credits", credit=0.01)
    seen = await stage.picture()
    assert spoilers(seen) == [True]
    assert "credits" in seen.text
    assert "$" not in seen.text


async def test_a_dear_request_is_confirmed_first(stage: Stage) -> None:
    await said(stage, manager(stage), "config confirm", above=0.1)
    await stage.picture(prompt="cheap")
    asked = await stage.imagine(prompt="dear", model="gemini-3-pro-image")
    assert asked.ephemeral
    question = stage.answer(asked)
    assert question is not None
    assert "$0.13" in question.text
    assert len(stage.gemini.history) == 1
    seen = await stage.finished(await stage.alice.click(question.message, label=next(iter(question.buttons))))
    assert seen.media
    assert stage.gemini.history[1].text == "dear"

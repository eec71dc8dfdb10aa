"""A picture that is opened in /gallery: showing, deleting, reusing, its details."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.gallery import Found, Lineage
from bot.domain.requests import Kind, Reference
from bot.studio.gallery import FURTHEST_PARENT, MOST_CHILDREN, Details
from bot.studio.pictures import Shown
from cogs import gallery_words as words
from tests.cogs import forged
from tests.cogs.galleries import (
    NOTHING_BEHIND,
    gallery,
    made,
    offered,
    shown,
)
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE


async def open_first(stage: Stage, page: Seen, place: int = 0) -> Seen:
    result = await stage.alice.click(page.message, label=offered(page)[place])
    assert result.ephemeral
    return shown(stage, result)


async def test_opening_a_picture(stage: Stage) -> None:
    images = await made(stage, 2, prompt="a door")
    page = await gallery(stage)
    await stage.restart()
    opened = await open_first(stage, page)
    assert f"<@{stage.alice.id}> “a door”" in opened.text
    assert (images[0].id in opened.text, images[1].id in opened.text) == (True, False)
    assert [item.data for item in opened.media] == [stage.app.store.blobs.path(images[0].sha256).read_bytes()]
    assert set(opened.buttons) >= {"Vary", "Delete", "Show here", "Reuse settings", "Details"}
    # The usual buttons are about this one picture, not about both.
    await stage.finished(await stage.alice.click(opened.message, label="Vary"))
    assert (await stage.jobs())[-1].request.parent == images[0].id


async def test_a_private_picture_is_marked_and_offers_no_showing(stage: Stage) -> None:
    (image,) = await made(stage, 1, private=True)
    page = await gallery(stage)
    assert offered(page) == [image.id]
    opened = await open_first(stage, page)
    assert "Show here" not in opened.buttons
    result = await forged.press(stage, stage.alice, opened, f"plantain:gallery:show:{image.id}")
    assert stage.said(result) == (
        "This picture is private: only you can see it, and it is never posted for others."
    )
    assert stage.messages() == []


async def test_showing_here_posts_a_copy_with_working_buttons(stage: Stage) -> None:
    images = await made(stage, 2, prompt="a door")
    opened = await open_first(stage, await gallery(stage))
    result = await stage.alice.click(opened.message, label="Show here")
    assert not result.ephemeral
    copy = shown(stage, result)
    assert copy.text.startswith(f"<@{stage.alice.id}> “a door”")
    assert copy.pings == set()
    assert len(copy.media) == 1
    assert "Show here" not in copy.buttons
    await stage.finished(await stage.ben.click(copy.message, label="Vary"))
    assert (await stage.jobs())[-1].request.parent == images[0].id

    await stage.restart()
    question = shown(stage, await stage.mona.click(copy.message, label="Delete"))
    assert images[0].id in question.text
    original = next(seen for seen in stage.messages() if len(seen.media) == 2)
    answer = await stage.mona.click(question.message, label="Yes, delete it")
    await stage.until(lambda: copy.gone and len(original.media) == 1, "the copy and the picture are gone")
    assert answer.followups == []


async def test_deleting_from_the_gallery(stage: Stage) -> None:
    images = await made(stage, 2)
    page = await gallery(stage)
    opened = await open_first(stage, page)
    question = shown(stage, await stage.alice.click(opened.message, label="Delete"))
    await stage.alice.click(question.message, label="Yes, delete it")
    assert question.text == f"The picture `{images[0].id}` is deleted."
    for label in ("Show here", "Reuse settings", "Details", "Vary"):
        assert stage.said(await stage.alice.click(opened.message, label=label)) == GONE
    assert stage.said(await stage.alice.click(page.message, label=images[0].id)) == GONE
    assert offered(await gallery(stage)) == [images[1].id]


async def test_reusing_settings(stage: Stage) -> None:
    await made(stage, 2, prompt="a door", model="draft", ratio="16:9", seed=7)
    opened = await open_first(stage, await gallery(stage))
    form = await stage.alice.click(opened.message, label="Reuse settings")
    assert form.modal is not None
    assert form.modal["components"][0]["component"]["value"] == "a door"
    card = await stage.finished(await stage.alice.submit_modal(form, {"prompt": "a *window*"}))
    assert card.text.startswith("“a \\*window\\*”")
    request = (await stage.jobs())[-1].request
    assert (request.kind, request.prompt, request.private) == (Kind.GENERATE, "a *window*", False)
    assert (request.options.ratio, request.options.seed, request.options.count) == ("16:9", 8, 1)
    assert stage.gemini.history[-1].body["generationConfig"]["seed"] == 8


async def test_reusing_the_settings_of_what_is_gone_meanwhile(stage: Stage) -> None:
    await made(stage, 1, private=True)
    opened = await open_first(stage, await gallery(stage))
    form = await stage.alice.click(opened.message, label="Reuse settings")
    question = shown(stage, await stage.alice.click(opened.message, label="Delete"))
    await stage.alice.click(question.message, label="Yes, delete it")
    assert stage.said(await stage.alice.submit_modal(form, {"prompt": "a door"})) == GONE
    assert len(await stage.jobs()) == 1


async def test_details_tell_settings_and_lineage_in_one_view(stage: Stage) -> None:
    first = await stage.picture(prompt="a *door*", model="draft", ratio="3:2", seed=5)
    second = await stage.finished(await stage.alice.click(first.message, label="Vary"))
    await stage.finished(await stage.ben.click(second.message, label="Vary"))
    images = [(await stage.images(job))[0] for job in await stage.jobs()]
    page = await gallery(stage)
    opened = shown(stage, await stage.alice.click(page.message, label=images[1].id))
    details = shown(stage, await stage.alice.click(opened.message, label="Details"))
    lines = details.text.splitlines()
    assert lines[:2] == [f"**Settings of `{images[1].id}`**", "“a \\*door\\*”"]
    assert lines[2].startswith(
        "**Kind** another take · **Model** Nano Banana 2 Lite · **Ratio** 3\\:2 · **Size** 1K, the "
    )
    assert lines[3].startswith("-# Sent before the prompt: “Show no words")
    assert lines[4].startswith(f"-# {images[1].width}×{images[1].height} · JPEG · 0.0 MiB · made <t:")
    assert lines[5:] == [
        "**Made from**",
        f"- `{images[0].id}` “a \\*door\\*”",
        "**Made from it**",
        f"- `{images[2].id}` “a \\*door\\*”",
    ]
    assert offered(details) == [images[0].id, images[2].id]
    relative = shown(stage, await stage.alice.click(details.message, label=images[2].id))
    assert f"<@{stage.ben.id}> “a" in relative.text
    more = {"Show here", "Reuse settings", "What was sent"}
    assert set(details.buttons) == {images[0].id, images[2].id, *more}


async def test_the_longest_details_fit_into_a_message(stage: Stage) -> None:
    """Texts that are all markdown, each twice as long when it is escaped."""
    catalogue = stage.app.studio.catalogue
    await made(stage, 1, prompt="*" * 4000, model="draft", seed=1)
    (image,) = await stage.images((await stage.jobs())[0])
    job = (await stage.jobs())[0]
    wide = replace(image, width=9999, height=9999, size=10**9, private=True)
    request = job.request.evolve(
        frame=("_" * 4000,) * 3, references=(Reference("ab" * 32, "image/png", 1),) * 14
    )
    relative = Found(image, request)
    found = Details(
        Shown(job.evolve(request=request), (wide,), None),
        2**31 - 1,
        Lineage((relative,) * FURTHEST_PARENT, (relative,) * MOST_CHILDREN),
    )
    text = words.details(found, catalogue)
    assert 3300 < len(text) <= 4000
    assert "\n-# Sent before the prompt: “" in text


@pytest.mark.parametrize("look", ["open", "show", "reuse", "details"])
async def test_a_forged_id_is_not_there(stage: Stage, look: str) -> None:
    await made(stage, 1)
    (secret,) = [i for i in await made(stage, 1, stage.ben, private=True) if i.owner_id == stage.ben.id]
    opened = await open_first(stage, await gallery(stage))
    for image_id in (secret.id, "bbbbbbb"):
        result = await forged.press(stage, stage.alice, opened, f"plantain:gallery:{look}:{image_id}")
        assert stage.said(result) == GONE
    nothing = await forged.press(stage, stage.alice, opened, f"plantain:gallery:{look}:../etc/passwd")
    assert stage.said(nothing) == NOTHING_BEHIND


async def test_discord_takes_no_copy(stage: Stage) -> None:
    images = await made(stage, 1)
    opened = await open_first(stage, await gallery(stage))
    stage.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=403, code=50001)
    result = await stage.alice.click(opened.message, label="Show here")
    assert shown(stage, result).text == "Discord does not take this right now. Try again in a minute."
    async with stage.app.store.reading() as tx:
        assert list(await tx.postings.of_job(images[0].job_id)) == []

    page = await gallery(stage)
    stage.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=403, code=50001)
    result = await stage.alice.click(page.message, label=images[0].id)
    assert stage.said(result) == "Discord does not take this right now. Try again in a minute."
    stage.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=403, code=50001)
    result = await stage.alice.slash(stage.channel, "gallery")
    assert stage.said(result) == "Discord does not take this right now. Try again in a minute."


async def test_a_lost_file(stage: Stage) -> None:
    stage.may_break = True
    (image,) = await made(stage, 1)
    page = await gallery(stage)
    opened = await open_first(stage, page)
    stage.app.store.blobs.path(image.sha256).unlink()
    result = await stage.alice.click(opened.message, label="Show here")
    assert stage.said(result) == GONE
    assert stage.said(await stage.alice.click(page.message, label=image.id)) == GONE
    assert len((await gallery(stage)).media) == 1

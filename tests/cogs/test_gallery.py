"""/gallery: contact sheets that only who asked sees, what turns them, and what can be opened from them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import simcord
from PIL import Image as Pillow

from bot.domain.gallery import Found, Lineage
from bot.domain.images import Image
from bot.domain.requests import Kind, Reference
from bot.studio.gallery import FURTHEST_PARENT, MOST_CHILDREN, Details
from bot.studio.pictures import Shown
from cogs import gallery_words as words
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage

GONE = "This picture is not there any more, so there is nothing to do with it."
NOTHING_BEHIND = "This does not work any more. Use the command again to get fresh buttons."
BUTTON = 2


async def made(stage: Stage, count: int, who: Person | None = None, **options: Any) -> list[Image]:
    """Have so many pictures made, and return all that there are, the newest first."""
    for start in range(0, count, 4):
        await stage.env.advance_time(1)
        await stage.picture(who, count=min(4, count - start), **options)
    jobs = await stage.jobs()
    return [image for job in reversed(jobs) for image in reversed(await stage.images(job))]


async def gallery(stage: Stage, who: Person | None = None, **options: Any) -> Seen:
    who = who or stage.alice
    if isinstance(who, simcord.UserHandle):
        result = await who.slash("gallery", **options)
    else:
        result = await who.slash(stage.channel, "gallery", **options)
    assert result.ephemeral
    return shown(stage, result)


def shown(stage: Stage, result: simcord.InteractionResult) -> Seen:
    seen = stage.answer(result)
    assert seen is not None
    return seen


def parts(seen: Seen, kind: int) -> list[dict[str, Any]]:
    return [
        item for item in simcord.components.walk_components(seen.message.components) if item["type"] == kind
    ]


def offered(seen: Seen) -> list[str]:
    """The ids of the pictures that can be opened from a message."""
    labels = {item["custom_id"]: item["label"] for item in parts(seen, BUTTON)}
    found = [label for custom_id, label in labels.items() if custom_id.startswith("plantain:gallery:open:")]
    assert all(f"plantain:gallery:open:{label}" in labels for label in found)
    return found


def enabled(seen: Seen) -> list[str]:
    """The buttons that turn pages, as far as they do."""
    buttons = [item for item in parts(seen, BUTTON) if item["custom_id"].startswith("plantain:page:")]
    return [item["label"] for item in buttons if not item.get("disabled")]


def ids(images: list[Image]) -> list[str]:
    return [image.id for image in images]


# --- pages ------------------------------------------------------------------------------------------------


async def test_a_page_has_a_sheet_and_buttons(stage: Stage) -> None:
    images = await made(stage, 3, prompt="a *red* door")
    await made(stage, 1, stage.ben)
    page = await gallery(stage)
    assert page.text == "**Your pictures** · page 1 of 1 · 3 pictures"
    assert offered(page) == ids([image for image in images if image.owner_id == stage.alice.id])
    assert enabled(page) == ["Jump to…"]
    (sheet,) = page.media
    assert sheet.filename.startswith("plantain-gallery.jpg")
    assert sheet.description is not None
    assert all(f"{image_id}: a *red* door" in sheet.description for image_id in offered(page))
    with Pillow.open(io.BytesIO(sheet.data)) as picture:
        assert picture.format == "JPEG"
    assert [len(message.media) for message in stage.messages(viewer=stage.ben)] == [3, 1]


async def test_pages_turn_in_place_also_after_a_restart(stage: Stage) -> None:
    images = ids(await made(stage, 20))
    page = await gallery(stage)
    sheets = [page.media[0].data]
    assert (offered(page), enabled(page)) == (images[:9], ["Older ›", "Jump to…"])
    await stage.alice.click(page.message, label="Older ›")
    assert (offered(page), enabled(page)) == (images[9:18], ["‹ Newer", "Older ›", "Jump to…", "Newest"])
    assert "page 2 of 3 · 20 pictures" in page.text
    sheets.append(page.media[0].data)
    assert sheets[0] != sheets[1]
    assert len(page.attachments) == 1
    await stage.restart()
    await stage.alice.click(page.message, label="Older ›")
    assert (offered(page), enabled(page)) == (images[18:], ["‹ Newer", "Jump to…", "Newest"])
    await stage.alice.click(page.message, label="‹ Newer")
    assert offered(page) == images[9:18]
    await stage.alice.click(page.message, label="Newest")
    assert offered(page) == images[:9]


async def test_jumping(stage: Stage) -> None:
    images = ids(await made(stage, 20))
    page = await gallery(stage)

    async def jump(place: str) -> simcord.InteractionResult:
        form = await stage.alice.click(page.message, label="Jump to…")
        return await stage.alice.submit_modal(form, {"place": place})

    for place, number, expected in ((" 2 ", 2, images[9:18]), ("99", 3, images[18:]), ("0", 1, images[:9])):
        await jump(place)
        assert (offered(page), f"page {number} of 3" in page.text) == (expected, True)
    opened = await jump(images[12].upper())
    assert opened.ephemeral
    assert f"`{images[12]}`" in shown(stage, opened).text
    assert stage.said(await jump("`x` page")).startswith("`'x' page` is neither a page number")
    assert stage.said(await jump("bbbbbbb")) == GONE
    assert offered(page) == images[:9]


async def test_filters_are_kept_while_pages_turn(stage: Stage) -> None:
    wanted = ids(await made(stage, 10, prompt="Ein CAFÉ am Meer"))
    await made(stage, 4, prompt="ein Haus")
    today = datetime.fromtimestamp(stage.env.now().timestamp(), UTC).date()
    day = today.strftime("%b {}, %Y").format(today.day)
    page = await gallery(stage, text="café", kind="generate", day=today.isoformat(), channel=stage.channel)
    assert page.text.splitlines() == [
        "**Your pictures** · page 1 of 2 · 10 pictures",
        f"-# “café” · from words · {day} · <#{stage.channel.id}>",
    ]
    assert offered(page) == wanted[:9]
    await stage.restart()
    await stage.alice.click(page.message, label="Older ›")
    assert offered(page) == wanted[9:]
    assert all(len(custom_id) <= 100 for custom_id in page.buttons.values())


@pytest.mark.parametrize(
    "options", [{"text": "castle"}, {"kind": "edit"}, {"day": "2019-01"}, {"day": "2019-01-01..2019-02"}]
)
async def test_nothing_matches(stage: Stage, options: dict[str, Any]) -> None:
    await made(stage, 1)
    page = await gallery(stage, **options)
    assert page.text.startswith("None of your pictures match.\n-# ")
    assert (page.media, page.buttons, offered(page)) == ([], {}, [])


async def test_no_pictures_yet(stage: Stage) -> None:
    page = await gallery(stage, stage.ben)
    assert page.text == "You have no pictures yet. `/imagine` makes one."


async def test_a_day_that_is_none_is_refused(stage: Stage) -> None:
    result = await stage.alice.slash(stage.channel, "gallery", day="`tomorrow` @everyone")
    assert stage.said(result).startswith("`'tomorrow' @everyone` is no day. Write one like `2026-11-21`")


async def test_days_are_offered(stage: Stage) -> None:
    today = stage.env.now().date().isoformat()
    choices = await stage.alice.autocomplete(stage.channel, "gallery", "day", "")
    assert [choice["name"].partition(" (")[0] for choice in choices] == [
        "today", "yesterday", "last 7 days", "this month", "last month",
    ]  # fmt: skip
    assert choices[0]["value"] == today
    (month,) = await stage.alice.autocomplete(stage.channel, "gallery", "day", "THIS")
    assert month["value"] == today[:7]
    for choice in choices:
        await gallery(stage, day=choice["value"])


async def test_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    await stage.picture(dora)
    page = await gallery(stage, dora)
    assert "1 picture" in page.text


async def test_everybody_turns_their_own_pages(stage: Stage) -> None:
    """A forged press, with what stands in another one's message: nothing of hers is shown."""
    await made(stage, 10)
    (mine,) = [image for image in await made(stage, 1, stage.ben) if image.owner_id == stage.ben.id]
    page = await gallery(stage)
    card = await gallery(stage, stage.ben)
    older = page.buttons["Older ›"]
    first = f"plantain:page:first:-:{older.split(':', 4)[4]}"
    assert stage.said(await forged.press(stage, stage.ben, card, older)) == GONE
    await forged.press(stage, stage.ben, card, first)
    assert offered(card) == [mine.id]


@pytest.mark.parametrize(
    "custom_id",
    [
        "plantain:page:first:-:x::::",
        "plantain:page:first:-:g:20269999::",
        "plantain:page:first:-:::zzzzzzzzzzzzz:",
        "plantain:page:first:-:",
    ],
)
async def test_a_forged_filter_is_answered(stage: Stage, custom_id: str) -> None:
    await made(stage, 1)
    page = await gallery(stage)
    assert stage.said(await forged.press(stage, stage.alice, page, custom_id)) == NOTHING_BEHIND


# --- what is opened ---------------------------------------------------------------------------------------


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

"""/gallery: contact sheets that only who asked sees, what turns them, and what can be opened from them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
import simcord
from PIL import Image as Pillow

from tests.cogs import forged
from tests.cogs.galleries import (
    NOTHING_BEHIND,
    enabled,
    gallery,
    ids,
    made,
    offered,
    shown,
)
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE

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

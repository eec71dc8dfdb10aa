"""What moderators removed does not come back, whichever way somebody tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import simcord

from bot.domain.requests import Reference
from bot.errors import NotAllowed
from tests.cogs import forged
from tests.cogs.reporting import REMOVED, reported, settled, the_image
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import said, use
from tests.fakes.gemini import Picture, make_jpeg

Way = Callable[[Stage, Seen, str], Awaitable[simcord.InteractionResult]]


async def remove(stage: Stage, card: Seen) -> str:
    """Have a picture reported and removed; return its id."""
    image = await the_image(stage)
    await reported(stage, stage.ben, card)
    await said(stage, stage.mona, "mod resolve", case="#1", action="remove")
    await stage.until(lambda: REMOVED in card.text, "the notice")
    return image.id


def pressed(custom_id: str) -> Way:
    async def press(stage: Stage, card: Seen, image_id: str) -> simcord.InteractionResult:
        return await forged.press(stage, stage.alice, card, custom_id.format(image_id))

    return press


def used(command: str, **options: str) -> Way:
    async def use_it(stage: Stage, card: Seen, image_id: str) -> simcord.InteractionResult:
        filled = {name: value.format(image_id) for name, value in options.items()}
        return await use(stage, stage.alice, command, **filled)

    return use_it


WAYS = {
    "Vary": pressed("plantain:vary:image:{}"),
    "Edit": pressed("plantain:edit:image:{}"),
    "Finish": pressed("plantain:finish:image:{}"),
    "Delete": pressed("plantain:delete:image:{}"),
    "Original": pressed("plantain:original:image:{}"),
    "gallery open": pressed("plantain:gallery:open:{}"),
    "gallery show": pressed("plantain:gallery:show:{}"),
    "gallery details": pressed("plantain:gallery:details:{}"),
    "gallery reuse": pressed("plantain:gallery:reuse:{}"),
    "show": used("show", id="{}"),
    "character": used("character save", name="Mia", image_id="{}"),
}


@pytest.mark.parametrize("name", WAYS)
async def test_its_maker_finds_nothing(stage: Stage, name: str) -> None:
    card = await stage.picture()
    image_id = await remove(stage, card)
    calls = len(stage.gemini.history)
    answer = stage.said(await WAYS[name](stage, card, image_id))
    # Whoever types an id may also have mistyped it.
    assert answer.startswith("There is no picture of this id") if name == "show" else answer == GONE
    assert len(stage.gemini.history) == calls


async def test_the_gallery_does_not_list_it(stage: Stage) -> None:
    card = await stage.picture()
    image_id = await remove(stage, card)
    page = stage.answer(await use(stage, stage.alice, "gallery"))
    assert page is not None
    assert image_id not in page.text
    assert not page.media


async def test_a_form_that_was_open_before_finds_nothing(stage: Stage) -> None:
    card = await stage.picture()
    form = await stage.alice.click(card.message, label="Edit")
    await remove(stage, card)
    assert stage.said(await stage.alice.submit_modal(form, {"instruction": "a hat"})) == GONE


async def test_a_character_loses_its_picture(stage: Stage) -> None:
    card = await stage.picture()
    image = await the_image(stage)
    await said(stage, stage.alice, "character save", name="Mia", image_id=image.id)
    await remove(stage, card)
    assert "pictures were removed" in await said(stage, stage.alice, "character list")


async def test_its_bytes_are_not_accepted_under_another_name(stage: Stage) -> None:
    card = await stage.picture()
    image = await the_image(stage)
    (job,) = await stage.done(1)
    await remove(stage, card)
    request = job.request.evolve(references=(Reference(image.sha256, image.mime, image.size),))
    with pytest.raises(NotAllowed, match="withheld"):
        await stage.app.studio.submissions.submit(request, replace(job.origin, key="interaction:1"))


async def test_what_is_left_of_several_stays(stage: Stage) -> None:
    stage.gemini.enqueue(*(Picture(make_jpeg(64, 64, seed=number)) for number in range(3)))
    card = await stage.picture(count=3)
    shown = [item.data for item in card.media]
    image = await the_image(stage, number=1)
    form = await stage.ben.click(card.message, label="Report")
    await stage.ben.submit_modal(form, {"which": [image.id], "reason": "spam"})
    await said(stage, stage.mona, "mod resolve", case="#1", action="remove")
    await stage.until(lambda: len(card.media) == 2, "two pictures")
    assert [item.data for item in card.media] == [shown[0], shown[2]]
    assert "Moderators removed pictures of this answer." in card.text
    await said(stage, stage.mona, "mod resolve", case="#1", action="restore")
    await stage.until(lambda: len(card.media) == 3, "all of them")
    await settled(stage)
    assert [item.data for item in card.media] == shown

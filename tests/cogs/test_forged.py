"""Buttons that nobody was shown: guessed ids, wrong shapes. Nothing leaks, and there is always an answer."""

from __future__ import annotations

import pytest

from bot.domain.images import Image
from cogs.wording import COMMAND_CHANGED, NOTHING_BEHIND
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import FORBIDDEN, GONE

SHAPES = [
    "plantain:vary:job:",
    "plantain:vary:job:zzzzzzzz",
    "plantain:vary:job:aaaaaaa",
    "plantain:vary:image:BBBBBBB",
    "plantain:explode:job:bbbbbbb",
    "plantain:vary:server:bbbbbbb",
    "plantain:vary:job:bbbbbbb:more",
    "plantain:vary:job:bbbbbb\u0660",
    " plantain:vary:job:bbbbbbb",
    "plantain::",
    "'; DROP TABLE jobs; --",
    "x" * 100,
]


async def one_picture(stage: Stage, card: Seen, number: int = 0) -> Image:
    jobs = await stage.done(number + 1)
    return (await stage.images(jobs[number]))[0]


@pytest.mark.parametrize("custom_id", SHAPES)
@pytest.mark.parametrize("held", [True, False], ids=["held", "not held"])
async def test_a_custom_id_of_a_wrong_shape(stage: Stage, custom_id: str, held: bool) -> None:
    card = await stage.picture()
    result = await forged.press(stage, stage.ben, card, custom_id, held=held)
    assert stage.said(result) == NOTHING_BEHIND
    assert len(stage.gemini.history) == 1


async def test_a_right_shape_that_names_nothing(stage: Stage) -> None:
    card = await stage.picture()
    for action in ("vary", "delete", "confirm"):
        for target in ("job", "image"):
            result = await forged.press(stage, stage.ben, card, f"plantain:{action}:{target}:bbbbbbb")
            assert stage.said(result) == GONE


async def test_a_button_that_its_message_does_not_hold(stage: Stage) -> None:
    card = await stage.picture()
    (job,) = await stage.done(1)
    result = await forged.press(stage, stage.alice, card, f"plantain:confirm:job:{job.id}", held=False)
    assert stage.said(result) == NOTHING_BEHIND
    assert card.media


@pytest.mark.parametrize("action", ["vary", "delete", "confirm"])
@pytest.mark.parametrize("target", ["job", "image"])
async def test_from_another_server(stage: Stage, action: str, target: str) -> None:
    """Not even a moderator or the owner of the other one; and the answer is that of an id that is none."""
    card = await stage.picture()
    image = await one_picture(stage, card)
    other = stage.env.create_guild("Other")
    channel = other.create_text_channel("there")
    eve = other.add_member(other.owner)
    own = await stage.finished(await eve.slash(channel, "imagine", prompt="mine"))
    wanted = image.id if target == "image" else image.job_id
    result = await forged.press(stage, eve, own, f"plantain:{action}:{target}:{wanted}", channel=channel)
    assert stage.said(result) == GONE
    assert card.media
    assert len(stage.gemini.history) == 2


@pytest.mark.parametrize("action", ["vary", "delete", "confirm"])
@pytest.mark.parametrize("who", ["ben", "mona"], ids=["member", "moderator"])
async def test_at_a_private_picture_of_somebody_else(stage: Stage, action: str, who: str) -> None:
    card = await stage.picture(private=True)
    image = await one_picture(stage, card)
    public = await stage.picture(stage.ben)
    for custom_id in (f"plantain:{action}:job:{image.job_id}", f"plantain:{action}:image:{image.id}"):
        result = await forged.press(stage, getattr(stage, who), public, custom_id)
        assert stage.said(result) == GONE
    assert card.media


async def test_at_a_picture_in_somebodys_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    image = await one_picture(stage, await stage.picture(dora))
    card = await stage.picture()
    for action in ("vary", "delete", "confirm"):
        result = await forged.press(stage, stage.mona, card, f"plantain:{action}:image:{image.id}")
        assert stage.said(result) == GONE


async def test_at_another_picture_of_the_same_server(stage: Stage) -> None:
    """Everybody there can see it, so this takes nothing from anybody: but only some may delete."""
    image = await one_picture(stage, await stage.picture())
    card = await stage.picture(stage.ben)
    result = await forged.press(stage, stage.ben, card, f"plantain:confirm:image:{image.id}")
    assert stage.said(result) == FORBIDDEN
    result = await forged.press(stage, stage.ben, card, f"plantain:vary:image:{image.id}")
    assert (await stage.finished(result)).media


async def test_the_confirmation_without_the_question(stage: Stage) -> None:
    """It is the owner's to give, and asks which one where there are several."""
    card = await stage.picture(count=2)
    (job,) = await stage.done(1)
    result = await forged.press(stage, stage.alice, card, f"plantain:confirm:job:{job.id}")
    assert "which picture?" in stage.said(result)
    assert len(card.media) == 2


async def test_a_modal_that_nobody_showed(stage: Stage) -> None:
    assert stage.said(await forged.submit(stage, stage.alice, "plantain:edit")) == NOTHING_BEHIND


async def test_a_command_that_is_none_any_more(stage: Stage) -> None:
    result = await forged.command(stage, stage.alice, "paint", {"prompt": "a cat"})
    assert stage.said(result) == COMMAND_CHANGED


async def test_a_command_that_has_changed(stage: Stage) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"words": "a cat"})
    assert stage.said(result) == COMMAND_CHANGED


async def test_the_picker_of_a_command_that_is_none_any_more(stage: Stage) -> None:
    result = await forged.autocomplete(stage, stage.alice, "paint", "model")
    assert result.autocomplete_choices == []

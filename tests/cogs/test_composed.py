"""What reaches the provider of a brand, a style and a character, in which order."""

from __future__ import annotations

import base64
from typing import Any

from bot.domain.composition import NO_TEXT
from tests.cogs.stage import Stage
from tests.cogs.using import manager, said
from tests.imaging.pictures import decode, flat_png

MIA = ("mia.png", flat_png(40, 30))
SEA = ("sea.png", flat_png(64, 48))


def parts(stage: Stage) -> list[dict[str, Any]]:
    """The parts of the newest user content of the last call."""
    found: list[dict[str, Any]] = stage.gemini.history[-1].body["contents"][-1]["parts"]
    return found


def texts(stage: Stage) -> list[str]:
    return [part["text"] for part in parts(stage) if "text" in part]


def sizes(stage: Stage) -> list[tuple[int, int]]:
    """The sides of the pictures, in the order in which they are sent."""
    return [
        decode(base64.b64decode(part["inlineData"]["data"])).size
        for part in parts(stage)
        if "inlineData" in part
    ]


async def test_plain_words_are_the_last_text_after_one_line(stage: Stage) -> None:
    await stage.picture(prompt="a red   lighthouse")
    assert texts(stage) == [NO_TEXT, "a red   lighthouse"]
    await stage.picture(prompt='a sign that says "@cafe", @everyone')
    assert texts(stage) == ['a sign that says "@cafe", @everyone']


async def test_another_take_has_the_same_frame_whatever_was_changed_since(stage: Stage) -> None:
    gina = manager(stage)
    await said(stage, gina, "config brand", text="In green.")
    seen = await stage.picture(prompt="a mug", style="product-shot; background: white marble")
    brand, frame, line, words = texts(stage)
    assert (brand, line, words) == ("In green.", NO_TEXT, "a mug")
    assert "in front of white marble" in frame
    await said(stage, gina, "config brand", text="In blue.")
    await stage.alice.click(seen.message, label="Vary")
    await stage.done(2)
    assert texts(stage)[0].startswith("Make another take")
    assert texts(stage)[1:] == [brand, frame, line, words]


async def test_a_characters_pictures_come_after_those_that_were_attached(stage: Stage) -> None:
    await said(stage, stage.alice, "character save", name="Mia", image1=MIA)
    await stage.picture(prompt="@mia at sea", image1=SEA)
    assert sizes(stage) == [(64, 48), (40, 30)]
    assert texts(stage)[0].startswith("@Mia is who or what picture 2 shows.")
    assert texts(stage)[-1] == "@mia at sea"


async def test_somebody_elses_private_character_is_like_none_and_costs_nothing(stage: Stage) -> None:
    await said(stage, stage.alice, "character save", name="Mia", image1=MIA)
    answers = [
        stage.said(await stage.imagine(stage.ben, f"@{name} at sea")).replace(name, "…")
        for name in ("mia", "tom")
    ]
    assert answers[0] == answers[1]
    assert answers[0].startswith("There is no character of that name for you here: `@…`.")
    assert stage.gemini.history == []
    assert await stage.jobs() == []

"""/style: looked at by everybody, made by managers."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from bot.presets import load_presets
from cogs.text import escape
from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, panel, said, use

INSTRUCTIONS = """For our newsletter.
Scene: a {size=small} harbour
Style: *loose* ink
Avoid: crowds, text."""
FORM: dict[str, Any] = {
    "description": "Our harbour",
    "instructions": INSTRUCTIONS,
    "suffix": "Keep it calm.",
    "ratio": ["16:9"],
    "model": ["pro"],
}


async def create(stage: Stage, who: simcord.MemberActor, name: str = "Harbour", **changes: Any) -> str:
    shown = await use(stage, who, "style create", name=name)
    assert shown.modal is not None
    return stage.said(await who.submit_modal(shown, FORM | changes))


async def names(stage: Stage, command: str, option: str, typed: str = "") -> list[str]:
    choices = await stage.alice.autocomplete(stage.channel, command, option, typed)
    return [choice["value"] for choice in choices]


# --- looking ----------------------------------------------------------------------------------------------


async def test_the_list_shows_every_style_page_by_page(stage: Stage) -> None:
    seen = panel(stage, await use(stage, stage.alice, "style list"))
    assert "**Photographs**" in seen.text and "Page 1 of 2" in seen.text
    first = seen.text
    await stage.restart()
    await stage.alice.click(seen.message, label="▶")
    assert "Page 2 of 2" in seen.text and "**Drawing and painting**" in seen.text
    for preset in load_presets():
        assert f"`{preset.name}` · {escape(f'{preset.title}: {preset.description}')}" in first + seen.text
    await stage.alice.click(seen.message, label="◀")
    assert seen.text == first


async def test_a_preview_shows_the_prompt_and_costs_nothing(stage: Stage) -> None:
    shown = await said(
        stage,
        stage.alice,
        "style preview",
        style="product-shot; background: white marble",
        prompt="a ``` mug",
    )
    assert "**Studio product shot** · `product-shot`" in shown
    assert "in front of white marble" in shown
    assert "a `\u200b`` mug\n```" in shown
    assert "ratio `1:1`" in shown
    assert "`product-shot; surface: a seamless matte surface`" in shown
    assert stage.gemini.history == []


async def test_every_preview_fits_into_a_message(stage: Stage) -> None:
    for preset in load_presets():
        shown = await said(stage, stage.alice, "style preview", style=preset.name, prompt="x" * 4_000)
        assert preset.title in shown and len(shown) <= 4_000


async def test_an_unknown_style_is_answered_with_what_is_like_it(stage: Stage) -> None:
    said_ = await said(stage, stage.alice, "style preview", style="watercolor")
    assert said_ == "There is no style called `watercolor`. Did you mean `watercolour`?"
    said_ = await said(stage, stage.alice, "style preview", style="poster; colour: red")
    assert "has no `colour`. It takes: `light`, `look`, `placement`, `type`." in said_


async def test_styles_and_slots_are_offered_while_typing(stage: Stage) -> None:
    found = await names(stage, "style preview", "style")
    assert found == [preset.name for preset in load_presets()]
    assert await names(stage, "style preview", "style", "comic") == ["comic-panel"]
    assert await names(stage, "style preview", "style", "photo") != []
    assert await names(stage, "style preview", "style", "avatar;") == [
        "avatar; background: a plain background in a contrasting colour",
        "avatar; light: A soft key light and a coloured rim light",
        "avatar; look: Polished semi-realistic illustration",
    ]
    typed = "avatar; look: pencil"
    assert (await names(stage, "style preview", "style", typed))[0] == typed
    assert await names(stage, "style preview", "style", "nothing; x") == []
    assert await names(stage, "style edit", "name") == []


# --- making -----------------------------------------------------------------------------------------------


async def test_a_manager_makes_a_style_that_everybody_finds(stage: Stage) -> None:
    gina = manager(stage)
    assert await create(stage, gina) == "The style `Harbour` is saved. `/style preview` shows what it does."
    assert await names(stage, "style preview", "style", "harb") == ["Harbour"]
    assert await names(stage, "style edit", "name") == ["Harbour"]
    shown = await said(stage, stage.alice, "style preview", style="harbour", prompt="boats")
    for line in (
        "For our newsletter.",
        "Scene: a small harbour",
        "Style: *loose* ink",
        "Keep it calm.",
        "Leave out: watermarks, signatures, random lettering, crowds, text.",
    ):
        assert f"\n{line}\n" in shown
    assert "model `pro`" in shown or "model `Nano Banana Pro`" in shown
    listed = await said(stage, stage.alice, "style list")
    assert "**This server's**\n`Harbour` · Our harbour" in listed


async def test_the_form_for_a_change_holds_what_is_there(stage: Stage) -> None:
    gina = manager(stage)
    await create(stage, gina)
    shown = await use(stage, gina, "style edit", name="HARBOUR")
    assert shown.modal is not None
    controls = {item["component"]["custom_id"]: item["component"] for item in shown.modal["components"]}
    assert controls["description"]["value"] == "Our harbour"
    assert controls["instructions"]["value"] == INSTRUCTIONS.rstrip(".")
    assert controls["suffix"]["value"] == "Keep it calm."
    assert [option["value"] for option in controls["ratio"]["options"] if option.get("default")] == ["16:9"]
    assert [option["value"] for option in controls["model"]["options"] if option.get("default")] == ["pro"]
    answer = stage.said(await gina.submit_modal(shown, {"instructions": "Scene: a pier", "ratio": ["-"]}))
    assert "is saved" in answer
    preset = await stage.app.client.surface.library.styles.find("harbour", stage.guild.id)
    assert (preset.template.scene, preset.template.prefix, preset.ratio) == ("a pier", "", None)


async def test_of_two_managers_at_once_the_second_is_told(stage: Stage) -> None:
    gina, hugo = manager(stage), manager(stage, "hugo")
    await create(stage, gina)
    first, second = [await use(stage, who, "style edit", name="Harbour") for who in (gina, hugo)]
    assert "is saved" in stage.said(await gina.submit_modal(first, FORM | {"suffix": "At night."}))
    answer = stage.said(await hugo.submit_modal(second, FORM | {"suffix": "By day."}))
    assert answer.startswith("Another manager changed or deleted this style meanwhile.")
    preset = await stage.app.client.surface.library.styles.find("harbour", stage.guild.id)
    assert preset.template.suffix == "At night."


async def test_a_style_is_deleted(stage: Stage) -> None:
    gina = manager(stage)
    await create(stage, gina)
    assert "is deleted" in await said(stage, gina, "style delete", name="harbour")
    assert "There is no style called" in await said(stage, gina, "style delete", name="harbour")
    assert "There is no style called" in await said(stage, gina, "style delete", name="poster")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"instructions": "", "suffix": ""}, "A style needs instructions"),
        ({"instructions": "a {b"}, "A brace does not fit near `a {b`"),
        ({"instructions": "a {b}"}, "Write it as `{b=text}`"),
        ({"instructions": "x" * 1_001}, "The style has 1,014 characters, and 1,000 are allowed."),
        ({"ratio": ["1:8"]}, "does not make the ratio `1:8`"),
    ],
)
async def test_what_makes_no_style_is_said(stage: Stage, changes: dict[str, Any], expected: str) -> None:
    gina = manager(stage)
    answer = await create(stage, gina, **changes)
    assert expected in answer
    written = changes.get("instructions", INSTRUCTIONS)
    assert ("What you wrote" in answer) == bool(written)  # what somebody took the time to write is given back
    assert not written or f"What you wrote:\n```\n{written}" in answer
    assert await names(stage, "style edit", "name") == []


async def test_members_and_names_that_are_taken_are_refused_before_the_form(stage: Stage) -> None:
    for command in ("style create", "style edit", "style delete"):
        for who in (stage.alice, stage.mona):
            result = await force(stage, who, command, {"name": "Harbour"})
            assert result.modal is None
            assert stage.said(result) == "Only people with the permission Manage Server can do this."
    gina = manager(stage)
    shown = await use(stage, gina, "style create", name="Poster with Text")
    assert shown.modal is None
    assert stage.said(shown) == "There is a style called `Poster with Text` already. Choose another name."
    dora = stage.env.create_user("dora")
    assert stage.said(await use(stage, dora, "style create", name="x")) == "This works in servers only."


async def test_a_form_that_is_sent_after_a_restart_is_answered(stage: Stage) -> None:
    gina = manager(stage)
    shown = await use(stage, gina, "style create", name="Harbour")
    await stage.restart()
    result = await gina.submit_modal(shown, FORM)
    assert "does not work any more" in stage.said(result)

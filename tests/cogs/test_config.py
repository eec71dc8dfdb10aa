"""/config: what a server's managers set, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, said, use


async def test_a_manager_sets_everything_and_sees_it(stage: Stage) -> None:
    gina = manager(stage)
    assert "Nobody has changed anything yet." in await said(stage, gina, "config show")
    for command, options, expected in (
        ("consent", {"required": "on"}, "members confirm that people in pictures they upload agree"),
        ("spoiler", {"where": "always"}, "every picture is a spoiler"),
        ("age_restricted", {"rule": "refused"}, "no pictures are made in age-restricted channels"),
        ("brand", {"text": "In *our* green"}, "every new picture begins with “In \\*our\\* green”"),
        ("text", {"default": "off"}, "prompts say nothing about words in pictures"),
        ("unit", {"unit": "credits", "credit": 0.05}, "prices are shown in credits; one credit is $0.050"),
        ("confirm", {"above": 0.25}, "a request above $0.250 is confirmed first"),
        ("budget", {"dollars": 20.5}, "the month's budget is $20.500"),
        (
            "fallback",
            {"model": "draft"},
            "`gemini-3.1-flash-lite-image` takes the place of a model that is out of reach",
        ),
        ("log", {"channel": stage.channel}, f"spending is told in <#{stage.channel.id}>"),
    ):
        answer = await said(stage, gina, f"config {command}", **options)
        assert answer == f"**Saved.** Now {expected}."
    shown = await said(stage, gina, "config show")
    assert "`/config brand` · every new picture begins with “In \\*our\\* green”" in shown
    assert f"Last changed by <@{gina.id}>" in shown
    state = await stage.app.client.surface.settings.server(stage.guild.id)
    assert state.version == 10
    assert (state.settings.credit_micros, state.settings.confirm_above_micros) == (50_000, 250_000)
    assert stage.messages() == []


async def test_what_is_left_out_is_taken_back(stage: Stage) -> None:
    gina = manager(stage)
    await said(stage, gina, "config brand", text="In green")
    await said(stage, gina, "config confirm", above=1.0)
    assert "no brand text" in await said(stage, gina, "config brand")
    assert "no request needs a confirmation" in await said(stage, gina, "config confirm")


async def test_what_was_the_same_before_is_not_called_saved(stage: Stage) -> None:
    gina = manager(stage)
    for command, told in (
        ("confirm", "Nothing was changed: no request needs a confirmation."),
        ("brand", "Nothing was changed: no brand text."),
        ("budget", "Nothing was changed: no budget is counted."),
        ("log", "Nothing was changed: nobody is told about spending."),
        ("fallback", "Nothing was changed: a model that is out of reach is waited for."),
    ):
        assert await said(stage, gina, f"config {command}") == told
    strikes = await said(stage, gina, "config moderation strikes")
    assert strikes.startswith("Nothing was changed. Strikes: ")
    assert (await said(stage, gina, "config moderation strikes", days=9)).startswith("**Saved.** Strikes: ")
    await said(stage, gina, "config brand", text="In green")
    assert (await said(stage, gina, "config brand", text="In green")).startswith("Nothing was changed: every")
    assert await said(stage, gina, "config brand") == "**Saved.** Now no brand text."
    assert (await stage.app.client.surface.settings.server(stage.guild.id)).version == 3


@pytest.mark.parametrize(("command", "values"), [("config consent", {"required": "on"}), ("config show", {})])
async def test_a_member_is_refused_even_where_the_command_is_shown(
    stage: Stage, command: str, values: dict[str, Any]
) -> None:
    for who in (stage.alice, stage.mona):
        result = await force(stage, who, command, values)
        assert stage.said(result) == "Only people with the permission Manage Server can do this."
    state = await stage.app.client.surface.settings.server(stage.guild.id)
    assert state.version == 0


async def test_a_value_that_no_picker_offers_is_refused(stage: Stage) -> None:
    gina = manager(stage)
    await use(stage, gina, "config spoiler", where="always")
    result = await force(stage, gina, "config spoiler", {"where": "sometimes"})
    assert (
        stage.said(result) == "`sometimes` cannot be set here. It takes: `never`, `age_restricted`, `always`."
    )


async def test_settings_survive_a_restart(stage: Stage) -> None:
    gina = manager(stage)
    await said(stage, gina, "config brand", text="In green")
    await stage.restart()
    assert "In green" in await said(stage, gina, "config show")

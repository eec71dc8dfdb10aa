"""Every entrance answers, whatever happens behind it; and all of them are fit to be shown.

`ENTRANCES` names each command, picker and button with what somebody does to come in. A new one without an
entry fails here: add it, so that it is broken on purpose as well.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands

from cogs.buttons import Action, PictureButton, Target
from tests.cogs import (
    edit_entrances,
    forged,
    gallery_entrances,
    library_entrances,
    limit_entrances,
    moderation_entrances,
    privacy_entrances,
    queue_entrances,
    thread_entrances,
)
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage, held_back

Entrance = Callable[[Stage, Seen], Awaitable[simcord.InteractionResult]]


def button(action: Action, target: Target) -> Entrance:
    async def press(stage: Stage, card: Seen) -> simcord.InteractionResult:
        async with stage.app.store.reading() as tx:
            (image,) = await tx.images.of_job(card.buttons["Vary"].rpartition(":")[2])
        wanted = image.job_id if target is Target.JOB else image.id
        return await forged.press(stage, stage.alice, card, f"plantain:{action}:{target}:{wanted}")

    return press


async def imagine(stage: Stage, card: Seen) -> simcord.InteractionResult:
    return await stage.imagine()


def picker(option: str) -> Entrance:
    async def ask(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await forged.autocomplete(stage, stage.alice, "imagine", option)

    return ask


ENTRANCES: dict[str, Entrance] = {
    **library_entrances.ENTRANCES,
    **edit_entrances.ENTRANCES,
    **gallery_entrances.ENTRANCES,
    **queue_entrances.ENTRANCES,
    **thread_entrances.ENTRANCES,
    **limit_entrances.ENTRANCES,
    **moderation_entrances.ENTRANCES,
    **privacy_entrances.ENTRANCES,
    "/imagine": imagine,
    "/imagine model": picker("model"),
    "/imagine ratio": picker("ratio"),
    "/imagine size": picker("size"),
    **{
        f"{PictureButton.__name__} {action} {target}": button(action, target)
        for action in Action
        for target in Target
    },
}
# A subcommand has a space in its name, too.
SUBCOMMANDS = {
    **library_entrances.ENTRANCES,
    **limit_entrances.ENTRANCES,
    **moderation_entrances.ENTRANCES,
    **queue_entrances.ENTRANCES,
    **thread_entrances.ENTRANCES,
    **privacy_entrances.ENTRANCES,
}
PICKERS = [
    name
    for name in ENTRANCES
    if name
    in {
        **library_entrances.PICKERS,
        **edit_entrances.PICKERS,
        **gallery_entrances.PICKERS,
        **moderation_entrances.PICKERS,
        **queue_entrances.PICKERS,
    }
    or (name.startswith("/") and " " in name and name not in SUBCOMMANDS)
]
# What each dynamic item can be pressed as. A new class of items belongs here.
PRESSES: dict[str, list[str]] = {
    **library_entrances.PRESSES,
    **edit_entrances.PRESSES,
    **gallery_entrances.PRESSES,
    **queue_entrances.PRESSES,
    **thread_entrances.PRESSES,
    **limit_entrances.PRESSES,
    **moderation_entrances.PRESSES,
    **privacy_entrances.PRESSES,
    PictureButton.__name__: [f"{action} {target}" for action in Action for target in Target],
}


def commands(stage: Stage) -> Iterator[app_commands.Command[Any, ..., Any]]:
    for command in stage.app.client.tree.walk_commands():
        if isinstance(command, app_commands.Command):
            yield command


async def test_no_entrance_is_without_an_entry(stage: Stage) -> None:
    found = set()
    for command in commands(stage):
        found.add(f"/{command.qualified_name}")
        found |= {
            f"/{command.qualified_name} {item.name}" for item in command.parameters if item.autocomplete
        }
    for kind in (discord.AppCommandType.user, discord.AppCommandType.message):
        found |= {f"menu {menu.name}" for menu in stage.app.client.tree.get_commands(type=kind)}
    for item in stage.app.client.items:
        found |= {f"{item.__name__} {press}" for press in PRESSES.get(item.__name__, ["(not in PRESSES)"])}
    assert found == set(ENTRANCES)


def test_no_entrance_has_two_entries() -> None:
    """The second of two would take the place of the first, unseen."""
    tables = (
        *(library_entrances, edit_entrances, gallery_entrances, limit_entrances, moderation_entrances),
        *(privacy_entrances, queue_entrances, thread_entrances),
    )
    own = sum(len(table.ENTRANCES) for table in tables) + len(("/imagine", "model", "ratio", "size"))
    assert len(ENTRANCES) == own + len(Action) * len(Target)


@pytest.mark.parametrize("name", [name for name in ENTRANCES if name not in PICKERS])
async def test_an_entrance_that_breaks_answers_with_a_reference(
    stage: Stage, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The tables are taken away under the running bot, as a damaged disk would."""
    card = await stage.picture()
    before = card.text
    await stage.done(1)
    entrance = ENTRANCES[name]
    result_of = await prepared(stage, card, entrance)
    take_tables_away(stage)
    stage.may_break = True
    result = await result_of()
    said = stage.said(result)
    match = re.search(r"this reference: `([0-9a-f]{8})`", said)
    assert match is not None, said
    assert [record for record in caplog.records if match[1] in record.getMessage() and record.exc_info]
    assert "Traceback" not in said
    assert "sqlite" not in said.casefold()
    assert card.text == before


async def prepared(
    stage: Stage, card: Seen, entrance: Entrance
) -> Callable[[], Awaitable[simcord.InteractionResult]]:
    """Put the payload together while the data is still there; the bot gets it later."""
    with held_back(stage) as waiting:
        result = await entrance(stage, card)

    async def go_on() -> simcord.InteractionResult:
        for event, payload in waiting:
            stage.env.backend.emit(event, payload)
        await stage.env.settle()
        return result

    return go_on


def take_tables_away(stage: Stage) -> None:
    with sqlite3.connect(stage.settings.storage.path / "database.sqlite3") as connection:
        tables = {
            *library_entrances.TABLES,
            *limit_entrances.TABLES,
            *moderation_entrances.TABLES,
            *privacy_entrances.TABLES,
            *queue_entrances.TABLES,
            *thread_entrances.TABLES,
        }
        for table in ("images", "jobs", *sorted(tables)):
            connection.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
    connection.close()


@pytest.mark.parametrize("name", PICKERS)
async def test_a_picker_always_answers(stage: Stage, name: str) -> None:
    card = await stage.picture()
    take_tables_away(stage)
    stage.may_break = True
    result = await ENTRANCES[name](stage, card)
    assert result.autocomplete_choices is not None


# --- conventions ------------------------------------------------------------------------------------------


async def test_no_two_commands_have_one_name(stage: Stage) -> None:
    published = [(command["type"], command["name"]) for command in registered(stage)]
    assert len(published) == len(set(published))


async def test_names_descriptions_and_limits_are_what_discord_takes(stage: Stage) -> None:
    assert registered(stage)
    for command in commands(stage):
        assert re.fullmatch(r"[-_\w]{1,32}", command.name), command.name
        assert command.name == command.name.lower()
        assert described(command.description), command.name
        assert len(command.parameters) <= 25
        for option in command.parameters:
            assert re.fullmatch(r"[-_\w]{1,32}", option.name), option.name
            assert described(str(option.description)), f"{command.name} {option.name}"
            assert len(option.choices) <= 25
        required = [option.required for option in command.parameters]
        assert required == sorted(required, reverse=True), "required options come first"


def registered(stage: Stage) -> list[dict[str, object]]:
    return [command for scope in stage.env.backend.commands.values() for command in scope.values()]


def described(text: str) -> bool:
    """discord.py puts an ellipsis where nobody wrote a description."""
    return 2 <= len(text) <= 100 and text != "…" and text[0].isupper() and not text.endswith(".")

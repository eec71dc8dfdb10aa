"""The entrances to settings, styles and characters, for the tests that break what is behind each one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import simcord
from discord import ui
from simcord.backend import serializers
from simcord.enums import InteractionType

from cogs.settings import MENUS, ResetSettings, SettingMenu
from cogs.styles import StylesPage
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, use

Entrance = Callable[[Stage, Seen], Awaitable[simcord.InteractionResult]]
# What the entrances read: a test that breaks them takes these away.
TABLES = (
    *("server_settings", "member_settings", "presets", "characters"),
    *("word_lists", "attempts", "blocked_pictures"),
)


def command(name: str, /, **options: Any) -> Entrance:
    """A command that everybody may use."""

    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await use(stage, stage.alice, name, **options)

    return come_in


def managed(name: str, /, **options: Any) -> Entrance:
    """A command of managers."""

    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await use(stage, manager(stage), name, **options)

    return come_in


async def reload(stage: Stage, card: Seen) -> simcord.InteractionResult:
    """By somebody with a role: what it may do is looked up before anything is read."""
    role = stage.guild.create_role("Painters")
    rita = stage.guild.add_member(stage.env.create_user("rita"), roles=[role])
    return await force(stage, rita, "config reload", {})


def moderated(name: str, /, **options: Any) -> Entrance:
    """A command of moderators."""

    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await use(stage, stage.mona, name, **options)

    return come_in


def deep_picker(name: str, option: str) -> Entrance:
    """The offers for an option of a command in a group within a group, for a moderator."""

    async def ask(stage: Stage, card: Seen) -> simcord.InteractionResult:
        group, within, sub = name.split()
        focused = {"name": option, "type": forged.STRING, "value": "x", "focused": True}
        inner = {"name": sub, "type": 1, "options": [focused]}
        middle = {"name": within, "type": 2, "options": [inner]}
        data = {"id": "1", "name": group, "type": 1, "options": [middle]}
        kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        return await forged.send(stage, stage.mona, kind, data)

    return ask


def picker(name: str, option: str) -> Entrance:
    """The offers for an option of a subcommand."""

    async def ask(stage: Stage, card: Seen) -> simcord.InteractionResult:
        group, sub = name.split()
        focused = {"name": option, "type": forged.STRING, "value": "x", "focused": True}
        data = {
            "id": "1",
            "name": group,
            "type": 1,
            "options": [{"name": sub, "type": 1, "options": [focused]}],
        }
        kind = InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
        return await forged.send(stage, stage.alice, kind, data)

    return ask


def component(item: ui.Item[Any], **data: Any) -> Entrance:
    """A press on a button or menu, in a message that holds it."""

    async def press(stage: Stage, card: Seen) -> simcord.InteractionResult:
        shown = item.to_component_dict()
        stored = stage.env.backend.get_message(card.channel_id, card.id)
        message = dict(serializers.message_payload(stage.env.backend, stored))
        message["components"] = [{"type": 1, "components": [shown]}]
        pressed = {"custom_id": shown["custom_id"], "component_type": shown["type"], **data}
        return await forged.send(
            stage, stage.alice, InteractionType.MESSAGE_COMPONENT, pressed, message=message
        )

    return press


def menu(name: str) -> ui.Select[Any]:
    return ui.Select(
        custom_id=f"plantain:setting:{name}", options=[discord.SelectOption(label="One", value="1")]
    )


def button(custom_id: str) -> ui.Button[Any]:
    return ui.Button(label="A button", custom_id=custom_id)


PICKERS: dict[str, Entrance] = {
    "/style preview style": picker("style preview", "style"),
    "/style edit name": picker("style edit", "name"),
    "/style delete name": picker("style delete", "name"),
    "/character delete name": picker("character delete", "name"),
    "/character share name": picker("character share", "name"),
    "/mod words remove entry": deep_picker("mod words remove", "entry"),
    "/mod pictures unblock number": deep_picker("mod pictures unblock", "number"),
}
ENTRANCES: dict[str, Entrance] = {
    **PICKERS,
    "/config show": managed("config show"),
    "/config consent": managed("config consent", required="on"),
    "/config spoiler": managed("config spoiler", where="always"),
    "/config age_restricted": managed("config age_restricted", rule="refused"),
    "/config brand": managed("config brand", text="In green"),
    "/config text": managed("config text", default="off"),
    "/config unit": managed("config unit", unit="images"),
    "/config confirm": managed("config confirm", above=1.0),
    "/config rules": managed("config rules", strictness="strict"),
    "/config reload": reload,
    "/config safety": managed("config safety", harm="harassment", threshold="low"),
    "/mod words add": moderated("mod words add", entries="pineapple"),
    "/mod words remove": moderated("mod words remove", entry="pineapple"),
    "/mod words list": moderated("mod words list"),
    "/mod words test": moderated("mod words test", text="pineapple"),
    "/mod words import": moderated("mod words import", file=("words.txt", b"pineapple")),
    "/mod words export": moderated("mod words export"),
    "/mod words refused": moderated("mod words refused"),
    "/mod pictures block": moderated("mod pictures block", image_id="k7f3q9z"),
    "/mod pictures list": moderated("mod pictures list"),
    "/mod pictures unblock": moderated("mod pictures unblock", number="k7f3q9z"),
    "/config language": managed("config language", language="de"),
    "/settings": command("settings"),
    "/style list": command("style list"),
    "/style preview": command("style preview", style="poster"),
    "/style create": managed("style create", name="Harbour"),
    "/style edit": managed("style edit", name="Harbour"),
    "/style delete": managed("style delete", name="Harbour"),
    "/character save": command("character save", name="Mia", image_id="k7f3q9z"),
    "/character list": command("character list"),
    "/character delete": command("character delete", name="Mia"),
    "/character share": managed("character share", name="Mia"),
    **{
        f"SettingMenu {name}": component(menu(name), values=["en" if name == "locale" else "1"])
        for name in MENUS
    },
    "ResetSettings press": component(button("plantain:setting:reset")),
    "StylesPage press": component(button("plantain:styles:1")),
}
PRESSES: dict[str, list[str]] = {
    SettingMenu.__name__: list(MENUS),
    ResetSettings.__name__: ["press"],
    StylesPage.__name__: ["press"],
}

"""The entrances to caps, tiers and grants, for the tests that break what is behind each one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
import simcord
from discord import ui
from simcord.backend import serializers
from simcord.enums import InteractionType

from cogs.limit_buttons import Act, LimitButton
from cogs.limit_menus import Choice, LimitMenu
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage
from tests.cogs.using import manager, use

Entrance = Callable[[Stage, Seen], Awaitable[simcord.InteractionResult]]
# What the entrances read: a test that breaks them takes these away.
TABLES = ("server_limits", "memberships", "grants", "resets")

_KINDS: Mapping[Choice, Any] = {
    Choice.ROLES: ui.RoleSelect,
    Choice.CHANNELS: ui.ChannelSelect,
}
_MODEL = "gemini-3-pro-image"
_VALUES = {
    Choice.MODELS: _MODEL,
    Choice.TIER_MODELS: _MODEL,
    Choice.TIER_FALLBACK: _MODEL,
    Choice.AGE: "refused",
    Choice.TAKE: "5:artists",
    Choice.DIRECT: "False",
    Choice.TIER: "everyone",
}


def managed(name: str, *, about_alice: bool = False, **options: Any) -> Entrance:
    """A command of managers."""

    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        values = options | ({"member": stage.alice} if about_alice else {})
        return await use(stage, manager(stage), name, **values)

    return come_in


def menu(choice: Choice, version: int = 0, tier: str = "everyone") -> ui.Item[Any]:
    """A menu of a panel, as Discord stores it."""
    custom_id = f"plantain:limit:{choice}:{version}:{tier}"
    if choice in _KINDS:
        picker: ui.Item[Any] = _KINDS[choice](custom_id=custom_id, min_values=0)
        return picker
    option = discord.SelectOption(label="One", value=_VALUES.get(choice, "1"))
    return ui.Select(custom_id=custom_id, options=[option])


def button(act: Act, version: int = 0, tier: str = "everyone") -> ui.Button[Any]:
    """A button of a panel, as Discord stores it."""
    return ui.Button(label="A button", custom_id=f"plantain:limitform:{act}:{version}:{tier}")


async def press(
    stage: Stage, who: Person, card: Seen, item: ui.Item[Any], **data: Any
) -> simcord.InteractionResult:
    """Press something, in a message that is said to hold it."""
    shown = item.to_component_dict()
    stored = stage.env.backend.get_message(card.channel_id, card.id)
    message = dict(serializers.message_payload(stage.env.backend, stored))
    message["components"] = [{"type": 1, "components": [shown]}]
    pressed = {"custom_id": shown["custom_id"], "component_type": shown["type"], **data}
    return await forged.send(stage, who, InteractionType.MESSAGE_COMPONENT, pressed, message=message)


def choosing(choice: Choice) -> Entrance:
    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        values = [] if choice in _KINDS else [_VALUES.get(choice, "1")]
        return await press(stage, manager(stage), card, menu(choice), values=values)

    return come_in


def pressing(act: Act) -> Entrance:
    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await press(stage, manager(stage), card, button(act))

    return come_in


ENTRANCES: dict[str, Entrance] = {
    "/config caps": managed("config caps"),
    "/config tiers": managed("config tiers"),
    "/config roles": managed("config roles"),
    "/config models": managed("config models"),
    "/config channels": managed("config channels"),
    "/config grant": managed("config grant", about_alice=True, images=5),
    "/config revoke": managed("config revoke", about_alice=True),
    "/config reset": managed("config reset", about_alice=True),
    **{f"LimitMenu {choice}": choosing(choice) for choice in Choice},
    **{f"LimitButton {act}": pressing(act) for act in Act},
}
PRESSES: dict[str, list[str]] = {
    LimitMenu.__name__: [str(choice) for choice in Choice],
    LimitButton.__name__: [str(act) for act in Act],
}

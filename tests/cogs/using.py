"""What the tests of settings, styles and characters share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
import simcord
from simcord.enums import InteractionType

from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage

SELECT = 3
SUBCOMMAND = 1


def manager(stage: Stage, name: str = "gina") -> simcord.MemberActor:
    """Somebody with the permission Manage Server."""
    role = stage.guild.create_role(
        f"Managers {name}", permissions=discord.Permissions(manage_guild=True, send_messages=True)
    )
    return stage.guild.add_member(stage.env.create_user(name), roles=[role])


async def use(stage: Stage, who: Person, command: str, /, **options: Any) -> simcord.InteractionResult:
    """Use a command in the channel, or in direct messages."""
    if isinstance(who, simcord.UserHandle):
        result: simcord.InteractionResult = await who.slash(command, **options)
        return result
    return await who.slash(stage.channel, command, **options)


async def said(stage: Stage, who: Person, command: str, /, **options: Any) -> str:
    """Use a command and return what it answers, which has to be private."""
    return stage.said(await use(stage, who, command, **options))


async def force(
    stage: Stage, who: Person, command: str, values: Mapping[str, Any]
) -> simcord.InteractionResult:
    """Use a subcommand that Discord would not let this person see."""
    group, name = command.split()
    inner = {"name": name, "type": SUBCOMMAND, "options": forged.options(**values)}
    data = {"id": "1", "name": group, "type": 1, "options": [inner]}
    return await forged.send(stage, who, InteractionType.APPLICATION_COMMAND, data)


def panel(stage: Stage, result: simcord.InteractionResult) -> Seen:
    """The private panel that answers a command."""
    found = stage.answer(result)
    assert found is not None and found.flags.ephemeral
    return found


def menus(seen: Seen) -> dict[str, dict[str, Any]]:
    """The menus of a message by custom_id."""
    return {item["custom_id"]: item for item in seen._walk() if item["type"] == SELECT}


def chosen(seen: Seen) -> dict[str, str]:
    """What is chosen in each menu, by the end of its custom_id."""
    return {
        custom_id.rpartition(":")[2]: option["label"]
        for custom_id, menu in menus(seen).items()
        for option in menu["options"]
        if option.get("default")
    }

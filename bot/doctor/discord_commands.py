"""Whether Discord has the commands of this version, whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import discord
from discord.ext import commands
from discord.http import Route

from bot.doctor.discord_asking import AREA, answered
from bot.doctor.findings import Finding, fail, ok, warn

_CHAT_INPUT = 1


async def look_at_commands(bot: commands.Bot, application_id: int, guild_ids: Sequence[int]) -> list[Finding]:
    """Return whether they are published where the settings want them; `bot` is logged in by `asking`."""
    wanted = await _commands_of(bot)
    if not guild_ids:
        return [compare_commands(wanted, await _published(bot, application_id), "everywhere")]
    findings = []
    for guild_id in guild_ids:
        findings += await answered(
            f"the commands of server {guild_id}",
            partial(_look_at_commands_in, bot, application_id, guild_id, wanted),
        )
    findings += await answered("the commands", lambda: _look_for_twins(bot, application_id, wanted))
    return findings


async def _look_at_commands_in(
    bot: commands.Bot, application_id: int, guild_id: int, wanted: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    try:
        there = await _published(bot, application_id, guild_id)
    except (discord.Forbidden, discord.NotFound):
        return [
            fail(
                AREA,
                f"server {guild_id} of discord.guild_ids does not let the bot publish commands",
                "Invite the bot there with the scope applications.commands, or take the id out",
            )
        ]
    return [compare_commands(wanted, there, f"in server {guild_id}")]


async def _look_for_twins(
    bot: commands.Bot, application_id: int, wanted: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    everywhere = _by_name(await _published(bot, application_id))
    if twice := sorted(everywhere.keys() & _by_name(wanted).keys()):
        return [
            warn(
                AREA,
                f"commands that are published everywhere as well, and so stand twice: {', '.join(twice)}",
                "Start the bot: it takes back what discord.guild_ids makes needless",
            )
        ]
    return []


async def _commands_of(bot: commands.Bot) -> list[Mapping[str, Any]]:
    """The commands as a start would publish them, in every language."""
    translator = bot.tree.translator
    if translator is None:
        raise RuntimeError("the bot was not made by `asking`")
    return [await each.get_translated_payload(bot.tree, translator) for each in bot.tree.get_commands()]


async def _published(
    bot: commands.Bot, application_id: int, guild_id: int | None = None
) -> Sequence[Mapping[str, Any]]:
    """The commands as Discord has them. discord.py asks for them without their translations."""
    path = "/applications/{application_id}/commands"
    if guild_id is not None:
        path = "/applications/{application_id}/guilds/{guild_id}/commands"
    route = Route("GET", path, application_id=application_id, guild_id=guild_id)
    found: Sequence[Mapping[str, Any]] = await bot.http.request(route, params={"with_localizations": "true"})
    return found


def compare_commands(
    wanted: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]], where: str
) -> Finding:
    """Return whether Discord has the commands of this version."""
    ours, theirs = _by_name(wanted), _by_name(there)
    different = sorted(
        [f"{name} is missing" for name in ours.keys() - theirs.keys()]
        + [f"{name} is left over" for name in theirs.keys() - ours.keys()]
        + [f"{name} is another" for name in ours.keys() & theirs.keys() if _differ(ours[name], theirs[name])]
    )
    if not different:
        return ok(AREA, f"{len(ours)} commands are published {where}, as this version has them")
    return warn(
        AREA, f"commands {where}: {', '.join(different)}", "Start the bot: it publishes them at every start"
    )


def _by_name(commands_: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {_called(command): command for command in commands_}


def _called(command: Mapping[str, Any]) -> str:
    chat_input = int(command.get("type", _CHAT_INPUT)) == _CHAT_INPUT
    return f"/{command['name']}" if chat_input else f"menu {command['name']}"


def _differ(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return _signature(ours) != _signature(theirs) or any(
        sorted(ours[name]) != sorted(theirs.get(name) or ()) for name in _reach(ours, theirs)
    )


def _reach(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """What says where a command can be used. What we leave open Discord fills in, and a command of one
    server has neither (developer documentation, "Application Command Object")."""
    names = () if "guild_id" in theirs else ("contexts", "integration_types")
    return [name for name in names if ours.get(name) is not None]


def _signature(command: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of a command or option; Discord fills in, leaves out and orders the rest as it likes."""
    allowed = command.get("default_member_permissions")
    return {
        "type": int(command.get("type", _CHAT_INPUT)),
        "name": command["name"],
        "description": command.get("description") or "",
        "translations": [_translations(command, what) for what in ("name", "description")],
        "nsfw": bool(command.get("nsfw")),
        # A number as we send it, a text as Discord gives it back.
        "default_member_permissions": None if allowed is None else int(allowed),
        "required": bool(command.get("required")),
        "autocomplete": bool(command.get("autocomplete")),
        "bounds": [command.get(name) for name in ("min_value", "max_value", "min_length", "max_length")],
        "channel_types": sorted(command.get("channel_types") or ()),
        "choices": [
            (choice["name"], str(choice["value"]), _translations(choice, "name"))
            for choice in command.get("choices") or ()
        ],
        "options": list(_options(command)),
    }


def _translations(item: Mapping[str, Any], what: str) -> dict[str, str]:
    """The texts of an item by language; nothing, null and {} are the same to Discord."""
    return dict(item.get(f"{what}_localizations") or {})


def _options(command: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for option in command.get("options") or ():
        yield _signature(option)

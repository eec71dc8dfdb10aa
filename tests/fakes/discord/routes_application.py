"""The bot's account, application, commands; the people and servers that it may look up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import errors, payloads
from .rest import Call, Reply, Route
from .values import ALL_PERMISSIONS, Guild, Json
from .world import World

GATEWAY = "wss://gateway.discord.gg"


def gateway(world: World, call: Call) -> Reply:
    """GET /gateway."""
    return 200, {"url": GATEWAY}


def gateway_bot(world: World, call: Call) -> Reply:
    """GET /gateway/bot."""
    limits = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    return 200, {"url": GATEWAY, "shards": 1, "session_start_limit": limits}


def me(world: World, call: Call) -> Reply:
    """GET /users/@me."""
    return 200, payloads.user(world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0}


def application(world: World, call: Call) -> Reply:
    """GET the bot's application."""
    return 200, payloads.application(world)


def _scope(world: World, call: Call) -> dict[int, Json]:
    if call.id("application") != world.bot.id:
        raise errors.missing_access()
    guild_id = call.id("guild") if "guild" in call.parts else None
    if guild_id is not None:
        _guild(world, call)
    return world.commands.setdefault(guild_id, {})


def _registered(world: World, call: Call, wanted: Json) -> Json:
    """A command as Discord gives it back: with an id, and what was left out filled in."""
    guild_id = call.parts.get("guild")
    scope: Json = {"guild_id": guild_id} if guild_id else {}
    defaults: Json = {
        "type": 1,
        "description": "",
        "default_member_permissions": None,
        "dm_permission": True,
        "contexts": None,
        "integration_types": [0],
        "nsfw": False,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    if "default_member_permissions" in given:
        given["default_member_permissions"] = str(given["default_member_permissions"])
    if guild_id:  # both are for commands that are published everywhere
        given = {
            name: value for name, value in given.items() if name not in ("contexts", "integration_types")
        }
    return (
        defaults
        | given
        | scope
        | {
            "id": str(world.snowflake()),
            "application_id": str(world.bot.id),
            "version": str(world.snowflake()),
        }
    )


def _upsert(commands: dict[int, Json], made: Json) -> Json:
    same = [
        command_id
        for command_id, command in commands.items()
        if (command["type"], command["name"]) == (made["type"], made["name"])
    ]
    for command_id in same:
        made["id"] = str(command_id)
    commands[int(made["id"])] = made
    return made


def list_commands(world: World, call: Call) -> Reply:
    """GET the registered commands: with their translations only for whoever asks for them."""
    found = list(_scope(world, call).values())
    if call.record.query.get("with_localizations") == "true":
        return 200, found
    return 200, [_untranslated(each) for each in found]


def _untranslated(item: Any) -> Any:
    match item:
        case dict():
            kept = {name: value for name, value in item.items() if not name.endswith("_localizations")}
            return {name: _untranslated(value) for name, value in kept.items()}
        case list():
            return [_untranslated(each) for each in item]
    return item


def replace_commands(world: World, call: Call) -> Reply:
    """PUT all commands at once; one of the same name and type keeps its id."""
    commands = _scope(world, call)
    wanted: Sequence[Json] = call.record.payload or []
    made = [_upsert(commands, _registered(world, call, each)) for each in wanted]
    kept = {int(command["id"]) for command in made}
    for command_id in set(commands) - kept:
        del commands[command_id]
    return 200, made


def create_command(world: World, call: Call) -> Reply:
    """POST one command, or overwrite the one of that name."""
    return 200, _upsert(_scope(world, call), _registered(world, call, call.payload))


def change_command(world: World, call: Call) -> Reply:
    """GET, PATCH or DELETE one command."""
    commands = _scope(world, call)
    command = commands.get(call.id("command"))
    if command is None:
        raise errors.unknown("Application Command")
    if call.record.method == "DELETE":
        del commands[call.id("command")]
        return 204, None
    if call.record.method == "PATCH":
        command.update(call.payload)
    return 200, command


def create_dm(world: World, call: Call) -> Reply:
    """POST /users/@me/channels: the channel opens for anyone; whether it takes messages shows later."""
    member = world.members.get(int(call.payload.get("recipient_id") or 0))
    if member is None:
        raise errors.unknown("User")
    return 200, payloads.channel(world, world.direct_channel(member))


def get_user(world: World, call: Call) -> Reply:
    """GET a user."""
    member = world.members.get(call.id("user"))
    if member is None:
        raise errors.unknown("User")
    return 200, payloads.user(member)


def _guild(world: World, call: Call) -> Guild:
    guild = world.guilds.get(call.id("guild"))
    if guild is None:
        raise errors.unknown("Guild")
    if not guild.has_bot:
        raise errors.missing_access()
    return guild


def my_guilds(world: World, call: Call) -> Reply:
    """GET the servers that the bot is in, in short."""
    mine = [guild for guild in world.guilds.values() if guild.has_bot]
    bits = str(ALL_PERMISSIONS)
    return 200, [
        {
            "id": str(each.id),
            "name": each.name,
            "icon": None,
            "owner": False,
            "permissions": bits,
            "features": [],
        }
        for each in mine
    ]


def get_guild(world: World, call: Call) -> Reply:
    """GET a server."""
    return 200, payloads.guild(world, _guild(world, call))


def get_guild_channels(world: World, call: Call) -> Reply:
    """GET a server's channels."""
    guild = _guild(world, call)
    mine = [each for each in world.channels.values() if each.guild_id == guild.id and not each.is_thread]
    return 200, [payloads.channel(world, each) for each in mine]


def get_member(world: World, call: Call) -> Reply:
    """GET a member of a server."""
    guild = _guild(world, call)
    member = world.members.get(call.id("user"))
    if member is None or member.guild_id != guild.id:
        raise errors.unknown("Member")
    return 200, payloads.member(world, member)


_COMMANDS = "/applications/{application}/commands"
_GUILD_COMMANDS = "/applications/{application}/guilds/{guild}/commands"
ROUTES = (
    Route("GET", "/gateway", gateway, public=True),
    Route("GET", "/gateway/bot", gateway_bot),
    Route("GET", "/users/@me", me),
    Route("GET", "/oauth2/applications/@me", application),
    Route("GET", "/applications/@me", application),
    *(
        route
        for base in (_COMMANDS, _GUILD_COMMANDS)
        for route in (
            Route("GET", base, list_commands),
            Route("PUT", base, replace_commands),
            Route("POST", base, create_command),
            Route("GET", base + "/{command}", change_command),
            Route("PATCH", base + "/{command}", change_command),
            Route("DELETE", base + "/{command}", change_command),
        )
    ),
    Route("POST", "/users/@me/channels", create_dm),
    Route("GET", "/users/{user}", get_user),
    Route("GET", "/users/@me/guilds", my_guilds),
    Route("GET", "/guilds/{guild}", get_guild),
    Route("GET", "/guilds/{guild}/channels", get_guild_channels),
    Route("GET", "/guilds/{guild}/members/{user}", get_member),
)

"""Discord's side: the application, its commands, and what the bot may do where it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.http import Route

from bot.doctor.findings import Finding, fail, ok, warn

AREA = "discord"
SECONDS_FOR_DISCORD = 60.0
MOST_SERVERS = 25  # that are looked at one by one
MOST_CHANNELS = 25
_NAMED = 3

INVITED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    add_reactions=True,
    attach_files=True,
    read_message_history=True,
)
"""What the invitations in README.md and docs/setup.md ask for: no more than the bot needs."""

_TO_WRITE = ("view_channel", "send_messages")
_DESK = (*_TO_WRITE, "attach_files")
_TO_ANSWER = ("send_messages", "attach_files", "read_message_history")

TOKEN_REFUSED = "Copy the token again from Discord's developer portal (your application, Bot, Reset Token)"  # noqa: S105 - a sentence
INTENT_OFF = (
    "Switch it on in the developer portal (your application, Bot, Privileged Gateway Intents), or write "
    "message_content = false in [discord]"
)
INTENT_MISSED = (
    "discord.message_content_optional lets the bot go without it. To have every message of a conversation "
    "taken, switch it on in the developer portal (your application, Bot, Privileged Gateway Intents)"
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What the settings say about the message-content intent."""

    wanted: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class SetChannel:
    """A channel that somebody set, for the bot to write to."""

    setting: str  # as it is called where it is set
    id: int
    guild_id: int | None = None  # None where the setting does not say
    needed: tuple[str, ...] = _TO_WRITE


def asking_bot(proxy: str, skews: list[float]) -> commands.Bot:
    """Return a bot that only asks. It notes in `skews` how far ahead Discord's clock is, in seconds."""
    return commands.Bot(
        commands.when_mentioned,
        help_command=None,
        intents=discord.Intents.none(),
        proxy=proxy or None,
        http_trace=_clock_trace(skews),
    )


@asynccontextmanager
async def asking(
    bot: commands.Bot, cogs: Sequence[commands.Cog], translator: app_commands.Translator, token: str
) -> AsyncIterator[None]:
    """Log a bot in without connecting it, with its commands but without publishing them, and out again.

    Raises discord.py's and aiohttp's errors; `login_fault` says what they mean.
    """
    async with asyncio.timeout(SECONDS_FOR_DISCORD), bot:
        for cog in cogs:
            await bot.add_cog(cog)
        await bot.tree.set_translator(translator)
        await bot.login(token)
        yield


async def look_at_discord(bot: commands.Bot, *, intent: Intent, guild_ids: Sequence[int]) -> list[Finding]:
    """Return what is to be said about application, commands and servers; `bot` is logged in by `asking`.

    What Discord does not answer is a finding of its own, and the rest is looked at all the same.
    """
    application = bot.application
    if application is None:
        raise RuntimeError("the client is not logged in")
    return [
        *look_at_application(application, intent=intent),
        *await _answered("the commands", lambda: _look_at_commands(bot, application.id, guild_ids)),
        *await _answered("the servers", lambda: _look_at_servers(bot)),
    ]


async def _answered(what: str, ask: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """Ask Discord something; where it refuses, say what was not looked at."""
    try:
        return await ask()
    except discord.HTTPException as error:
        return [
            warn(
                AREA,
                f"{what} could not be looked at: Discord answered {error.status} (code {error.code})",
                "Try again later; with 403 or 404, look whether the bot is still there and what it may see",
            )
        ]


async def _look_at_commands(
    bot: commands.Bot, application_id: int, guild_ids: Sequence[int]
) -> list[Finding]:
    wanted = await _commands_of(bot)
    if not guild_ids:
        return [compare_commands(wanted, await _published(bot, application_id), "everywhere")]
    findings = []
    for guild_id in guild_ids:
        findings += await _answered(
            f"the commands of server {guild_id}",
            partial(_look_at_commands_in, bot, application_id, guild_id, wanted),
        )
    findings += await _answered("the commands", lambda: _look_for_twins(bot, application_id, wanted))
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


async def _look_at_servers(bot: commands.Bot) -> list[Finding]:
    found = [guild async for guild in bot.fetch_guilds(limit=MOST_SERVERS + 1, with_counts=False)]
    if not found:
        remedy = "Invite it with the link in README.md, unless people install it to themselves"
        return [warn(AREA, "the bot is in no server", remedy)]
    findings = []
    for short in found[:MOST_SERVERS]:
        findings += await _answered(
            f"server {short.name!r} ({short.id})",
            partial(_look_at_one_server, bot, short.id),
        )
    if len(found) > MOST_SERVERS:
        findings.append(
            warn(
                AREA,
                f"only the first {MOST_SERVERS} servers were looked at",
                "Nothing is known of the others here; the log says at each start what is missing in them",
            )
        )
    return findings


async def _look_at_one_server(bot: commands.Bot, guild_id: int) -> list[Finding]:
    guild = await bot.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(bot.user.id if bot.user else 0)
    return [look_at_server(guild, me, await guild.fetch_channels())]


def channels_set(log_channel: int, of_servers: Sequence[tuple[int, str, int]]) -> list[SetChannel]:
    """The channels to look at: the operator's of the settings, and those that servers have set."""
    found = [SetChannel("log.channel", log_channel)] if log_channel else []
    for guild_id, name, channel_id in of_servers:
        setting, needed = _SET_BY_SERVERS[name]
        found.append(SetChannel(f"{setting} of server {guild_id}", channel_id, guild_id, needed))
    return found


_SET_BY_SERVERS = {
    "desk_channel": ("the desk (/config moderation channel)", _DESK),
    "log_channel": ("the log (/config log)", _TO_WRITE),
}


async def look_at_set_channels(bot: commands.Bot, wanted: Sequence[SetChannel]) -> list[Finding]:
    """Return whether the bot can write where it was told to; `bot` is logged in by `asking`."""
    findings = []
    for each in wanted[:MOST_CHANNELS]:
        findings += await _answered(each.setting, partial(_look_at_set_channel, bot, each))
    if len(wanted) > MOST_CHANNELS:
        findings.append(
            warn(
                AREA,
                f"only the first {MOST_CHANNELS} channels that are set were looked at",
                "Nothing is known of the others here; the log says at each start what is wrong with them",
            )
        )
    return findings


async def _look_at_set_channel(bot: commands.Bot, wanted: SetChannel) -> list[Finding]:
    try:
        channel = await bot.fetch_channel(wanted.id)
    except discord.NotFound:
        return [look_at_channel(wanted, None, None)]
    except discord.Forbidden:
        return [_lacking(wanted, ("view_channel",))]
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return [ok(AREA, f"{wanted.setting}: channel {wanted.id} is there")]
    # What came has a server without roles: permissions need one that was asked for.
    guild = await bot.fetch_guild(channel.guild.id, with_counts=False)
    me = await guild.fetch_member(bot.user.id if bot.user else 0)
    known = {each.id: each for each in await guild.fetch_channels()}
    parent = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    return [look_at_channel(wanted, known.get(parent or 0), me)]


def look_at_channel(
    wanted: SetChannel, channel: discord.abc.GuildChannel | None, me: discord.Member | None
) -> Finding:
    """Return whether the bot may write to a channel that somebody set."""
    if channel is None or me is None:
        return warn(
            AREA, f"{wanted.setting}: there is no channel {wanted.id}", "Set one that there is, or none"
        )
    allowed = channel.permissions_for(me)
    if lacking := tuple(name for name in wanted.needed if not getattr(allowed, name)):
        return _lacking(wanted, lacking)
    return ok(AREA, f"{wanted.setting}: the bot may write to #{channel.name}")


def _lacking(wanted: SetChannel, permissions: Sequence[str]) -> Finding:
    return warn(
        AREA,
        f"{wanted.setting}: in channel {wanted.id} the bot lacks {', '.join(permissions)}",
        "Give the bot's role these permissions there, or set another channel",
    )


def login_fault(error: Exception) -> Finding:
    """Return what an error of the login, or of a question, comes down to."""
    match error:
        case discord.LoginFailure():
            return fail(AREA, "Discord does not accept DISCORD_TOKEN", TOKEN_REFUSED)
        case discord.HTTPException():
            return fail(AREA, f"Discord answered {error.status} (code {error.code})", "Try again later")
        case _:
            kind = type(error).__name__
            return fail(AREA, f"Discord is out of reach: {kind}", "Look at the network and discord.proxy")


def _clock_trace(skews: list[float]) -> aiohttp.TraceConfig:
    """Return a trace that notes how far ahead Discord's clock is, from the Date of each answer.

    A Date counts whole seconds, and the answer took its way: half a second is added, half of the way is not.
    """
    trace = aiohttp.TraceConfig()

    async def end(_: Any, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        try:
            theirs = parsedate_to_datetime(params.response.headers["Date"]).timestamp() + 0.5
        except (KeyError, ValueError, TypeError):
            return
        skews.append(theirs - time.time())

    trace.on_request_end.append(end)
    return trace


def look_at_application(application: discord.AppInfo, *, intent: Intent) -> list[Finding]:
    """Return what is to be said about the application's switches in the developer portal."""
    findings = [ok(AREA, f"logged in as application {application.name} ({application.id})")]
    flags = application.flags
    enabled = flags.gateway_message_content or flags.gateway_message_content_limited
    if intent.wanted and intent.optional and not enabled:
        findings.append(warn(AREA, "the message-content intent is not enabled", INTENT_MISSED))
    elif intent.wanted and not enabled:
        findings.append(fail(AREA, "the message-content intent is not enabled", INTENT_OFF))
    elif enabled:
        findings.append(ok(AREA, "the message-content intent is enabled"))
    else:
        findings.append(ok(AREA, "the message-content intent is off, and so is discord.message_content"))
    contexts = [
        name
        for name, config in (
            ("servers", application.guild_integration_config),
            ("users", application.user_integration_config),
        )
        if config is not None
    ]
    if "servers" in contexts:
        findings.append(ok(AREA, f"it can be installed to {' and '.join(contexts)}"))
    else:
        findings.append(
            warn(
                AREA,
                f"it can be installed to {' and '.join(contexts) or 'nothing'}",
                "Allow Guild Install in the developer portal (your application, Installation)",
            )
        )
    return findings


def look_at_server(
    guild: discord.Guild, me: discord.Member, channels: Sequence[discord.abc.GuildChannel]
) -> Finding:
    """Return what the bot may not do in the text channels that it sees. Names are other people's texts."""
    where = f"server {guild.name!r} ({guild.id})"
    texts = [each for each in channels if isinstance(each, discord.TextChannel)]
    seen = [each for each in texts if each.permissions_for(me).view_channel]
    lacking: dict[str, list[str]] = {}
    for channel in seen:
        permissions = channel.permissions_for(me)
        for name, wanted in INVITED:
            if wanted and not getattr(permissions, name):
                lacking.setdefault(name, []).append(f"#{channel.name}")
    if not seen:
        return warn(AREA, f"{where}: the bot sees none of {len(texts)} text channels", "Let it view some")
    if not lacking:
        return ok(AREA, f"{where}: nothing is missing in the {len(seen)} text channels that the bot sees")
    parts = [f"{name} in {_some(names, len(seen))}" for name, names in lacking.items()]
    serious = any(len(lacking.get(name, ())) == len(seen) for name in _TO_ANSWER)
    return (fail if serious else warn)(
        AREA, f"{where}: missing {'; '.join(parts)}", "Give the bot's role these permissions there"
    )


def _some(names: Sequence[str], of: int) -> str:
    if len(names) == of:
        return "every channel"
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


# --- commands ---------------------------------------------------------------------------------------------

_CHAT_INPUT = 1


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

"""Discord's side: the application, its commands, and what the bot may do where it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.doctor.findings import Finding, fail, ok, warn

AREA = "discord"
SECONDS_FOR_DISCORD = 60.0
MOST_SERVERS = 25  # that are looked at one by one
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

_TO_ANSWER = ("send_messages", "attach_files", "read_message_history")

TOKEN_REFUSED = "Copy the token again from Discord's developer portal (your application, Bot, Reset Token)"  # noqa: S105 - a sentence
INTENT_OFF = (
    "Switch it on in the developer portal (your application, Bot, Privileged Gateway Intents), or write "
    "message_content = false in [discord]"
)


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
async def asking(bot: commands.Bot, cogs: Sequence[commands.Cog], token: str) -> AsyncIterator[None]:
    """Log a bot in without connecting it, with its commands but without publishing them, and out again.

    Raises discord.py's and aiohttp's errors; `login_fault` says what they mean.
    """
    async with asyncio.timeout(SECONDS_FOR_DISCORD), bot:
        for cog in cogs:
            await bot.add_cog(cog)
        await bot.login(token)
        yield


async def look_at_discord(
    bot: commands.Bot, *, message_content: bool, guild_ids: Sequence[int]
) -> list[Finding]:
    """Return what is to be said about application, commands and servers; `bot` is logged in by `asking`."""
    application = bot.application
    if application is None:
        raise RuntimeError("the client is not logged in")
    return [
        *look_at_application(application, message_content=message_content),
        *await _look_at_commands(bot, application.id, guild_ids),
        *await _look_at_servers(bot),
    ]


async def _look_at_commands(
    bot: commands.Bot, application_id: int, guild_ids: Sequence[int]
) -> list[Finding]:
    wanted = [_signature(command.to_dict(bot.tree)) for command in bot.tree.get_commands()]
    if not guild_ids:
        return [compare_commands(wanted, await bot.http.get_global_commands(application_id), "everywhere")]
    findings = []
    for guild_id in guild_ids:
        try:
            there: Sequence[Any] = await bot.http.get_guild_commands(application_id, guild_id)
        except (discord.Forbidden, discord.NotFound):
            findings.append(
                fail(
                    AREA,
                    f"server {guild_id} of discord.guild_ids does not let the bot publish commands",
                    "Invite the bot there with the scope applications.commands, or take the id out",
                )
            )
        else:
            findings.append(compare_commands(wanted, there, f"in server {guild_id}"))
    everywhere = _by_name([_signature(each) for each in await bot.http.get_global_commands(application_id)])
    if twice := sorted(everywhere.keys() & _by_name(wanted).keys()):
        findings.append(
            warn(
                AREA,
                f"commands that are published everywhere as well, and so stand twice: {', '.join(twice)}",
                "Start the bot: it takes back what discord.guild_ids makes needless",
            )
        )
    return findings


async def _look_at_servers(bot: commands.Bot) -> list[Finding]:
    found = [guild async for guild in bot.fetch_guilds(limit=MOST_SERVERS + 1, with_counts=False)]
    if not found:
        remedy = "Invite it with the link in README.md, unless people install it to themselves"
        return [warn(AREA, "the bot is in no server", remedy)]
    findings = []
    for short in found[:MOST_SERVERS]:
        guild = await bot.fetch_guild(short.id, with_counts=False)
        me = await guild.fetch_member(bot.user.id if bot.user else 0)
        findings.append(look_at_server(guild, me, await guild.fetch_channels()))
    if len(found) > MOST_SERVERS:
        findings.append(ok(AREA, f"only the first {MOST_SERVERS} servers were looked at"))
    return findings


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


def look_at_application(application: discord.AppInfo, *, message_content: bool) -> list[Finding]:
    """Return what is to be said about the application's switches in the developer portal."""
    findings = [ok(AREA, f"logged in as application {application.name} ({application.id})")]
    flags = application.flags
    enabled = flags.gateway_message_content or flags.gateway_message_content_limited
    if message_content and not enabled:
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
    ours, theirs = _by_name(wanted), _by_name([_signature(command) for command in there])
    different = sorted(
        [f"{name} is missing" for name in ours.keys() - theirs.keys()]
        + [f"{name} is left over" for name in theirs.keys() - ours.keys()]
        + [f"{name} is another" for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]]
    )
    if not different:
        return ok(AREA, f"{len(ours)} commands are published {where}, as this version has them")
    return warn(
        AREA, f"commands {where}: {', '.join(different)}", "Start the bot: it publishes them at every start"
    )


def _by_name(commands_: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {_called(command): command for command in commands_}


def _called(command: Mapping[str, Any]) -> str:
    return f"/{command['name']}" if command["type"] == _CHAT_INPUT else f"menu {command['name']}"


def _signature(command: Mapping[str, Any]) -> dict[str, Any]:
    """What matters of a command or option; Discord fills in, leaves out and orders the rest as it likes."""
    return {
        "type": int(command.get("type", _CHAT_INPUT)),
        "name": command["name"],
        "description": command.get("description") or "",
        "required": bool(command.get("required")),
        "choices": [str(choice["value"]) for choice in command.get("choices") or ()],
        "options": list(_options(command)),
    }


def _options(command: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for option in command.get("options") or ():
        yield _signature(option)

"""Discord's side: the application, its commands, and what the bot may do where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import discord
from discord.ext import commands

from bot.doctor.discord_asking import AREA, answered, not_all_looked_at
from bot.doctor.discord_commands import look_at_commands
from bot.doctor.findings import Finding, fail, ok, warn

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


async def look_at_discord(bot: commands.Bot, *, intent: Intent, guild_ids: Sequence[int]) -> list[Finding]:
    """Return what is to be said about application, commands and servers; `bot` is logged in by `asking`.

    What Discord does not answer is a finding of its own, and the rest is looked at all the same.
    """
    application = bot.application
    if application is None:
        raise RuntimeError("the client is not logged in")
    return [
        *look_at_application(application, intent=intent),
        *await answered("the commands", lambda: look_at_commands(bot, application.id, guild_ids)),
        *await answered("the servers", lambda: _look_at_servers(bot)),
    ]


async def _look_at_servers(bot: commands.Bot) -> list[Finding]:
    found = [guild async for guild in bot.fetch_guilds(limit=MOST_SERVERS + 1, with_counts=False)]
    if not found:
        remedy = "Invite it with the link in README.md, unless people install it to themselves"
        return [warn(AREA, "the bot is in no server", remedy)]
    findings = []
    for short in found[:MOST_SERVERS]:
        findings += await answered(
            f"server {short.name!r} ({short.id})",
            partial(_look_at_one_server, bot, short.id),
        )
    return [*findings, *not_all_looked_at("servers", MOST_SERVERS, len(found))]


async def _look_at_one_server(bot: commands.Bot, guild_id: int) -> list[Finding]:
    guild = await bot.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(bot.user.id if bot.user else 0)
    return [look_at_server(guild, me, await guild.fetch_channels())]


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

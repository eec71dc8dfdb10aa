"""Channels that somebody set for the bot to write to: whether it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import discord
from discord.ext import commands

from bot.doctor.discord_asking import AREA, answered, not_all_looked_at
from bot.doctor.findings import Finding, ok, warn

MOST_CHANNELS = 25
_TO_WRITE = ("view_channel", "send_messages")
_DESK = (*_TO_WRITE, "attach_files")


@dataclass(frozen=True, slots=True)
class SetChannel:
    """A channel that somebody set, for the bot to write to."""

    setting: str  # as it is called where it is set
    id: int
    guild_id: int | None = None  # None where the setting does not say
    needed: tuple[str, ...] = _TO_WRITE


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
        findings += await answered(each.setting, partial(_look_at_set_channel, bot, each))
    return [*findings, *not_all_looked_at("channels that are set", MOST_CHANNELS, len(wanted))]


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

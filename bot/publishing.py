"""Telling Discord the commands: everywhere, or in the servers that the settings name, and never in both.

Discord shows a command twice in a server where it is published globally and for that server. So what an
earlier start published in the other way, or in a server that is not named any more, is taken back.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import discord
from discord.ext import commands

from bot.errors import StorageError

log = logging.getLogger(__name__)


class Published(Protocol):
    """Remembers in which servers commands were published."""

    async def get(self) -> frozenset[int]: ...

    async def put(self, guild_ids: Collection[int]) -> None: ...


async def publish(bot: commands.Bot, guild_ids: Sequence[int], published: Published) -> None:
    """Publish the commands of a bot that is logged in, then take back what would show them twice.

    Raises discord.py's errors where they cannot be published at all. What cannot be taken back is a warning,
    and is tried again at the next start.
    """
    earlier = await _read(published)
    if not guild_ids:
        there = await bot.tree.sync()
        log.info("commands published everywhere: %d", len(there))
        left = await _take_back_in_servers(bot, earlier)
        await _write(published, left)
        return
    # Before anything is published: a start that breaks off half-way must not forget where it was.
    await _write(published, earlier | set(guild_ids))
    taken = [await _publish_in(bot, guild_id) for guild_id in guild_ids]
    if any(taken):  # else nobody would have any command
        await _take_back_everywhere(bot)
    left = await _take_back_in_servers(bot, earlier - set(guild_ids))
    await _write(published, {*guild_ids, *left})


async def _publish_in(bot: commands.Bot, guild_id: int) -> bool:
    """Publish the commands in one server; return whether it takes them."""
    guild = discord.Object(guild_id)
    bot.tree.copy_global_to(guild=guild)
    try:
        there = await bot.tree.sync(guild=guild)
    except (discord.Forbidden, discord.NotFound):
        log.warning(
            "server %d does not let me publish commands: invite the bot there with the scope "
            "applications.commands, or take it out of discord.guild_ids",
            guild_id,
        )
        return False
    log.info("commands published in server %d: %d", guild_id, len(there))
    return True


async def _take_back_everywhere(bot: commands.Bot) -> None:
    """Remove our global commands; another program's of the same application stay."""
    application_id = _application_id(bot)
    ours = {_name(command.to_dict(bot.tree)) for command in bot.tree.get_commands()}
    try:
        found: Sequence[Any] = await bot.http.get_global_commands(application_id)
        mine = [each for each in found if _name(each) in ours]
        if not mine:
            return
        if len(mine) == len(found):
            await bot.http.bulk_upsert_global_commands(application_id, [])
        else:
            for each in mine:
                await bot.http.delete_global_command(application_id, each["id"])
    except discord.HTTPException as error:
        log.warning("commands published everywhere earlier were not taken back: %s", _short(error))
    else:
        log.info("commands published everywhere earlier were taken back: %d", len(mine))


async def _take_back_in_servers(bot: commands.Bot, guild_ids: Collection[int]) -> set[int]:
    """Remove our commands from servers; return those where they may still be."""
    left = set()
    for guild_id in sorted(guild_ids):
        try:
            await bot.http.bulk_upsert_guild_commands(_application_id(bot), guild_id, [])
        except (discord.Forbidden, discord.NotFound):
            log.info("server %d is none of ours any more: its commands are gone with it", guild_id)
        except discord.HTTPException as error:
            log.warning("commands in server %d were not taken back: %s", guild_id, _short(error))
            left.add(guild_id)
        else:
            log.info("commands in server %d were taken back", guild_id)
    return left


async def _read(published: Published) -> frozenset[int]:
    try:
        return await published.get()
    except StorageError as error:
        log.warning("where commands were published is not known: %s", error)
        return frozenset()


async def _write(published: Published, guild_ids: Collection[int]) -> None:
    try:
        await published.put(guild_ids)
    except StorageError as error:
        log.warning("where commands are published is not written down: %s", error)


def _name(command: Mapping[str, Any]) -> tuple[int, str]:
    """What tells a command from others, in Discord's JSON; a slash command's type may be left out."""
    return int(command.get("type", discord.AppCommandType.chat_input.value)), command["name"]


def _application_id(bot: commands.Bot) -> int:
    if bot.application_id is None:
        raise RuntimeError("the client is not logged in")
    return bot.application_id


def _short(error: discord.HTTPException) -> str:
    return f"Discord answered {error.status} (code {error.code})"

"""What Discord says is gone: servers that remove the bot, messages of ours that somebody deletes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

import discord
from discord.ext import commands

from bot.errors import StorageError
from bot.studio.departures import Departures
from cogs.surface import surface_behind

log = logging.getLogger(__name__)


class DepartureListener(commands.Cog):
    """Listens, and tells the studio. Nobody waits for an answer, so a fault is only logged."""

    def __init__(self, client: commands.Bot) -> None:
        self._client = client

    @property
    def _departures(self) -> Departures:
        return surface_behind(self._client).privacy.departures

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare with what happened while we were not connected."""
        await _quietly(self._departures.compare([guild.id for guild in self._client.guilds]))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; an outage is another event."""
        await _quietly(self._departures.left(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited, perhaps again."""
        await _quietly(self._departures.entered(guild.id))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A message is gone; ours are known by their ids."""
        await _quietly(self._departures.messages_deleted([payload.message_id]))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Several messages are gone."""
        await _quietly(self._departures.messages_deleted(sorted(payload.message_ids)))


async def _quietly(work: Awaitable[None]) -> None:
    try:
        await work
    except StorageError as error:
        log.warning("what Discord says is gone was not noted: %s", error)

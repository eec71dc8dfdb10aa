"""What Discord says is gone: servers that remove the bot, messages of ours that somebody deletes."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.studio.departures import Departures
from cogs.surface import Surface, surface_behind


class DepartureListener(commands.Cog):
    """Listens, and tells the studio. Nobody waits for an answer, so a fault is only logged."""

    def __init__(self, client: commands.Bot) -> None:
        self._client = client

    @property
    def _surface(self) -> Surface:
        return surface_behind(self._client)

    @property
    def _departures(self) -> Departures:
        return self._surface.privacy.departures

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare with what happened while we were not connected."""
        guilds = self._client.guilds
        await self._surface.guard.heed(self._departures.compare([guild.id for guild in guilds]))
        # A bot is told of every channel of a server, of those that it may not read, too.
        there = [guild for guild in guilds if not guild.unavailable and guild.channels]
        channels = {guild.id: _channels(guild) for guild in there}
        await self._surface.guard.heed(self._surface.privacy.retractions.compare(channels))

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server; an outage is another event."""
        await self._surface.guard.heed(self._departures.left(guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited, perhaps again."""
        await self._surface.guard.heed(self._departures.entered(guild.id))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A message is gone; ours are known by their ids."""
        await self._surface.guard.heed(self._departures.messages_deleted([payload.message_id]))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Several messages are gone."""
        await self._surface.guard.heed(self._departures.messages_deleted(sorted(payload.message_ids)))


def _channels(guild: discord.Guild) -> set[int]:
    return {channel.id for channel in guild.channels}

"""Taking what somebody wrote out of the threads that we opened for them."""

from __future__ import annotations

import logging

import discord

from bot.errors import DeliveryError
from cogs.faults import translated
from cogs.language import Languages, _, speaking

log = logging.getLogger(__name__)


class DiscordThreads:
    """Threads of conversations: each is named after the prompt that began it, and some begin with it."""

    def __init__(self, client: discord.Client, languages: Languages) -> None:
        self._client = client
        self._languages = languages

    async def clear(self, place_id: int, message_id: int | None) -> bool:
        """Give a thread a name that says nothing, and remove our message that began it; what others wrote in
        there stays. Return False where Discord does not let us; what is gone is cleared.
        """
        try:
            async with translated():
                await self._rename(place_id)
                if message_id is not None:
                    await self._remove(place_id, message_id)
        except DeliveryError as error:
            if error.gone:
                return True
            log.info("the thread %d keeps its name: %s", place_id, error)
            return False
        return True

    async def _rename(self, place_id: int) -> None:
        thread = self._client.get_channel(place_id) or await self._client.fetch_channel(place_id)
        if not isinstance(thread, discord.Thread):
            return
        with speaking(self._languages.of(str(thread.guild.preferred_locale))):
            name = _("Conversation")
        if thread.name != name:
            await thread.edit(name=name, archived=False)  # one that is archived takes no other name

    async def _remove(self, place_id: int, message_id: int) -> None:
        channel = self._client.get_partial_messageable(place_id)
        try:
            message = await channel.fetch_message(message_id)
        except discord.NotFound:
            return
        if message.author == self._client.user:
            await message.delete()

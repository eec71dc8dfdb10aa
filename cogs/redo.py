"""The button under a changed message: make its turn again."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui
from discord.ext import commands

from bot.domain.conversations import Turn
from bot.errors import ConversationRefused, Hindrance, NotAllowed
from bot.studio.lookup import Branch
from cogs import conversation_words as words
from cogs.items import ButtonOfOne
from cogs.language import _
from cogs.message_answers import answer_message
from cogs.message_turns import MessageTurn
from cogs.messages_meant import meant
from cogs.surface import surface_of


class RedoButton(ButtonOfOne, name="redo", label=words.REDO, style=discord.ButtonStyle.primary):
    """Makes a turn again with the words that its message has now. Only who wrote it may."""

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        surface = surface_of(interaction)
        conversation, turn = await surface.talk.lookup.turn_at(self.about)
        if turn.prompt_id is None or conversation.place_id != interaction.channel_id:
            raise ConversationRefused(Hindrance.NONE_HERE)
        if turn.author_id != interaction.user.id:
            raise NotAllowed("redo")
        await interaction.response.defer()
        channel = interaction.client.get_partial_messageable(conversation.place_id or 0)
        # It is as its message stands now; Discord says nothing of the author's server in what it returns.
        message = await channel.fetch_message(turn.prompt_id)
        message.guild = interaction.guild
        said = meant(message, interaction.client.user.id if interaction.client.user else 0)
        if said is None:
            raise ConversationRefused(Hindrance.NONE_HERE)
        bot: commands.Bot = interaction.client
        await MessageTurn(bot, surface, message).redo(conversation, said, Branch(turn.parent))
        await interaction.delete_original_response()


async def offer_redo(message: discord.Message, turn: Turn) -> None:
    """Offer to make a turn again, after its message was changed."""
    row: ui.ActionRow[Any] = ui.ActionRow(RedoButton(turn.id))
    await answer_message(message, _(words.REDO_ASKED), row)

"""Messages in the threads of conversations: each is a turn, and what becomes of it when it is changed or
deleted."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

import discord
from discord import ui
from discord.ext import commands

from bot.domain.conversations import Conversation, Turn
from bot.errors import ConversationRefused, Hindrance
from bot.studio.lookup import Branch
from cogs import conversation_words as words
from cogs.buttons import Action, PictureButton, Target
from cogs.language import _
from cogs.message_answers import answer_message, run_for_message
from cogs.message_turns import MessageTurn
from cogs.messages_meant import Meant, meant
from cogs.redo import offer_redo
from cogs.surface import Surface, surface_behind


class Turns(commands.Cog):
    """Listens to messages. What is no turn of a conversation is left alone."""

    def __init__(self, bot: commands.Bot) -> None:
        self._bot = bot
        # Messages of one place are taken in the order in which they came, whatever each of them takes.
        self._order: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def _surface(self) -> Surface:
        return surface_behind(self._bot)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Take a message as the next turn, where it is one."""
        if self._may_concern(message):
            lock = self._order.setdefault(message.channel.id, asyncio.Lock())
            async with lock:
                await run_for_message(self._surface, message, self._take)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take new words for a turn that waits; offer to make the latest one again."""
        message = payload.message
        if message.edited_at is not None and self._may_concern(message):
            lock = self._order.setdefault(message.channel.id, asyncio.Lock())
            async with lock:
                await run_for_message(self._surface, message, self._changed)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take back what a message asked for."""
        await self._deleted([payload.message_id], payload.channel_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take back what messages asked for."""
        await self._deleted(sorted(payload.message_ids), payload.channel_id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """End the conversation of a thread, release what waits, and take back what was said in there."""
        await self._surface.guard.heed(self._surface.talk.endings.place_gone(payload.thread_id))
        await self._surface.guard.heed(self._surface.privacy.retractions.place(payload.thread_id))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """End the conversations of a channel: its threads are gone with it, and Discord does not say so."""
        await self._surface.guard.heed(self._surface.privacy.retractions.channel(channel.id))

    # --- turns --------------------------------------------------------------------------------------------

    async def _take(self, message: discord.Message) -> None:
        conversation = await self._conversation_of(message)
        if conversation is None:
            return
        said = meant(message, self._bot.user.id if self._bot.user else 0)
        if said is None or _is_closed(message):
            return
        self._surface.guard.admit_member(message.author.id)
        turn = MessageTurn(self._bot, self._surface, message)
        joined = await self._joined_to(conversation, said, message)
        try:
            if joined is not None:
                await turn.join(conversation, joined, said)
            else:
                branch = await self._branch(conversation, message)
                await turn.take(conversation, said, branch)
        except ConversationRefused as refused:
            if refused.hindrance is not Hindrance.LIMIT:
                raise
            await _offer_fresh_thread(self._surface, message, conversation, refused)

    async def _joined_to(
        self, conversation: Conversation, said: Meant, message: discord.Message
    ) -> Turn | None:
        """Return the turn that a correction is added to: the author's own, if it is the last that waits."""
        if not said.joins:
            return None
        return await self._surface.talk.lookup.last_waiting(conversation, message.author.id)

    async def _branch(self, conversation: Conversation, message: discord.Message) -> Branch | None:
        reference = message.reference
        if message.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
            return None
        person = MessageTurn(self._bot, self._surface, message).person
        return await self._surface.talk.lookup.branch_at(conversation, reference.message_id, person)

    async def _changed(self, message: discord.Message) -> None:
        asked = await self._surface.talk.lookup.asked_by(message.id)
        said = meant(message, self._bot.user.id if self._bot.user else 0)
        if asked is None or said is None or not said.words:
            return
        conversation, turn, waits = asked
        turn_of_message = MessageTurn(self._bot, self._surface, message)
        if await turn_of_message.says_the_same(turn, said):
            return
        self._surface.guard.admit_member(message.author.id)
        if waits:
            await turn_of_message.replace(conversation, turn, said)
        elif turn.number == conversation.turns:
            await offer_redo(message, turn)

    async def _deleted(self, message_ids: list[int], channel_id: int) -> None:
        taking = self._order.get(channel_id)
        async with taking or nullcontext():  # one of them may be on its way to become a turn
            await self._surface.guard.heed(self._surface.privacy.retractions.messages(message_ids))

    # --- what concerns us ---------------------------------------------------------------------------------

    def _may_concern(self, message: discord.Message) -> bool:
        """Whether a message may be a turn, as far as can be said without looking anything up."""
        if message.author.bot or message.webhook_id is not None:
            return False
        if message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return False
        channel = message.channel
        if isinstance(channel, discord.Thread):
            return self._bot.user is not None and channel.owner_id == self._bot.user.id
        # A thread that was archived before the bot started is not known to discord.py.
        return isinstance(channel, discord.DMChannel | discord.PartialMessageable)

    async def _conversation_of(self, message: discord.Message) -> Conversation | None:
        found = await self._surface.talk.lookup.at(message.channel.id)
        return found if found is not None and found.may_take_part(message.author.id) else None


def _is_closed(message: discord.Message) -> bool:
    """Whether a reply would not be let in: nobody is charged for what cannot be answered."""
    channel = message.channel
    if not isinstance(channel, discord.Thread) or not channel.locked:
        return False
    return not channel.permissions_for(channel.guild.me).manage_threads


async def _offer_fresh_thread(
    surface: Surface, message: discord.Message, conversation: Conversation, refused: ConversationRefused
) -> None:
    """Say in a friendly way that a conversation is over, and offer another one from its head."""
    headed = await surface.talk.heads.head(conversation)
    if headed.head is None or headed.head.image_id is None:
        await answer_message(message, words.hindrance(refused))
        return
    row: ui.ActionRow[Any] = ui.ActionRow(PictureButton(Action.THREAD, Target.IMAGE, headed.head.image_id))
    await answer_message(message, f"{words.hindrance(refused)} {_(words.GO_ON)}", row)

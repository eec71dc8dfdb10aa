"""Where a conversation goes on, and opening a thread for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.conversations import Conversation, thread_name
from bot.errors import ConversationRefused, DeliveryError, Hindrance
from bot.studio.converse import Place
from cogs.conversation_words import intro, permission_names
from cogs.faults import translated
from cogs.panels import panel

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()
FORBIDDEN = 403
NEEDED = ("create_public_threads", "send_messages_in_threads")
NEEDED_IN_FORUM = ("send_messages", "send_messages_in_threads")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a thread would be opened. None: in direct messages, where the conversation needs none."""

    parent: discord.TextChannel | discord.ForumChannel | None
    channel_id: int
    guild_id: int | None
    beside: bool = False  # somebody asks from within a thread: the new one hangs on no message there

    @property
    def direct(self) -> bool:
        """Whether the conversation is the direct messages themselves."""
        return self.parent is None

    def place(self, thread_id: int | None) -> Place:
        """Return the place of a conversation here; None: its thread is opened later."""
        return Place(self.channel_id if self.direct else thread_id, self.channel_id, self.guild_id)


def ground_of(interaction: discord.Interaction[Any]) -> Ground:
    """Return where a conversation can begin; raise ConversationRefused where none can, or may."""
    if interaction.context.dm_channel:
        return Ground(None, interaction.channel_id or 0, None)
    channel = interaction.channel
    beside = isinstance(channel, discord.Thread)
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    in_the_server = interaction.guild_id and interaction.client.get_guild(interaction.guild_id)
    if not in_the_server or not isinstance(parent, discord.TextChannel | discord.ForumChannel):
        raise ConversationRefused(Hindrance.NO_THREADS_HERE)
    needed = NEEDED_IN_FORUM if isinstance(parent, discord.ForumChannel) else NEEDED
    missing = [name for name in needed if not getattr(interaction.app_permissions, name)]
    if missing:
        raise ConversationRefused(Hindrance.PERMISSION, names=permission_names(missing))
    return Ground(parent, parent.id, parent.guild.id, beside)


async def open_on(message: discord.PartialMessage | discord.Message, name: str) -> discord.Thread | None:
    """Open a thread on a message; None where the message has one, or is not there.

    Raises ConversationRefused where the permission is missing. Auto-archive is as the channel says.
    """
    try:
        async with translated():
            return await message.create_thread(name=thread_name(name))
    except DeliveryError as error:
        _refuse_forbidden(error, NEEDED)
        log.info("no thread on message %s: %s", message.id, error)
        return None


async def open_beside(ground: Ground, name: str, opening: str) -> tuple[discord.Thread, discord.Message]:
    """Open a thread of its own, or a post where the channel is a forum; return it and its first message."""
    parent = ground.parent
    if parent is None:
        raise ConversationRefused(Hindrance.NO_THREADS_HERE)
    try:
        async with translated():
            if isinstance(parent, discord.ForumChannel):
                # A forum may ask for a tag; the first that is there has to do.
                tags = parent.available_tags[:1] if parent.flags.require_tag else []
                made = await parent.create_thread(
                    name=thread_name(name), content=opening, applied_tags=tags, allowed_mentions=NOBODY
                )
                return made.thread, made.message
            thread = await parent.create_thread(
                name=thread_name(name), type=discord.ChannelType.public_thread
            )
            return thread, await thread.send(opening, allowed_mentions=NOBODY)
    except DeliveryError as error:
        needed = NEEDED_IN_FORUM if isinstance(parent, discord.ForumChannel) else NEEDED
        _refuse_forbidden(error, needed)
        raise


async def introduce(
    channel: discord.abc.Messageable, conversation: Conversation, *, reads: bool
) -> discord.Message | None:
    """Post what a conversation is, and return that message. It is a courtesy: failing is no fault."""
    try:
        async with translated():
            return await channel.send(view=panel(intro(conversation, reads=reads)), allowed_mentions=NOBODY)
    except DeliveryError as error:
        log.warning("conversation %s is not introduced: %s", conversation.id, error)
        return None


def _refuse_forbidden(error: DeliveryError, needed: tuple[str, ...]) -> None:
    cause = error.__cause__
    if isinstance(cause, discord.HTTPException) and cause.status == FORBIDDEN:
        raise ConversationRefused(Hindrance.PERMISSION, names=permission_names(needed)) from error

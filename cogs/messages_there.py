"""Whether messages are still there that something was asked for with, where an answer was waited for."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import discord

from bot.errors import DeliveryError, NotAllowed
from cogs.faults import translated

log = logging.getLogger(__name__)
UNKNOWN_MESSAGE = 10008  # Discord's code


async def check_there(client: discord.Client, channel_id: int | None, message_ids: Iterable[int]) -> None:
    """Raise NotAllowed where one of some messages of a channel was deleted.

    Discord is asked: of what is not written down yet, nothing is noted when its message goes. Where it does
    not say (the bot is no member there, or Discord is out of reach), nothing is refused.
    """
    channel = client.get_partial_messageable(channel_id or 0)
    for message_id in dict.fromkeys(message_ids):
        try:
            async with translated():
                await channel.fetch_message(message_id)
        except DeliveryError as error:
            cause = error.__cause__
            if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_MESSAGE:
                raise NotAllowed("message_gone") from error
            log.info("nobody knows whether message %d is there: %s", message_id, error)

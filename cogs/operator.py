"""What the operator is told in a channel of theirs."""

from __future__ import annotations

import discord

from cogs.faults import translated
from cogs.language import _

_LONGEST = 1800  # of the report; the rest is for the heading


async def report_errors(client: discord.Client, channel_id: int, text: str) -> None:
    """Post a report of errors; DeliveryError where Discord does not take it."""
    channel = client.get_partial_messageable(channel_id)
    shown = text[:_LONGEST].replace("`", "'")
    heading = _("**Errors.** The log has more about each; nothing of what members wrote is in here.")
    async with translated():
        await channel.send(
            f"{heading}\n```\n{shown}\n```", allowed_mentions=discord.AllowedMentions.none(), silent=True
        )

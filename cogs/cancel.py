"""The button Cancel under a card on its way.

A dynamic item: it works after a restart. Who may cancel is checked at the press, by the service.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.studio.cancel import Cancelling
from cogs.items import ButtonOfOne
from cogs.language import N_
from cogs.queue_words import cancelled
from cogs.staff import moderator_of
from cogs.surface import surface_of


class CancelButton(ButtonOfOne, name="cancel", label=N_("Cancel")):
    """Cancels one job."""

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()  # acknowledged first: the database may take its time
        cancellations = surface_of(interaction).studio.cancellations
        result = await cancellations.cancel(self.about, await moderator_of(interaction))
        if result.what is not Cancelling.DONE:  # else the card says it
            await interaction.followup.send(cancelled(result), ephemeral=True)


def cancel_row(job_id: str) -> ui.ActionRow[Any]:
    """Return the row that stands under a card on its way."""
    return ui.ActionRow(CancelButton(job_id))

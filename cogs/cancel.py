"""The button Cancel under a card on its way.

A dynamic item: it works after a restart. Who may cancel is checked at the press, by the service.
"""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.domain.ids import ALPHABET, LENGTH
from bot.studio.cancel import Cancelling
from cogs.items import OwnItem
from cogs.language import _
from cogs.people import person_of
from cogs.queue_words import cancelled
from cogs.surface import surface_of


class CancelButton(OwnItem[ui.Button[Any]], template=rf"plantain:cancel:(?P<id>[{ALPHABET}]{{{LENGTH}}})"):
    """Cancels one job."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(
            ui.Button(
                label=_("Cancel"),
                style=discord.ButtonStyle.secondary,
                custom_id=f"plantain:cancel:{job_id}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()  # acknowledged first: the database may take its time
        result = await surface_of(interaction).studio.cancellations.cancel(
            self.job_id, person_of(interaction)
        )
        if result.what is not Cancelling.DONE:  # else the card says it
            await interaction.followup.send(cancelled(result), ephemeral=True)


def cancel_row(job_id: str) -> ui.ActionRow[Any]:
    """Return the row that stands under a card on its way."""
    return ui.ActionRow(CancelButton(job_id))

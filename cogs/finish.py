"""Finish: the same picture once more, with the better model or larger; the price is said first."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.server_settings import ServerSettings
from bot.errors import InvalidRequest, Problem
from bot.studio.pictures import FinishOffer, Shown
from cogs.items import OwnItem
from cogs.language import _
from cogs.people import person_of
from cogs.prices import price, tier
from cogs.surface import surface_of
from cogs.wishes import start_repeat

BUTTONS_IN_A_ROW = 5  # Discord's limit


class FinishButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:finish:(?P<id>[{ALPHABET}]{{{LENGTH}}}):(?P<size>[0-9A-Za-z]{{1,8}}):(?P<model>[a-z0-9.\-]{{1,60}})",
):
    """One way to finish a picture: a model and a size."""

    def __init__(self, image_id: str, model: str, size: str, label: str) -> None:
        self._image_id, self._model, self._size = image_id, model, size
        super().__init__(
            ui.Button(
                label=label,
                style=discord.ButtonStyle.primary,
                custom_id=f"plantain:finish:{image_id}:{size}:{model}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["id"], match["model"], match["size"], "")

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        pictures = surface_of(interaction).studio.pictures
        shown = await pictures.of_image(self._image_id, person_of(interaction))
        for offer in pictures.finish_offers(shown):
            if (offer.model.id, offer.size) == (self._model, self._size):
                await start_repeat(interaction, pictures.finish_of(shown, offer), shown, priced=True)
                return
        # The catalogue changed since the question was asked, or somebody wrote their own custom_id.
        raise InvalidRequest(Problem.MODEL_UNKNOWN, model=f"{self._model} {self._size}", allowed=[])


async def ask_how_to_finish(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Show, privately, what finishing this picture can mean and what each costs."""
    image = shown.images[0]
    surface = surface_of(interaction)
    offers = surface.studio.pictures.finish_offers(shown)
    server = (await surface.settings.server(interaction.guild_id)).settings
    view, name = ui.LayoutView(timeout=None), f"`{image.id}`"
    if not offers:
        view.add_item(
            ui.TextDisplay(_("The picture {image} is already as large and good as it gets.", image=name))
        )
    else:
        view.add_item(
            ui.TextDisplay(_("Make the picture {image} again, better. It costs about:", image=name))
        )
        buttons = [
            FinishButton(image.id, offer.model.id, offer.size, _label(offer, server)) for offer in offers
        ]
        for start in range(0, len(buttons), BUTTONS_IN_A_ROW):
            view.add_item(ui.ActionRow(*buttons[start : start + BUTTONS_IN_A_ROW]))
    await interaction.response.send_message(view=view, ephemeral=True)


def _label(offer: FinishOffer, server: ServerSettings) -> str:
    parts = (offer.model.label, tier(offer.model), offer.size, price(server, offer.micros))
    return " · ".join(filter(None, parts))

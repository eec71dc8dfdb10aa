"""The original of a picture whose posted copy is smaller: its link, or the best that fits, privately."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import ui

from bot.domain.images import Image
from bot.errors import DeliveryError
from bot.studio.notifier_ports import Showing
from bot.studio.originals import Link
from cogs.guard import say_privately
from cogs.language import N_, _
from cogs.numbers import mebibytes
from cogs.panels import answer_privately
from cogs.people import origin_of
from cogs.surface import surface_of

log = logging.getLogger(__name__)

OPEN = N_("Open the original")
NOT_TAKEN = N_("Discord does not take this right now. Try again in a minute.")


async def give_original(interaction: discord.Interaction[Any], image: Image) -> None:
    """Give somebody who may see a picture its original: a link, else the file or the best copy that fits."""
    studio = surface_of(interaction).studio
    link = studio.originals.link(image, interaction.user.id)
    if link is not None:
        text = _(
            "The original of {id}, as the model made it: {facts}. The link works until {until} for whoever "
            "has it.",
            id=f"`{image.id}`",
            facts=facts(image),
            until=f"<t:{link.until}:f>",
        )
        await answer_privately(interaction, text, ui.ActionRow(ui.Button(label=_(OPEN), url=link.url)))
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        await studio.deliverer.copies.post(image.id, origin_of(interaction), Showing.ORIGINAL)
    except DeliveryError as error:
        log.warning("interaction %s: the original was not taken: %s", interaction.id, error)
        await say_privately(interaction, _(NOT_TAKEN))


def facts(image: Image) -> str:
    """Return what is to be known of a file: pixels, kind, bytes."""
    kind = image.mime.removeprefix("image/").upper()
    return f"{image.width}×{image.height}, {kind}, {mebibytes(image.size)}"


def link_line(image: Image, link: Link) -> str:
    """Return the line of a card that leads to an original."""
    return "-# " + _(
        "The original of {id}: [{open}]({url}), until {until}",
        id=f"`{image.id}`",
        open=_(OPEN),
        url=link.url,
        until=f"<t:{link.until}:R>",
    )


def original_lines(image: Image, *, whole: bool) -> list[str]:
    """Return what stands under the best form of an original that fits here; `whole`: it is the original."""
    if whole:
        said = _("This is the original, byte for byte as the model made it: {facts}.", facts=facts(image))
        return [said]
    return [
        _(
            "The original of {id} ({facts}) is larger than a file may be here, so this is the best copy that "
            "fits.",
            id=f"`{image.id}`",
            facts=facts(image),
        ),
        _(
            "It is kept as it came: `/show id:{id}` in a place that takes larger files (a boosted server) "
            "brings it back, and the people who run this bot can hand it out.",
            id=image.id,
        ),
    ]

"""Drawings of conversations in Discord: their message, and how it is changed."""

from __future__ import annotations

import io

import discord
from discord import ui

from bot.domain.drawings import PostedDrawing
from bot.studio.trees import Drawing
from cogs.cards import Card
from cogs.faults import translated
from cogs.language import Languages, _, ngettext, speaking
from cogs.panels import panel

NOBODY = discord.AllowedMentions.none()


def drawing_card(drawing: Drawing) -> Card:
    """Return the message that shows a drawing; a notice where nothing of it is left to be seen."""
    if drawing.file is None:
        return Card(panel(_("The pictures of this drawing were removed or deleted.")), [])
    title = (
        _("Two pictures of this conversation")
        if drawing.compares
        else ngettext(
            "The tree of this conversation, {number} turn",
            "The tree of this conversation, {number} turns",
            drawing.turns,
        )
    )
    picture = discord.File(io.BytesIO(drawing.file.data), filename="tree.jpg", description=title)
    item = discord.MediaGalleryItem(picture, description=title, spoiler=drawing.spoiler)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.MediaGallery(item))
    view.add_item(ui.TextDisplay(f"-# {title}"))
    return Card(view, [picture])


class DiscordDrawings:
    """Changes messages with drawings. Discord's errors become DeliveryErrors here."""

    def __init__(self, client: discord.Client, languages: Languages) -> None:
        self._client = client
        self._languages = languages

    async def redraw(self, posted: PostedDrawing, drawing: Drawing) -> None:
        """Show a drawing in its message, in the language in which it was posted."""
        with speaking(self._languages.of(posted.locale)):
            card = drawing_card(drawing)
        channel = self._client.get_partial_messageable(posted.channel_id)
        async with translated():
            await channel.get_partial_message(posted.message_id).edit(
                view=card.view, attachments=card.files, allowed_mentions=NOBODY
            )

"""What the model is told, as it was put together from a person's words: shown on request, privately."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import ui

from bot.domain.calls import told
from bot.domain.catalogue import Catalogue
from bot.domain.requests import Request
from cogs.language import N_, _, ngettext
from cogs.panels import panel, quoted
from cogs.text import escape

SHOWN = 3_000  # characters of the prompt in the panel; Discord takes 4,000 of all texts together
FILE = "prompt.txt"
INTRODUCTION = N_("This is what the model is told. The last paragraph is the prompt, word for word.")


def sent_parts(request: Request, catalogue: Catalogue, *, pictures: int, limit: int = SHOWN) -> list[str]:
    """Return the texts of a panel that shows what goes to the model with `pictures` pictures."""
    return [_(INTRODUCTION), quoted(_whole(request), limit), f"-# {_beside(request, catalogue, pictures)}"]


async def answer_with_sent(
    interaction: discord.Interaction[Any], image_id: str, request: Request, catalogue: Catalogue
) -> None:
    """Show what was sent for a picture; what is too long for a message comes as a file, too."""
    title = "**" + _("What was sent for {id}", id=f"`{image_id}`") + "**"
    view = panel(title, *sent_parts(request, catalogue, pictures=len(request.references)))
    files = []
    if len(_whole(request)) > SHOWN:
        files.append(discord.File(io.BytesIO(_whole(request).encode()), filename=FILE))
        view.add_item(ui.File(f"attachment://{FILE}"))
    await interaction.response.send_message(
        view=view, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


def _whole(request: Request) -> str:
    return "\n\n".join(told(request))


def _beside(request: Request, catalogue: Catalogue, pictures: int) -> str:
    """Say what goes along with the words."""
    options = request.options
    model = catalogue.get(options.model)
    parts = [
        ngettext("{number} picture before the words", "{number} pictures before the words", pictures)
        if pictures
        else "",
        model.label if model else options.model,
        options.ratio or "",
        options.size or "",
    ]
    if request.style:
        parts.append(_("style {name}", name=request.style))
    if options.seed is not None:
        parts.append(_("seed {seed}", seed=options.seed))
    return " · ".join(escape(part) for part in parts if part)

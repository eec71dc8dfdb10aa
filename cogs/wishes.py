"""From what somebody typed to a job: style, settings and characters first, then perhaps a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.domain.requests import Reference, Request, Source
from bot.studio.compose import Composed, Wish
from cogs.language import _
from cogs.people import person_of
from cogs.prices import price
from cogs.start import Taking, start_job
from cogs.style_picker import style_as_typed
from cogs.surface import surface_of

SECONDS_TO_CONFIRM = 600.0


async def start_wish(
    interaction: discord.Interaction[Any],
    wish: Wish,
    sources: Sequence[Source] = (),
    *,
    parent: str | None = None,
    taking: Taking | None = None,
) -> None:
    """Start the job that a wish amounts to; ask first where the server wants its price to be confirmed."""
    wish = replace(
        wish,
        style=wish.style and await style_as_typed(interaction, wish.style),
        attachments=len(sources),
        age_restricted=age_restricted(interaction.channel),
    )
    composed = await surface_of(interaction).desk.composer.compose(wish, person_of(interaction))
    request = composed.request(wish, parent)
    if composed.needs_confirmation:
        await _ask(interaction, composed, request, sources, taking)
    else:
        await start_job(interaction, request, sources, composed.brought, taking)


def age_restricted(channel: object) -> bool:
    """Whether a channel is age-restricted, as far as that is known."""
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw and is_nsfw())


class ConfirmButton(ui.Button[Any]):
    """The answer to the question about the price. Nothing is accepted before it is pressed.

    What was asked for is known to this process alone; pressed after a restart, the guard says so.
    """

    def __init__(
        self,
        request: Request,
        sources: Sequence[Source],
        brought: Sequence[Reference],
        label: str,
        taking: Taking | None = None,
    ) -> None:
        super().__init__(label=label, style=discord.ButtonStyle.primary)
        self._asked = (request, tuple(sources), tuple(brought), taking)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Start the job."""
        work = start_job(interaction, *self._asked)
        await surface_of(interaction).guard.run(interaction, work)


async def _ask(
    interaction: discord.Interaction[Any],
    composed: Composed,
    request: Request,
    sources: Sequence[Source],
    taking: Taking | None,
) -> None:
    amount = price(composed.server, composed.micros, request.options.count)
    view = ui.LayoutView(timeout=SECONDS_TO_CONFIRM)
    view.add_item(ui.TextDisplay(_("This costs about **{amount}**. Shall I make it?", amount=amount)))
    label = _("Make it for {amount}", amount=amount)
    button = ConfirmButton(request, sources, composed.brought, label, taking)
    view.add_item(ui.ActionRow(button))
    await interaction.response.send_message(view=view, ephemeral=True)

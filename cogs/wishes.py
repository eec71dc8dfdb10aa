"""From what somebody typed to a job: style, settings and characters first, then perhaps a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.domain.requests import Kind, Reference, Request, Source
from bot.errors import NotAllowed
from bot.studio.compose import Wish
from bot.studio.pictures import Shown
from cogs.audience import in_force_of
from cogs.language import _
from cogs.messages_there import check_there
from cogs.panels import panel
from cogs.people import age_restricted, check_place, person_of
from cogs.prices import price
from cogs.sent import sent_parts
from cogs.start import Taking, start_job
from cogs.style_picker import style_as_typed
from cogs.surface import surface_of

SECONDS_TO_CONFIRM = 600.0
LONG, SHORT = 3_000, 600  # characters of the prompt in a preview, and beside the question about a price


async def start_wish(
    interaction: discord.Interaction[Any],
    wish: Wish,
    sources: Sequence[Source] = (),
    *,
    parent: str | None = None,
    taking: Taking | None = None,
    preview: bool = False,
    pressed: bool = False,
) -> None:
    """Start the job that a wish amounts to; ask first where the server wants its price to be confirmed.

    `preview`: ask in any case, and show what the model would be told. `pressed`: it came with a button.
    """
    wish = replace(
        wish,
        style=wish.style and await style_as_typed(interaction, wish.style),
        attachments=len(sources),
        age_restricted=age_restricted(interaction),
    )
    surface = surface_of(interaction)
    person = person_of(interaction)
    composed = await surface.library.composer.compose(wish, person, in_force_of(interaction))
    request = composed.request(wish, parent).evolve(pressed=pressed)
    if preview or composed.needs_confirmation:
        surface.studio.submissions.check(request)  # what is refused anyway needs no question
        amount = price(composed.server, composed.micros, request.images)
        await _ask(interaction, request, amount, sources, composed.brought, taking, preview=preview)
    else:
        await start_job(interaction, request, sources, composed.brought, taking)


async def start_repeat(
    interaction: discord.Interaction[Any],
    request: Request,
    shown: Shown,
    *,
    before: str | None = None,
    priced: bool = False,
    taking: Taking | None = None,
) -> None:
    """Start a job with the settings of an earlier one, whose picture is `shown`, by the rules that hold now.

    `before` as for `Repeats.repeat`. `priced`: the person has seen the price and chosen it. `taking`: it
    becomes a turn of a conversation, which says who sees it.
    """
    surface = surface_of(interaction)
    check_place(interaction, request)
    repeat = await surface.library.repeats.repeat(
        request,
        person_of(interaction),
        age_restricted=age_restricted(interaction),
        before=before,
        made_by=shown.job.request,
        in_force=in_force_of(interaction),
    )
    request = repeat.request.evolve(private=repeat.request.private and taking is None)
    if repeat.needs_confirmation and not priced:
        surface.studio.submissions.check(request)
        amount = price(repeat.server, repeat.micros, request.images)
        await _ask(interaction, request, amount, taking=taking, shown=shown)
    else:
        await start_job(interaction, request.evolve(pressed=True), taking=taking)


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
        shown: Shown | None = None,
    ) -> None:
        super().__init__(label=label, style=discord.ButtonStyle.primary)
        self._asked = (request.evolve(pressed=True), tuple(sources), tuple(brought), taking)
        self._shown = shown

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Start the job."""
        await surface_of(interaction).guard.run(interaction, self._pressed(interaction))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Refuse what somebody took back since the question was asked: here it is all still there."""
        if self._shown is not None:
            pictures, image_id = surface_of(interaction).studio.pictures, self._shown.images[0].id
            now = await pictures.of_image(image_id, person_of(interaction))
            if now.job.request != self._shown.job.request:
                raise NotAllowed("message_gone")
        _request, sources, _brought, _taking = self._asked
        taken_from = [source.message_id for source in sources if source.message_id is not None]
        await check_there(interaction.client, interaction.channel_id, taken_from)
        await start_job(interaction, *self._asked)


async def _ask(
    interaction: discord.Interaction[Any],
    request: Request,
    amount: str,
    sources: Sequence[Source] = (),
    brought: Sequence[Reference] = (),
    taking: Taking | None = None,
    shown: Shown | None = None,
    *,
    preview: bool = False,
) -> None:
    """Ask, privately, whether to go on, and show what the model would be told."""
    pictures = len(request.references) + len(sources) + len(brought)
    catalogue = surface_of(interaction).studio.catalogue
    question = _("This costs about **{amount}**. Shall I make it?", amount=amount)
    if request.kind is Kind.DESCRIBE:
        question, label = _("This costs about **{amount}**. Go on?", amount=amount), _("Yes, describe it")
    else:
        label = _("Make it for {amount}", amount=amount)
    limit = LONG if preview else SHORT
    view = panel(question, *sent_parts(request, catalogue, pictures=pictures, limit=limit))
    view.timeout = SECONDS_TO_CONFIRM
    view.add_item(ui.ActionRow(ConfirmButton(request, sources, brought, label, taking, shown)))
    await interaction.response.send_message(
        view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )

"""From an interaction to a job: submit, answer with the card, and hand over what was kept."""

from __future__ import annotations

import logging
from typing import Any

import discord

from bot.domain.progress import Stage
from bot.domain.requests import Request
from cogs.people import origin_of
from cogs.surface import surface_of

log = logging.getLogger(__name__)


async def start_job(interaction: discord.Interaction[Any], request: Request) -> None:
    """Submit a request and answer with its card within Discord's 3 seconds; a refusal is raised."""
    surface = surface_of(interaction)
    origin = origin_of(interaction)
    async with surface.notifier.acknowledging(origin.key):
        ticket = await surface.studio.submissions.submit(request, origin)
        card = surface.cards.progress(ticket.job, Stage.PREPARING, ticket.ahead)
        response = await interaction.response.send_message(view=card, ephemeral=request.private)
    log.info("interaction %s is job %s", interaction.id, ticket.job.id)
    if response.message_id is not None:
        await surface.studio.set_card(ticket.job.id, response.message_id)
    await surface.studio.deliverer.hand_over_kept(origin)

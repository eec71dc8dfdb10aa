"""From an interaction to a job: submit, answer with the card, and hand over what was kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import discord
from discord import ui

from bot.domain.jobs import Job
from bot.domain.progress import Stage, Ticket
from bot.domain.requests import Origin, Reference, Request, Source
from bot.domain.standing import Standing
from bot.errors import DeliveryError
from cogs.audience import in_force_of
from cogs.guard import say_privately
from cogs.language import _
from cogs.people import age_restricted, origin_of, person_of
from cogs.reply import Reply
from cogs.standing import standing_of
from cogs.surface import Surface, surface_of
from cogs.wording import ALREADY_DONE

log = logging.getLogger(__name__)


class Taking(Protocol):
    """How a request is accepted where that is more than submitting it."""

    async def accept(self, request: Request, origin: Origin, standing: Standing) -> Ticket:
        """Accept the request, or raise a Refusal."""
        ...

    async def started(self, interaction: discord.Interaction[Any], job: Job, card: int | None) -> None:
        """Do what comes after the card was shown; `card` is its message where that is known."""
        ...


async def start_job(
    interaction: discord.Interaction[Any],
    request: Request,
    sources: Sequence[Source] = (),
    brought: Sequence[Reference] = (),
    taking: Taking | None = None,
) -> None:
    """Submit a request and answer with its card within Discord's 3 seconds; a refusal is raised.

    `sources` are attachments that go to the model after the request's own references, and `brought` are
    the pictures of characters, which go last. Attachments are fetched and looked at before anything is
    accepted, so that what is wrong with one is said to its sender alone.
    Once the request is accepted nothing is raised any more: whatever happens to the card, the answer will
    find another way, and nobody may be told that nothing was done.
    """
    surface = surface_of(interaction)
    origin = origin_of(interaction)
    first_answers = surface.notifier.first_answers
    async with (
        surface.notifier.acknowledging(origin.key),
        Reply(interaction, private=request.private, first_answers=first_answers) as reply,
    ):
        if sources:
            # Who is banned is refused with the request; here, before anything of theirs is fetched.
            await surface.casework.bans.check(person_of(interaction))
            request = await surface.studio.intake.complete(request, sources, request.sender(origin))
        request = request.evolve(
            references=(*request.references, *brought), age_restricted=age_restricted(interaction)
        )
        standing = await standing_of(interaction, surface.acquaintances)
        standing = standing.evolve(in_force=in_force_of(interaction))
        accept = surface.studio.submissions.submit if taking is None else taking.accept
        ticket = await accept(request, origin, standing)
        over = ticket.repeated and ticket.job.is_final
        # A thread hangs on a card that is there to see.
        if not over and not await _shown(interaction, reply, ticket, at_once=taking is not None):
            return
    if over:
        log.info("interaction %s is job %s again", interaction.id, ticket.job.id)
        await say_privately(interaction, _(ALREADY_DONE))
        return
    await _afterwards(interaction, ticket, reply.message_id)
    if taking is not None and not ticket.repeated:
        await taking.started(interaction, ticket.job, reply.message_id)


async def _shown(
    interaction: discord.Interaction[Any], reply: Reply, ticket: Ticket, *, at_once: bool
) -> bool:
    """Answer with the card of a job; return whether Discord took it. The job goes on in any case."""
    surface, job = surface_of(interaction), ticket.job
    try:
        if not await reply.answer(partial(_card, surface, ticket), at_once=at_once):
            surface.notifier.say_first(job, ticket.ahead, ticket.outlook)
    except DeliveryError as error:
        log.warning("interaction %s was not acknowledged, job %s goes on: %s", interaction.id, job.id, error)
        return False
    return True


def _card(surface: Surface, ticket: Ticket) -> ui.LayoutView:
    return surface.cards.progress(ticket.job, Stage.PREPARING, ticket.ahead, ticket.outlook)


async def _afterwards(interaction: discord.Interaction[Any], ticket: Ticket, card: int | None) -> None:
    """Note where the card is, and use the open interaction for what could not be delivered earlier."""
    surface = surface_of(interaction)
    try:
        await surface.notifier.acknowledged()  # in a burst, others' first answers go before this
        log.info("interaction %s is job %s%s", interaction.id, ticket.job.id, " again" * ticket.repeated)
        if card is not None:
            await surface.studio.set_card(ticket.job.id, card)
        if ticket.kept:
            await surface.studio.deliverer.hand_over_kept(origin_of(interaction))
    except Exception:
        log.exception("job %s was accepted, but what follows that broke", ticket.job.id)

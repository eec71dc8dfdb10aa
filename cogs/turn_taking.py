"""From somebody's words to a turn, whether they wrote a message, used a command or filled in a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.domain.composition import Chosen
from bot.domain.conversations import Conversation
from bot.domain.jobs import Job
from bot.domain.progress import Ticket
from bot.domain.requests import Kind, Origin, Reference, Request, Source
from bot.domain.standing import Standing
from bot.errors import Gone, InvalidRequest
from bot.studio.compose import Wish
from bot.studio.lookup import Branch
from bot.studio.pictures import Shown
from cogs.people import person_of
from cogs.surface import Surface, surface_of
from cogs.wishes import start_repeat, start_wish


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """Accepts a request as the next turn of a conversation (`start.Taking`)."""

    surface: Surface
    conversation: Conversation
    branch: Branch | None = None

    async def accept(self, request: Request, origin: Origin, standing: Standing) -> Ticket:
        """Accept it."""
        return await self.surface.talk.conversations.take(
            self.conversation, request, origin, branch=self.branch, standing=standing
        )

    async def started(self, interaction: discord.Interaction[Any], job: Job, card: int | None) -> None:
        """The card is all that there is to show."""


def wish_for(
    surface: Surface,
    conversation: Conversation,
    words: str,
    *,
    chosen: Chosen = Chosen(),
    branch: Branch | None = None,
    consent: bool = False,
    attachments: int = 0,
) -> Wish:
    """Return what a turn asks for: with the conversation's model unless another was chosen."""
    model = chosen.model or _on_offer(surface, conversation.model)
    anew = conversation.head is None and branch is None and not attachments
    return Wish(
        words,
        Kind.GENERATE if anew else Kind.EDIT,
        replace(chosen, model=model, count=1),
        private=False,  # the conversation says who sees it
        consent=consent,
        attachments=attachments,
    )


async def start_turn(
    interaction: discord.Interaction[Any],
    conversation: Conversation,
    wish: Wish,
    sources: Sequence[Source] = (),
    branch: Branch | None = None,
) -> None:
    """Take a turn from a command or a form; its answer is the turn's card."""
    taking = TurnTaking(surface_of(interaction), conversation, branch)
    await start_wish(interaction, wish, sources, taking=taking)


async def conversation_for(interaction: discord.Interaction[Any]) -> Conversation | None:
    """Return the conversation that goes on here, if this person takes part in it."""
    found = await surface_of(interaction).talk.lookup.at(interaction.channel_id)
    return found if found is not None and found.may_take_part(interaction.user.id) else None


async def another_take(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Make another take of a picture that was made in a conversation.

    In that conversation it is a turn beside it, with the same turns before it. Elsewhere it is made from the
    picture that its turn was made from.
    """
    surface = surface_of(interaction)
    image = shown.images[0]
    request = surface.studio.pictures.another_take(shown)
    conversation = await conversation_for(interaction)
    turn = None
    if conversation is not None:
        turn = await surface.talk.lookup.turn_of(conversation, image.id)
    if conversation is not None and turn is not None:
        taking = TurnTaking(surface, conversation, Branch(turn.parent))
        await start_repeat(interaction, replace(request, private=False), shown, taking=taking)
        return
    if image.parent is not None:
        try:
            before = await surface.studio.pictures.of_image(image.parent, person_of(interaction))
        except Gone as error:
            raise Gone(image.id) from error
        parent = before.images[0]
        original = Reference(parent.sha256, parent.mime, parent.size)
        request = request.evolve(references=(original, *request.references))
    await start_repeat(interaction, request, shown)


def _on_offer(surface: Surface, model: str) -> str | None:
    try:
        return surface.studio.catalogue.resolve(model).model.id
    except InvalidRequest:
        return None

"""Starting a conversation: from words, or from a picture that is there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot.domain.composition import Chosen
from bot.domain.conversations import Participants
from bot.domain.images import Image
from bot.domain.jobs import Job
from bot.domain.progress import Ticket
from bot.domain.requests import Kind, Origin, Request, Source
from bot.domain.standing import Standing
from bot.errors import ConversationRefused, DeliveryError, Hindrance, NotAllowed, Refusal
from bot.studio.compose import Wish
from bot.studio.notifier_ports import Showing
from bot.studio.pictures import Shown
from cogs import conversation_words as words
from cogs.audience import for_everybody
from cogs.faults import translated
from cogs.form import Form
from cogs.forms import INSTRUCTION_LIMIT
from cogs.guard import say_privately
from cogs.language import _
from cogs.opening import Ground, ground_of, introduce, open_beside, open_on
from cogs.people import age_restricted, is_out_of_place, origin_of, person_of
from cogs.surface import Surface, surface_of
from cogs.text import quote
from cogs.wishes import start_wish

log = logging.getLogger(__name__)

OPENING_LIMIT = 1500  # characters of a prompt in a thread's first message


async def start_from_words(
    interaction: discord.Interaction[Any],
    prompt: str,
    sources: Sequence[Source] = (),
    *,
    who: Participants | None = None,
    consent: bool = False,
) -> None:
    """Start a conversation whose first turn is made from words, and perhaps a picture."""
    ground, surface, person = ground_of(interaction), surface_of(interaction), person_of(interaction)
    await surface.casework.bans.check(person)
    if not ground.direct:
        # The name is made of these words, and stands there before anything is made.
        await surface.moderation.rulebook.check_name(
            prompt, person, "thread", age_restricted=age_restricted(interaction)
        )
    who = who or await default_participants(interaction)
    kind = Kind.EDIT if sources else Kind.GENERATE
    wish = Wish(prompt, kind, Chosen(count=1), private=False, consent=consent)
    if ground.beside:
        await start_wish(interaction, wish, sources, taking=_Beside(surface, ground, who, prompt))
    else:
        taking = _Beginning(surface, ground, who)
        await start_wish(interaction, wish, sources, taking=taking)


async def start_from_picture(
    interaction: discord.Interaction[Any], shown: Shown, message: discord.Message | None
) -> None:
    """Start a conversation from a picture; its thread hangs on the message that shows it, where it can."""
    image = shown.images[0]
    surface, person = surface_of(interaction), person_of(interaction)
    await surface.casework.bans.check(person)
    server = (await surface.settings.server(interaction.guild_id)).settings
    server.check_channel(age_restricted=age_restricted(interaction))
    if is_out_of_place(interaction, shown.job.request):
        raise NotAllowed("out_of_place")
    await interaction.response.defer(ephemeral=True, thinking=True)
    private = image.private and interaction.context.dm_channel is False
    ground = await _direct(interaction) if private else ground_of(interaction)
    title = shown.job.request.prompt or image.id  # its words may have been taken back
    rules = surface.moderation.rulebook
    if not await rules.allows_name(title, person, age_restricted=age_restricted(interaction)):
        title = image.id  # somebody wrote it when, or where, it was allowed
    channel: discord.abc.Messageable | None = None
    beside = None
    if ground.direct:
        channel = interaction.client.get_partial_messageable(ground.channel_id)
        place = ground.place(None)
        again = private
    else:
        carries = message is not None and _can_carry(message) and not await _has_one(surface, message)
        thread = await open_on(message, title) if message is not None and carries else None
        again = thread is None
        if thread is None:
            thread, beside = await open_beside(ground, title, quote(title, OPENING_LIMIT))
        channel, place = thread, ground.place(thread.id)
    conversation = await surface.talk.conversations.begin_from(
        image.id, person, place, await default_participants(interaction)
    )
    with for_everybody(interaction):
        first = await introduce(channel, conversation, reads=reads_messages(interaction.client))
    if again:
        hidden = server.hides(age_restricted=age_restricted(interaction))
        under, direct = beside or first, ground.direct
        await _bring_along(interaction, image, place.id or 0, under, direct=direct, hidden=hidden)
    await say_privately(interaction, words.began_in(place.id or ground.channel_id))


async def default_participants(interaction: discord.Interaction[Any]) -> Participants:
    """Return who takes part where nobody says so: what the server has set."""
    server = (await surface_of(interaction).settings.server(interaction.guild_id)).settings
    return server.participants


def reads_messages(client: discord.Client) -> bool:
    """Whether Discord lets the bot read what members write."""
    return client.intents.message_content


class ThreadForm(Form):
    """Asks what should change about somebody's picture, and starts a conversation with that.

    Where the server wants to know that people in pictures agree, it asks for that.
    """

    def __init__(self, sources: Sequence[Source], *, consent: bool) -> None:
        super().__init__(title=_(words.FORM_TITLE))
        self._sources = tuple(sources)
        self._prompt: ui.TextInput[Any] = ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            placeholder=_("make it night, and add a full moon"),
            max_length=INSTRUCTION_LIMIT,
        )
        self.add_item(ui.Label(text=_("What should change"), component=self._prompt))
        self._consent: ui.Checkbox[Any] | None = None
        if consent:
            self._consent = ui.Checkbox(custom_id="consent")
            self.add_item(ui.Label(text=_("The people in these pictures agree"), component=self._consent))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Start the conversation, and answer whatever goes wrong."""
        agreed = self._consent is not None and self._consent.value
        work = start_from_words(interaction, self._prompt.value, self._sources, consent=agreed)
        await surface_of(interaction).guard.run(interaction, work)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Begins a conversation with the answer to a command; its thread hangs on that (`start.Taking`)."""

    surface: Surface
    ground: Ground
    who: Participants

    async def accept(self, request: Request, origin: Origin, standing: Standing) -> Ticket:
        """Accept the first turn together with its conversation."""
        ticket, _id = await self.surface.talk.conversations.begin(
            request, origin, self.ground.place(None), self.who, standing
        )
        return ticket

    async def started(self, interaction: discord.Interaction[Any], job: Job, card: int | None) -> None:
        """Open the thread on the card."""
        await open_thread_of(interaction, self.surface, self.ground, job, card)


@dataclass(frozen=True, slots=True)
class _Beside:
    """Begins a conversation in a thread of its own, or a forum post (`start.Taking`)."""

    surface: Surface
    ground: Ground
    who: Participants
    prompt: str

    async def accept(self, request: Request, origin: Origin, standing: Standing) -> Ticket:
        """Open the thread first: the first turn is answered in there. Nothing stays of it after a refusal."""
        opening = f"<@{origin.member_id}>: {quote(self.prompt, OPENING_LIMIT)}"
        thread, message = await open_beside(self.ground, self.prompt, opening)
        place = self.ground.place(thread.id)
        inside = replace(origin, channel_id=thread.id, message_id=message.id, token=None)
        try:
            ticket, _id = await self.surface.talk.conversations.begin(
                request, inside, place, self.who, standing
            )
        except Refusal:
            await _remove(thread)
            raise
        return ticket

    async def started(self, interaction: discord.Interaction[Any], job: Job, card: int | None) -> None:
        """Say what the thread is for, and where it is."""
        await _introduce(interaction, self.surface, job)
        text = words.began_in(job.origin.channel_id)
        try:
            async with translated():
                await interaction.edit_original_response(view=_text(text))
        except DeliveryError as error:
            log.warning("interaction %s: %s", interaction.id, error)


async def open_thread_of(
    interaction: discord.Interaction[Any], surface: Surface, ground: Ground, job: Job, card: int | None
) -> None:
    """Open the thread of a conversation on the card of its first turn, and say what it is for.

    Where that fails the picture is made all the same, and its button Thread starts a conversation from it.
    """
    if not ground.direct:
        channel = interaction.channel
        if card is None or not isinstance(channel, discord.TextChannel):
            log.warning("job %s has no thread: its card is not known", job.id)
            return
        conversations, conversation_id = surface.talk.conversations, job.request.conversation or ""
        # A thread has the id of the message that it hangs on: nothing that is written there is missed.
        await conversations.opened(conversation_id, card)
        try:
            thread = await open_on(channel.get_partial_message(card), job.request.prompt)
        except ConversationRefused as refused:
            await conversations.opened(conversation_id, None)
            await say_privately(interaction, words.hindrance(refused))
            return
        if thread is None:
            await conversations.opened(conversation_id, None)
            return
    await _introduce(interaction, surface, job)


async def _introduce(interaction: discord.Interaction[Any], surface: Surface, job: Job) -> None:
    conversation = await surface.talk.lookup.named(job.request.conversation or "")
    if conversation is None or conversation.place_id is None:
        return
    channel = interaction.client.get_partial_messageable(conversation.place_id)
    with for_everybody(interaction):
        await introduce(channel, conversation, reads=reads_messages(interaction.client))


async def _direct(interaction: discord.Interaction[Any]) -> Ground:
    """Return the direct messages of who asks: a private picture is shown nowhere else."""
    try:
        async with translated():
            channel = await interaction.user.create_dm()
    except DeliveryError as error:
        raise ConversationRefused(Hindrance.PLACE_CLOSED) from error
    return Ground(None, channel.id, None)


async def _bring_along(
    interaction: discord.Interaction[Any],
    image: Image,
    place_id: int,
    under: discord.Message | None,
    *,
    direct: bool,
    hidden: bool,
) -> None:
    """Show the picture where the conversation goes on. Only a private one has to be seen there."""
    origin = origin_of(interaction)
    try:
        if under is None:
            raise DeliveryError("there is no message to reply to")
        inside = replace(origin, channel_id=place_id, message_id=under.id, token=None, direct=direct)
        await surface_of(interaction).studio.deliverer.copies.post(
            image.id, inside, Showing.COPY, hidden=hidden
        )
    except (DeliveryError, Refusal) as error:
        log.warning("picture %s is not shown where its conversation goes on: %s", image.id, error)
        if image.private:
            raise ConversationRefused(Hindrance.PLACE_CLOSED) from error


def _can_carry(message: discord.Message) -> bool:
    """Whether a thread can hang on a message: not in threads, not on what one person sees, once only."""
    return (
        isinstance(message.channel, discord.TextChannel)
        and not message.flags.ephemeral
        and not message.flags.has_thread
    )


async def _has_one(surface: Surface, message: discord.Message) -> bool:
    """Whether a conversation hangs on a message, or did: a thread has its message's id."""
    return await surface.talk.lookup.was_at(message.id)


async def _remove(thread: discord.Thread) -> None:
    try:
        async with translated():
            await thread.delete()
    except DeliveryError as error:
        log.info("the empty thread %d stays: %s", thread.id, error)


def _text(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    return view

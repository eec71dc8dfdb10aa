"""/thread, the message menu, and what works in a conversation: /tree, /undo, /head, /participants, /end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.conversations import Participants
from bot.domain.images import Image
from bot.errors import ConversationRefused, Hindrance, NoPicture
from bot.studio.trees import Drawing
from cogs import conversation_words as words
from cogs.audience import audience_of, for_everybody
from cogs.buttons import Action, PictureButton, Target
from cogs.drawings import drawing_card
from cogs.language import N_, _
from cogs.message_menus import MessageMenu
from cogs.panels import answer_privately, panel
from cogs.people import person_of
from cogs.pictures_in import Found, pictures_in, source_of
from cogs.reply import promise
from cogs.staff import moderator_of
from cogs.surface import surface_of
from cogs.thread_starting import ThreadForm, start_from_picture, start_from_words

START_THREAD = N_("Start thread")
NOBODY = discord.AllowedMentions.none()
WHO_CHOICES = [
    app_commands.Choice(name=locale_str(name), value=value.value)
    for value, name in (
        (Participants.OWNER, N_("only who starts it")),
        (Participants.INVITED, N_("whom they invite, too")),
        (Participants.EVERYBODY, N_("everybody there")),
    )
]


class Threads(MessageMenu):
    """The commands of conversations."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot, app_commands.ContextMenu(name=START_THREAD, callback=start_from_message))

    @app_commands.command(
        name="thread", description="Start a conversation: every message in its thread changes the picture"
    )
    @app_commands.describe(
        prompt="What the picture should show, or how the picture should change",
        image="A picture to begin with",
        participants="Who may take part",
        consent="The people in the picture agree",
    )
    @app_commands.choices(participants=WHO_CHOICES)
    async def thread(
        self,
        interaction: discord.Interaction[Any],
        prompt: str,
        image: discord.Attachment | None = None,
        participants: str | None = None,
        consent: bool = False,
    ) -> None:
        """Start a conversation with a first turn."""
        sources = [source_of(image)] if image is not None else []
        who = None if participants is None else Participants(participants)
        await start_from_words(interaction, prompt, sources, who=who, consent=consent)

    @app_commands.command(
        name="tree", description="Draw this conversation as a tree, or two of its pictures beside each other"
    )
    @app_commands.describe(
        compare="The number or id of a picture to compare", to="The number or id of the other picture"
    )
    async def tree(
        self, interaction: discord.Interaction[Any], compare: str | None = None, to: str | None = None
    ) -> None:
        """Show the tree."""
        talk = surface_of(interaction).talk
        conversation = await talk.lookup.here(person_of(interaction), ended=True)
        if (compare is None) != (to is None):
            raise ConversationRefused(Hindrance.ONE_TO_COMPARE)
        compared = None
        if compare is not None and to is not None:
            one = await talk.lookup.turn_named(conversation, compare)
            compared = one, await talk.lookup.turn_named(conversation, to)
        message_id = await promise(interaction)
        place = (interaction.channel_id or 0, message_id, audience_of(interaction).place)
        await talk.drawings.post(conversation, compared, place, partial(_show, interaction))

    @app_commands.command(name="undo", description="Go back to the picture before the latest one")
    async def undo(self, interaction: discord.Interaction[Any]) -> None:
        """Move the head to its parent."""
        talk, person = surface_of(interaction).talk, person_of(interaction)
        conversation = await talk.lookup.here(person)
        with for_everybody(interaction):
            await _say(interaction, words.head_line(await talk.heads.undo(conversation, person)))

    @app_commands.command(
        name="head", description="Show from which picture this conversation goes on, or choose it"
    )
    @app_commands.describe(picture="The number or id of the picture to go on from")
    async def head(self, interaction: discord.Interaction[Any], picture: str | None = None) -> None:
        """Show or move the head."""
        talk, person = surface_of(interaction).talk, person_of(interaction)
        conversation = await talk.lookup.here(person)
        if picture is None:
            await answer_privately(interaction, words.head_line(await talk.heads.head(conversation)))
            return
        turn = await talk.lookup.turn_named(conversation, picture)
        with for_everybody(interaction):
            await _say(interaction, words.head_line(await talk.heads.use(conversation, person, turn.id)))

    @app_commands.command(name="end", description="End this conversation; its pictures stay")
    async def end(self, interaction: discord.Interaction[Any]) -> None:
        """End the conversation."""
        await surface_of(interaction).talk.endings.end(await moderator_of(interaction))
        with for_everybody(interaction):
            await _say(interaction, _(words.ENDED))

    @app_commands.command(
        name="participants", description="Show or choose who takes part in this conversation"
    )
    @app_commands.describe(
        who="Who may take part", invite="Somebody to invite", remove="Somebody to take the invitation from"
    )
    @app_commands.choices(who=WHO_CHOICES)
    async def participants(
        self,
        interaction: discord.Interaction[Any],
        who: str | None = None,
        invite: discord.User | None = None,
        remove: discord.User | None = None,
    ) -> None:
        """Show or change who takes part."""
        talk, person = surface_of(interaction).talk, await moderator_of(interaction)
        conversation = await talk.lookup.here(person)
        if who is None and invite is None and remove is None:
            await answer_privately(interaction, words.participants(conversation))
            return
        changed = await talk.heads.set_participants(
            conversation,
            person,
            None if who is None else Participants(who),
            invite=None if invite is None else invite.id,
            remove=None if remove is None else remove.id,
        )
        with for_everybody(interaction):
            await _say(interaction, words.participants(changed))


async def start_from_message(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Start a conversation from the picture of a message: one of ours, or anybody's attachment."""
    ourselves = interaction.client.user
    found: list[Found] = pictures_in(message, ourselves.id if ourselves else None)
    if not found:
        raise NoPicture(str(message.id))
    pictures, person = surface_of(interaction).studio.pictures, person_of(interaction)
    ours = [item.image_id for item in found if item.image_id is not None]
    if not ours:
        sources = [item.source for item in found if item.source]
        server = (await surface_of(interaction).settings.server(interaction.guild_id)).settings
        await ThreadForm(sources, consent=server.consent_required).show(interaction)
    elif len(ours) == 1:
        await start_from_picture(interaction, await pictures.of_image(ours[0], person), message)
    else:
        shown = [await pictures.of_image(image_id, person) for image_id in ours]
        await _ask_which(interaction, [item.images[0] for item in shown])


async def _say(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer so that everybody who takes part knows it."""
    await interaction.response.send_message(view=panel(text), allowed_mentions=NOBODY)


async def _show(interaction: discord.Interaction[Any], drawing: Drawing) -> None:
    with for_everybody(interaction):
        card = drawing_card(drawing)
    await interaction.edit_original_response(view=card.view, attachments=card.files, allowed_mentions=NOBODY)


async def _ask_which(interaction: discord.Interaction[Any], images: Sequence[Image]) -> None:
    """Ask, privately, from which of several pictures a conversation should start."""
    row: ui.ActionRow[Any] = ui.ActionRow(
        *(PictureButton(Action.THREAD, Target.IMAGE, image.id, image.id) for image in images[:5])
    )
    await answer_privately(interaction, _("**Thread**: from which picture?"), row)

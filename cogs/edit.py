"""/edit, /blend and the message menu "Edit image": pictures from pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.composition import Chosen
from bot.domain.requests import Kind, Source
from bot.errors import ConversationRefused, Hindrance, NoPicture
from bot.studio.compose import Wish
from cogs.choices import offer_models, offer_sizes
from cogs.forms import show_edit_form
from cogs.language import N_
from cogs.message_menus import MessageMenu, menu_everywhere
from cogs.people import person_of
from cogs.pictures_in import pictures_in, source_of
from cogs.surface import surface_of
from cogs.turn_taking import start_turn, wish_for
from cogs.wishes import start_wish

EDIT_IMAGE = N_("Edit image")


class Edit(MessageMenu):
    """The commands that take pictures."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot, menu_everywhere(EDIT_IMAGE, edit_image))

    @app_commands.command(name="edit", description="Change a picture by saying what should be different")
    @app_commands.describe(
        instruction="What should be different",
        image="The picture to change; inside of a conversation leave it out to change the latest one",
        image2="A second picture to use, such as a person, a thing or a style",
        image3="A third picture to use",
        model="Which model makes it",
        size="How large",
        consent="The people in these pictures agree",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.autocomplete(model=offer_models, size=offer_sizes)
    async def edit(
        self,
        interaction: discord.Interaction[Any],
        instruction: str,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        model: str | None = None,
        size: str | None = None,
        consent: bool = False,
    ) -> None:
        """Submit the edit; the first picture is the one that is changed, or the head of a conversation."""
        sources = [source_of(item) for item in (image, image2, image3) if item is not None]
        chosen = Chosen(model, size=size, count=1)
        if image is None:
            await edit_the_head(interaction, instruction, sources, chosen, consent=consent)
            return
        await start_wish(interaction, Wish(instruction, Kind.EDIT, chosen, consent=consent), sources)

    @app_commands.command(name="blend", description="Make one picture out of several")
    @app_commands.describe(
        image1="The first picture",
        image2="The second picture",
        instruction="How they should come together",
        image3="A third picture",
        image4="A fourth picture",
        image5="A fifth picture",
        consent="The people in these pictures agree",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def blend(
        self,
        interaction: discord.Interaction[Any],
        image1: discord.Attachment,
        image2: discord.Attachment,
        instruction: str,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        consent: bool = False,
    ) -> None:
        """Submit the blend; the pictures go to the model in the order of the options."""
        given = (image1, image2, image3, image4, image5)
        sources = [source_of(item) for item in given if item is not None]
        wish = Wish(instruction, Kind.BLEND, Chosen(count=1), consent=consent)
        await start_wish(interaction, wish, sources)


async def edit_the_head(
    interaction: discord.Interaction[Any],
    instruction: str,
    sources: Sequence[Source],
    chosen: Chosen,
    *,
    consent: bool,
) -> None:
    """Take the next turn of the conversation of this place; its head is the picture that is changed."""
    surface = surface_of(interaction)
    conversation = await surface.talk.lookup.at(interaction.channel_id)
    if conversation is None:
        raise ConversationRefused(Hindrance.NO_PICTURE_GIVEN)
    wish = wish_for(
        surface, conversation, instruction, chosen=chosen, consent=consent, attachments=len(sources)
    )
    await start_turn(interaction, conversation, wish, sources)


async def edit_image(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Show the form for the pictures of a message: anybody's attachments, or a picture of ours."""
    surface = surface_of(interaction)
    ourselves = interaction.client.user
    found = pictures_in(message, ourselves.id if ourselves else None)
    if not found:
        raise NoPicture(str(message.id))
    person = person_of(interaction)
    for item in found:
        if item.image_id is not None:
            await surface.studio.pictures.of_image(item.image_id, person)
    await show_edit_form(interaction, found)

"""/gallery and /show: pictures that were made before."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.domain.gallery import MAX_TEXT, Filter, read_days
from bot.domain.requests import Kind
from bot.errors import Gone, InvalidRequest, Problem
from cogs import gallery_words as words
from cogs.gallery_items import bring_back, show_details
from cogs.gallery_pages import put_page
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.people import person_of
from cogs.surface import surface_of

_KINDS = [app_commands.Choice(name=locale_str(name), value=kind.value) for kind, name in words.KINDS.items()]


class GalleryCommands(commands.Cog):
    """The two commands and their pickers."""

    @app_commands.command(name="gallery", description="Look through the pictures that you made")
    @app_commands.describe(
        text="Words that stand in the prompt",
        kind="How they were made",
        day="When: 2026-11-21, 2026-11, 2026-11-01..2026-11-21, today, yesterday",
        channel="Made in this channel or thread",
    )
    @app_commands.choices(kind=_KINDS)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def gallery(
        self,
        interaction: discord.Interaction[Any],
        text: app_commands.Range[str, 1, MAX_TEXT] | None = None,
        kind: str | None = None,
        day: str | None = None,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        """Show the first page, to the person alone."""
        gallery = surface_of(interaction).studio.gallery
        days = read_days(words.day_word(day), gallery.today()) if day else None
        wanted = Filter.of(text or "", Kind(kind) if kind else None, days, channel.id if channel else None)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await put_page(interaction, await gallery.page(person_of(interaction), wanted))

    @gallery.autocomplete("day")
    async def _days(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        days = words.day_offers(current, surface_of(interaction).studio.gallery.today())
        return [app_commands.Choice(name=name, value=value) for name, value in days]

    @app_commands.command(name="show", description="Bring a picture back, with its buttons")
    @app_commands.rename(image_id="id")
    @app_commands.describe(
        image_id="The picture: its id, or words of its prompt to choose from your own",
        details="Only show you how it was made, what it came from and what came of it",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def show(self, interaction: discord.Interaction[Any], image_id: str, details: bool = False) -> None:
        """Post the picture, or show it and its story to the person alone."""
        try:
            await (show_details if details else bring_back)(interaction, image_id)
        except Gone as error:
            raise InvalidRequest(Problem.PICTURE_UNKNOWN) from error

    @show.autocomplete("image_id")
    async def _own(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return await offers(interaction, _own_pictures(interaction, current))


async def _own_pictures(interaction: discord.Interaction[Any], typed: str) -> Choices:
    gallery = surface_of(interaction).studio.gallery
    found = await gallery.suggestions(person_of(interaction), typed, CHOICES_LIMIT)
    return [app_commands.Choice(name=words.suggestion(item), value=item.image.id) for item in found]

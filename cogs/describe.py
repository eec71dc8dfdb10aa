"""/describe: what a picture shows, in words from which another one can be made."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.calls import DESCRIBE_WORDS
from bot.domain.composition import Chosen
from bot.domain.requests import Kind
from bot.studio.compose import Wish
from cogs.choices import offer_models
from cogs.items import ButtonOfOne
from cogs.language import N_
from cogs.people import person_of
from cogs.pictures_in import source_of
from cogs.surface import surface_of
from cogs.wishes import start_wish

IMAGINE_THIS = N_("Imagine this")


class Describe(commands.Cog):
    """The command."""

    @app_commands.command(name="describe", description="Say what a picture shows, as a prompt to use again")
    @app_commands.describe(
        image="The picture to describe",
        model="Which model looks at it",
        private="Only you see the description",
        consent="The people in this picture agree",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.autocomplete(model=offer_models)
    async def describe(
        self,
        interaction: discord.Interaction[Any],
        image: discord.Attachment,
        model: str | None = None,
        private: bool | None = None,
        consent: bool = False,
    ) -> None:
        """Submit the request; what is wrong with it is said by the guard."""
        wish = Wish(DESCRIBE_WORDS, Kind.DESCRIBE, Chosen(model, count=1), private=private, consent=consent)
        await start_wish(interaction, wish, [source_of(image)])


class ImagineButton(ButtonOfOne, name="imagine", label=IMAGINE_THIS, style=discord.ButtonStyle.primary):
    """Makes a picture from a description. The custom_id is only a claim (see `cogs.buttons`)."""

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        descriptions = surface_of(interaction).studio.descriptions
        described = await descriptions.of_job(self.about, person_of(interaction))
        private = described.job.request.private or None
        # An @ in a description is part of what the picture shows, not a character's name.
        wish = Wish(described.text, chosen=Chosen(count=1), private=private, characters=False)
        await start_wish(interaction, wish, pressed=True)


def description_row(job_id: str) -> ui.ActionRow[Any]:
    """Return what stands under a description."""
    return ui.ActionRow(ImagineButton(job_id))

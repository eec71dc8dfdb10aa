"""/imagine: a picture from words, and from pictures to go by."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.calls import MAX_SEED
from bot.domain.catalogue import MAX_COUNT
from bot.domain.composition import Chosen
from bot.studio.compose import Wish
from cogs.choices import offer_models, offer_ratios, offer_sizes
from cogs.pictures_in import source_of
from cogs.style_picker import style_choices
from cogs.wishes import start_wish


class Imagine(commands.Cog):
    """The command; its pickers come from the catalogue."""

    @app_commands.command(name="imagine", description="Make a picture from a description")
    @app_commands.describe(
        prompt="What the picture should show",
        model="Which model makes it",
        ratio="Width to height",
        size="How large",
        count="How many pictures",
        style="A way of making it, such as watercolour; behind it, its slots",
        seed="The same seed and prompt give a similar picture again (not every model takes one)",
        image1="A picture to go by, such as a person, a thing or a style",
        image2="A second picture to go by",
        image3="A third picture to go by",
        private="Only you see the picture",
        consent="The people in the pictures that you bring agree",
        preview="First show what the model would be told, and the price",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.autocomplete(model=offer_models, ratio=offer_ratios, size=offer_sizes, style=style_choices)
    async def imagine(
        self,
        interaction: discord.Interaction[Any],
        prompt: str,
        model: str | None = None,
        ratio: str | None = None,
        size: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        style: str | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        private: bool | None = None,
        consent: bool = False,
        preview: bool = False,
    ) -> None:
        """Submit the request; what is wrong with it is said by the guard."""
        wish = Wish(
            prompt,
            chosen=Chosen(model, ratio, size, count, seed),
            style=style,
            private=private,
            consent=consent,
        )
        sources = [source_of(image) for image in (image1, image2, image3) if image is not None]
        await start_wish(interaction, wish, sources, preview=preview)

"""/usage: what was made and what it cost. One's own for everybody, a server's for those who manage it."""

from __future__ import annotations

import io
from typing import Any, Literal

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs import usage_words as words
from cogs.chart_values import usage_chart
from cogs.faults import translated
from cogs.language import _, ngettext
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.standing import standing_of
from cogs.surface import surface_of

MICROS = 1_000_000
FILE_LIMIT = 8 * 2**20  # bytes: below what Discord takes anywhere
CHART = "usage.png"

Days = Literal[7, 30, 90, 365]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class UsageCommands(
    commands.GroupCog, group_name="usage", group_description="What was made, and what it cost"
):
    """The three commands."""

    @app_commands.command(name="me", description="What you made today and this month, and what is left")
    async def me(self, interaction: discord.Interaction[Any]) -> None:
        """Show a member their own."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        surface = surface_of(interaction)
        standing = await standing_of(interaction, surface.acquaintances)
        usage = await surface.studio.usage.mine(person_of(interaction), standing)
        await answer_privately(interaction, words.my_usage(usage))

    @app_commands.command(name="server", description="What this server made, with charts (for its managers)")
    @app_commands.describe(days="How many days, today included")
    async def server(self, interaction: discord.Interaction[Any], days: Days = 30) -> None:
        """Show a server's usage."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        studio = surface_of(interaction).studio
        usage = await studio.usage.of_server(person_of(interaction), days)
        text = words.server_usage(usage, days, studio.catalogue)
        chart = await studio.usage.chart(usage_chart(usage, days, studio.catalogue))
        view = ui.LayoutView(timeout=None)
        files = []
        if chart is not None:
            described = words.alt_text(usage, days)
            files.append(discord.File(io.BytesIO(chart.data), CHART, description=described))
            item = discord.MediaGalleryItem(f"attachment://{CHART}", description=described)
            view.add_item(ui.MediaGallery(item))
        else:
            text += f"\n-# {_('The charts could not be drawn this time.')}"
        view.add_item(ui.TextDisplay(text))
        async with translated():
            await interaction.edit_original_response(
                view=view, attachments=files, allowed_mentions=discord.AllowedMentions.none()
            )

    @app_commands.command(
        name="export", description="Requests of this server as a CSV file (for its managers)"
    )
    @app_commands.describe(days="How many days, today included")
    async def export(self, interaction: discord.Interaction[Any], days: Days = 30) -> None:
        """Give a file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        limit = min(FILE_LIMIT, interaction.filesize_limit)
        found = await surface_of(interaction).studio.usage.export(person_of(interaction), days, limit)
        text = ngettext(
            "{number} request, without prompts and names.",
            "{number} requests, without prompts and names.",
            found.lines,
        )
        if not found.whole:
            text += " " + _(
                "More do not fit into a file here: ask for fewer days, or let the people who run this bot "
                "use `python -m bot usage --csv`."
            )
        name = f"usage-{interaction.guild_id}-{days}d.csv"
        async with translated():
            await interaction.followup.send(
                text, file=discord.File(io.BytesIO(found.data), name), ephemeral=True
            )

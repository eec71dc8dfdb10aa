"""/help: what can be done here, on one page, with what is left of the day."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.studio.pictures import Person
from cogs.language import N_, _
from cogs.panels import answer_privately
from cogs.staff import moderator_of
from cogs.standing import standing_of
from cogs.surface import surface_of
from cogs.usage_words import left_lines

TITLE = N_("**What can be done here**")
FOR_EVERYBODY = (
    N_("`/imagine` makes a picture from words; it takes pictures to go by, a style, and up to four at once."),
    N_("`/edit`, `/blend` and **Edit image** in a message's menu change a picture, or make one of several."),
    N_("`/thread`, or **Thread** under a picture, is a conversation: every message is the next change."),
    N_("`/describe` says what a picture shows; `/gallery` and `/show` find your pictures again."),
    N_("`/style list`, `/character save` and `/settings` are your ways of making pictures."),
    N_("`/usage me` shows what you made, `/privacy show` what is kept of you."),
    N_("**Report** under a picture tells the moderators; only they see who did."),
)
FOR_MODERATORS = N_("For moderators: `/mod queue` has the open reports, `/mod member` a member's record.")
FOR_MANAGERS = N_("For managers of this server: `/config show` has its settings, `/usage server` its use.")


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Help(commands.Cog):
    """The command."""

    @app_commands.command(name="help", description="What can be done here")
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page to whoever asks."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        surface, person = surface_of(interaction), await moderator_of(interaction)
        standing = await standing_of(interaction, surface.acquaintances)
        usage = await surface.studio.usage.mine(person, standing)
        await answer_privately(interaction, _(TITLE), _page(person), "\n".join(left_lines(usage.left)))


def _page(person: Person) -> str:
    lines = [*FOR_EVERYBODY]
    if person.moderator:
        lines.append(FOR_MODERATORS)
    if person.manager:
        lines.append(FOR_MANAGERS)
    return "\n".join(f"- {_(line)}" for line in lines)

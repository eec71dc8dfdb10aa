"""The command tree: where every command, menu and picker comes in."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.studio.about import tell


class Tree(app_commands.CommandTree[Any]):
    """discord.py's tree; what is logged while it serves an interaction says which one, and from where."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let everybody in: commands check for themselves. discord.py runs each in a task of its own."""
        tell(interaction=interaction.id, guild=interaction.guild_id)
        return True

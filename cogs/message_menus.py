"""Commands in the menu of a message. discord.py finds only slash commands in a cog by itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
FOR_ALL = app_commands.AppInstallationType(guild=True, user=True)

Callback = Callable[[discord.Interaction[Any], discord.Message], Coroutine[Any, Any, None]]


class MessageMenu(commands.Cog):
    """A cog with one such command, published while the cog is loaded."""

    def __init__(self, bot: commands.Bot, menu: app_commands.ContextMenu) -> None:
        self._tree = bot.tree
        self._menu = menu

    async def cog_load(self) -> None:
        """Add the command to what is published."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)


def menu_everywhere(name: str, callback: Callback) -> app_commands.ContextMenu:
    """Return a command that works in servers and direct messages, for whoever installed the bot."""
    return app_commands.ContextMenu(
        name=name, callback=callback, allowed_installs=FOR_ALL, allowed_contexts=EVERYWHERE
    )

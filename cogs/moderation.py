"""/mod: the group with all the commands that its modules hang under it."""

from __future__ import annotations

from types import ModuleType

from discord.ext import commands

from cogs import mod_members, mod_queue, mod_record, words
from cogs.mod_group import mod

# Importing a module hangs its commands under the group.
PARTS: tuple[ModuleType, ...] = (mod_queue, mod_members, mod_record, words)


class ModCommands(commands.Cog):
    """Publishes /mod with all that hangs under it."""

    def __init__(self, bot: commands.Bot) -> None:
        self._tree = bot.tree

    async def cog_load(self) -> None:
        """Add the group to what is published."""
        if self._tree.get_command(mod.name) is None:
            self._tree.add_command(mod)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self._tree.remove_command(mod.name)

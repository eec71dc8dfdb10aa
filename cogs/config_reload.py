"""/config reload: the operator's settings file read again, without a restart. For operators of this bot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import ConfigurationError
from bot.studio.reloading import Reloaded
from cogs.language import _, ngettext
from cogs.panels import answer_privately, fenced
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import code

FAULTS_SHOWN = 2_600  # characters: with the heading within one message


class ReloadConfig(commands.Cog):
    """The command; a part of the group /config."""

    @app_commands.command(name="reload", description="Read the settings file again (operators of this bot)")
    async def reload(self, interaction: discord.Interaction[Any]) -> None:
        """Take over what can change, and say what came of it to whoever asked."""
        try:
            done = await surface_of(interaction).reloading.reload(person_of(interaction))
        except ConfigurationError as error:
            await answer_privately(interaction, *_faults([str(fault) for fault in error.faults]))
        else:
            await answer_privately(interaction, "\n".join(_lines(done)))


def _lines(done: Reloaded) -> list[str]:
    lines = [f"**{_('The settings were read again.')}**"]
    if done.now:
        lines.append(_("These count from now on: {keys}", keys=_keys(done.now)))
    else:
        lines.append(_("Nothing that counts at once was changed."))
    if done.later:
        lines.append(_("These count only after a restart: {keys}", keys=_keys(done.later)))
    return lines


def _faults(faults: Sequence[str]) -> list[str]:
    """What is wrong, as the program's log says it: each key, what is wrong there, what to write."""
    heading = ngettext(
        "**The settings stay as they are.** {number} thing in the file has to be changed first:",
        "**The settings stay as they are.** {number} things in the file have to be changed first:",
        len(faults),
    )
    text = "\n".join(faults)
    parts = [heading, fenced(text, FAULTS_SHOWN)]
    if len(text) > FAULTS_SHOWN:
        parts.append(_("The bot's log has all of them."))
    return parts


def _keys(keys: Sequence[str]) -> str:
    return ", ".join(code(key) for key in keys)

"""Changing what a server has set, as the commands of /config do."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.server_settings import ServerState
from bot.studio.settings import managed_server
from cogs.language import N_
from cogs.people import person_of
from cogs.surface import surface_of

SAVED = N_("**Saved.** Now {what}.")


async def change_server(interaction: discord.Interaction[Any], **changes: object) -> ServerState:
    """Change settings of the server in which a manager uses a command; return what is set now.

    Raises NotAllowed, InvalidRequest or ChangedMeanwhile, as `SettingsService.change_server` does.
    """
    person = person_of(interaction)
    settings = surface_of(interaction).settings
    seen = await settings.server(managed_server(person))
    return await settings.change_server(person, seen, **changes)

"""Changing what a server has set, as the commands of /config do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.server_settings import ServerState
from bot.studio.settings import managed_server
from cogs.language import N_, _
from cogs.people import person_of
from cogs.surface import surface_of

SAVED = N_("**Saved.** Now {what}.")
UNCHANGED = N_("Nothing was changed: {what}.")


@dataclass(frozen=True, slots=True)
class Changed:
    """What is set now, and whether it was something else before."""

    state: ServerState
    really: bool

    def told(self, what: str) -> str:
        """Return what the manager is told; `what` says what holds now."""
        return _(SAVED if self.really else UNCHANGED, what=what)


async def change_server(interaction: discord.Interaction[Any], **changes: object) -> Changed:
    """Change settings of the server in which a manager uses a command.

    Raises NotAllowed, InvalidRequest or ChangedMeanwhile, as `SettingsService.change_server` does.
    """
    person = person_of(interaction)
    settings = surface_of(interaction).settings
    seen = await settings.server(managed_server(person))
    state = await settings.change_server(person, seen, **changes)
    return Changed(state, state.version != seen.version)

"""The command group /mod. Its commands stand in modules of their own, which hang them under it."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import locale_str

from cogs.language import N_

# Discord hides it from everybody else by default, but a server may show it to anybody, and has to for roles
# that `/config moderation roles` names: whoever uses one is checked again by the service.
mod = app_commands.Group(
    name="mod",
    description=locale_str(N_("For moderators: reports, members, and what was done")),
    default_permissions=discord.Permissions(moderate_members=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
)

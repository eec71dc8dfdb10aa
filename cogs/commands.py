"""Every cog, and so every command. A new one is a line here."""

from __future__ import annotations

from discord.ext import commands

from cogs.appeal import AppealCommand
from cogs.characters import CharacterCommands
from cogs.config import Config
from cogs.departures import DepartureListener
from cogs.describe import Describe
from cogs.edit import Edit
from cogs.gallery import GalleryCommands
from cogs.help import Help
from cogs.imagine import Imagine
from cogs.moderation import ModCommands
from cogs.privacy import PrivacyCommands
from cogs.report import ReportMenu
from cogs.settings import MemberSettingsPanel
from cogs.styles import StyleCommands
from cogs.threads import Threads
from cogs.turns import Turns
from cogs.usage import UsageCommands


def cogs_of(client: commands.Bot) -> list[commands.Cog]:
    """Return every cog, and so every command."""
    return [
        Imagine(),
        Edit(client),
        Describe(),
        Config(),
        MemberSettingsPanel(),
        StyleCommands(),
        CharacterCommands(),
        GalleryCommands(),
        Help(),
        UsageCommands(),
        ReportMenu(client),
        ModCommands(client),
        AppealCommand(),
        Threads(client),
        Turns(client),
        PrivacyCommands(),
        DepartureListener(client),
    ]

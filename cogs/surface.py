"""What the cogs share, found through the client that an interaction came with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    # Buttons need the surface, and the surface's notifier shows buttons: at run time only the types would
    # go round in a circle.
    import discord

    from bot.studio.casework import Casework
    from bot.studio.granting import Granting
    from bot.studio.library import Library
    from bot.studio.limits import LimitsService
    from bot.studio.moderation import Moderation
    from bot.studio.privacy import PrivacyService
    from bot.studio.reloading import Reloading
    from bot.studio.service import Studio
    from bot.studio.settings import SettingsService
    from bot.studio.talk import Talk
    from cogs.audience import Audiences
    from cogs.cards import Cards
    from cogs.guard import Guard
    from cogs.limit_panels import LimitPanels
    from cogs.notifier import DiscordNotifier
    from cogs.standing import Acquaintances


@dataclass(frozen=True, slots=True)
class Surface:
    """The services behind every command and button."""

    studio: Studio
    cards: Cards
    notifier: DiscordNotifier
    guard: Guard
    default_model: str
    settings: SettingsService
    library: Library
    talk: Talk
    audiences: Audiences
    moderation: Moderation
    casework: Casework
    limits: LimitsService
    limit_panels: LimitPanels
    granting: Granting
    acquaintances: Acquaintances
    privacy: PrivacyService
    reloading: Reloading


class _HasSurface(Protocol):
    surface: Surface


def surface_of(interaction: discord.Interaction[Any]) -> Surface:
    """Return the surface of the client that received an interaction.

    A dynamic item is made by discord.py from a class, so this is the one way to hand it anything.
    """
    return surface_behind(interaction.client)


def surface_behind(client: discord.Client) -> Surface:
    """Return the surface of a client, for what happens without an interaction."""
    return cast(_HasSurface, client).surface

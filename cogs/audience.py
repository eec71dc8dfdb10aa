"""Who sees an answer, and in which languages they are spoken to.

What only the member sees is in the member's language: their own setting, else that of their Discord. What
everybody sees is in the server's: its setting, else the one that Discord says of it. Where there is no server
(direct messages), it is the member's, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.domain.deliveries import Way
from bot.domain.requests import Origin
from bot.domain.server_settings import InForce
from bot.errors import StorageError
from bot.studio.about import tell
from bot.studio.notifier_ports import Outcome, Showing
from bot.studio.settings import SettingsService
from cogs.language import Languages, speak, speaking
from cogs.surface import surface_of

log = logging.getLogger(__name__)

# Discord waits three seconds for an answer. One in another language is better than none.
SECONDS_TO_LOOK_UP = 1.0
_AUDIENCE, _IN_FORCE = "plantain.audience", "plantain.in_force"


@dataclass(frozen=True, slots=True)
class Audience:
    """The locales of an interaction: of its member, and of those who see what is public there."""

    member: str
    place: str


class Audiences:
    """Finds out to whom an interaction speaks."""

    def __init__(self, languages: Languages, settings: SettingsService) -> None:
        self.languages = languages
        self._settings = settings

    async def listen(self, interaction: discord.Interaction[Any]) -> None:
        """Look up to whom an interaction speaks, and speak the member's language for the rest of the task.

        What the task logs says from now on which interaction it is about.

        Called first by every entrance, and again after a language was changed.
        """
        tell(interaction=interaction.id, guild=interaction.guild_id)
        in_force = await self._look_up(interaction.user.id, interaction.guild_id)
        interaction.extras[_IN_FORCE] = in_force
        interaction.extras[_AUDIENCE] = audience = _audience(interaction, in_force or InForce())
        speak(self.languages.of(audience.member))

    async def of_message(self, message: discord.Message) -> str:
        """Return the locale of those who see the answer to a message."""
        guild = message.guild
        found = await self._look_up(message.author.id, guild.id if guild else None) or InForce()
        if guild is None:
            return found.member.locale or "en-US"
        return found.server.locale or str(guild.preferred_locale)

    async def _look_up(self, member_id: int, guild_id: int | None) -> InForce | None:
        try:
            async with asyncio.timeout(SECONDS_TO_LOOK_UP):
                return await self._settings.in_force(member_id, guild_id)
        except (StorageError, TimeoutError) as error:
            log.warning("settings and languages were not looked up: %s", error)
            return None


def _audience(interaction: discord.Interaction[Any], in_force: InForce) -> Audience:
    member = in_force.member.locale or str(interaction.locale)
    if interaction.guild_id is None:
        return Audience(member, member)
    return Audience(member, in_force.server.locale or str(interaction.guild_locale or "en-US"))


def audience_of(interaction: discord.Interaction[Any]) -> Audience:
    """Return to whom an interaction speaks, as far as that is known."""
    found = interaction.extras.get(_AUDIENCE)
    return found if isinstance(found, Audience) else _audience(interaction, InForce())


def in_force_of(interaction: discord.Interaction[Any]) -> InForce | None:
    """Return what was set when the interaction came in; None where that is not known."""
    found = interaction.extras.get(_IN_FORCE)
    return found if isinstance(found, InForce) else None


@contextmanager
def for_everybody(interaction: discord.Interaction[Any]) -> Iterator[None]:
    """Speak the language of those who see what is public where an interaction came from."""
    languages = surface_of(interaction).audiences.languages
    with speaking(languages.of(audience_of(interaction).place)):
        yield


def locale_of(origin: Origin, *, alone: bool) -> str:
    """Return the locale of an answer that goes to an origin; `alone`: only its member sees it."""
    return origin.locale if alone else origin.place_locale


def locale_of_delivery(outcome: Outcome, way: Way | None, origin: Origin) -> str:
    """Return the locale of an outcome that goes to `origin` by one way."""
    alone = (
        outcome.job.request.private
        or outcome.showing in (Showing.OPENED, Showing.ORIGINAL)
        or way in (Way.DIRECT, Way.FOLLOW_UP)
        or origin.direct
    )
    return locale_of(origin, alone=alone)


class Tree(app_commands.CommandTree[discord.Client]):
    """Discord's tree of commands; whoever uses one is spoken to in their language."""

    async def interaction_check(self, interaction: discord.Interaction[discord.Client], /) -> bool:
        """Find out to whom the interaction speaks, before its command or picker runs."""
        await surface_of(interaction).audiences.listen(interaction)
        return True

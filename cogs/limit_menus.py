"""The menus of the panels about limits. Each changes one thing at once and shows its panel anew.

They are dynamic items: the custom_id says what they are for and which version of the limits was shown. It is
a claim: who presses is checked at the press, and a version that does not hold any more is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.server_limits import ChannelRule
from bot.domain.server_settings import AgeRestricted
from bot.domain.tiers import EVERYONE
from bot.errors import ChangedMeanwhile
from cogs.items import Misfit, OwnItem
from cogs.panels import replace_panel
from cogs.people import person_of
from cogs.surface import surface_of

NONE = "-"  # Discord allows no empty value


class Choice(StrEnum):
    """What a menu changes."""

    TIER = "tier"  # which tier the panel of tiers shows
    ROLE_TIER = "role_tier"  # which tier the panel of roles shows
    TIER_MODELS = "tier_models"
    TIER_SIZE = "tier_size"
    TIER_FALLBACK = "tier_fallback"
    TAKE = "take"  # ends a tier that somebody has for a time
    ROLES = "roles"
    BOOSTERS = "boosters"
    MODELS = "models"
    RULE = "rule"
    CHANNELS = "channels"
    DIRECT = "direct"
    AGE = "age"


# What ends a tier that somebody has: `Choice.TAKE`. An id of Discord's has at most 19 digits.
_TAKEN = re.compile(r"(?P<member>[0-9]{1,18}|[1-8][0-9]{18}):(?P<tier>[a-z0-9_-]{0,24})")
# What a menu is where it is not one of texts.
_KINDS: Mapping[Choice, type[ui.Item[Any]]] = {Choice.ROLES: ui.RoleSelect, Choice.CHANNELS: ui.ChannelSelect}


class LimitMenu(
    OwnItem[ui.Select[Any] | ui.RoleSelect[Any] | ui.ChannelSelect[Any]],
    template=rf"plantain:limit:(?P<choice>{'|'.join(Choice)}):(?P<version>\d{{1,12}}):(?P<tier>[a-z0-9_-]{{0,24}})",
):
    """One menu of a panel."""

    def __init__(self, choice: Choice, version: int, tier: str, select: Any) -> None:
        self.choice, self.version, self.tier = choice, version, tier
        super().__init__(select)

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id; what was chosen is filled in by discord.py."""
        choice = Choice(match["choice"])
        if not isinstance(item, _KINDS.get(choice, ui.Select)):
            raise Misfit
        return cls(choice, int(match["version"]), match["tier"], item)

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        surface, person = surface_of(interaction), person_of(interaction)
        panels = surface.limit_panels
        values: list[Any] = list(self.item.values)
        if self.choice in (Choice.TIER, Choice.ROLE_TIER):
            overview = await surface.limits.overview(person)
            name = values[0] if values else EVERYONE
            parts = panels.roles(overview, name, interaction.guild)
            if self.choice is Choice.TIER:
                parts = panels.tiers(overview, name)
            await replace_panel(interaction, *parts)
        elif self.choice is Choice.TAKE:
            found = _TAKEN.fullmatch(values[0] if values else "")
            if found is None:
                await surface.limits.overview(person)  # who may not change limits is told that
                raise Misfit
            taken = surface.limits.take_tier(person, int(found["member"]), found["tier"])
            await replace_panel(interaction, *panels.tiers(await taken, self.tier))
        elif self.choice is Choice.AGE:
            await surface.limits.overview(person)  # and here, whatever has changed meanwhile
            state = await surface.settings.server(person.guild_id)
            if state.version != self.version:
                raise ChangedMeanwhile("settings")
            state = await surface.settings.change_server(
                person, state, age_restricted=values[0] if values else AgeRestricted.ALLOWED
            )
            overview = await surface.limits.overview(person)
            await replace_panel(interaction, *panels.channels(overview, state, interaction.guild))
        else:
            await self._change(interaction, values)

    async def _change(self, interaction: discord.Interaction[Any], values: list[Any]) -> None:
        """Change the limits themselves."""
        surface, person = surface_of(interaction), person_of(interaction)
        setting, read = _CHANGES[self.choice]
        changes: dict[str, object] = {setting: read(values)}
        if self.choice in _OF_TIERS:
            overview = await surface.limits.change_tier(person, self.version, self.tier, **changes)
        else:
            overview = await surface.limits.change(person, self.version, **changes)
        panels = surface.limit_panels
        if self.choice in _IN_PANEL_OF_TIERS:
            parts = panels.tiers(overview, self.tier)
        elif self.choice in (Choice.ROLES, Choice.BOOSTERS):
            parts = panels.roles(overview, self.tier, interaction.guild)
        elif self.choice is Choice.MODELS:
            parts = panels.models(overview)
        else:
            state = await surface.settings.server(person.guild_id)
            parts = panels.channels(overview, state, interaction.guild)
        await replace_panel(interaction, *parts)


_IN_PANEL_OF_TIERS = (Choice.TIER_MODELS, Choice.TIER_SIZE, Choice.TIER_FALLBACK)
_OF_TIERS = (*_IN_PANEL_OF_TIERS, Choice.ROLES, Choice.BOOSTERS)


def _first(values: list[Any]) -> Any:
    return None if not values or values[0] == NONE else values[0]


def _ids(values: list[Any]) -> list[int]:
    """The ids of roles or channels; of what Discord did not describe (a forged press) nothing is taken."""
    return [int(item.id) for item in values if isinstance(item, discord.abc.Snowflake)]


_CHANGES: Mapping[Choice, tuple[str, Callable[[list[Any]], object]]] = {
    Choice.TIER_MODELS: ("models", list),
    Choice.TIER_SIZE: ("largest_size", _first),
    Choice.TIER_FALLBACK: ("fallback", _first),
    Choice.ROLES: ("roles", _ids),
    Choice.BOOSTERS: ("boosters", lambda values: _first(values) == str(True)),
    Choice.MODELS: ("models", list),
    Choice.RULE: ("channel_rule", lambda values: _first(values) or ChannelRule.EVERYWHERE),
    Choice.CHANNELS: ("channels", _ids),
    Choice.DIRECT: ("direct", lambda values: _first(values) != str(False)),
}

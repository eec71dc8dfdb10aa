"""The buttons of the panels about limits: they open forms, or remove a tier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.tiers import EVERYONE
from bot.errors import ChangedMeanwhile
from bot.studio.limits import Overview
from cogs.form import Form
from cogs.items import OwnItem
from cogs.language import N_, _
from cogs.limit_forms import (
    MEMBER_FIELDS,
    SERVER_FIELDS,
    WORK_FIELDS,
    Field,
    GiveTierForm,
    NewTierForm,
    NumbersForm,
    Redraw,
)
from cogs.panels import replace_panel
from cogs.people import person_of
from cogs.surface import surface_of


class Act(StrEnum):
    """What a button does."""

    MEMBER_CAPS = "member_caps"
    SERVER_CAPS = "server_caps"
    WORK = "work"
    GIVE = "give"
    NEW = "new"
    REMOVE = "remove"


_LABELS = {
    Act.MEMBER_CAPS: N_("Daily caps"),
    Act.SERVER_CAPS: N_("Caps of the month"),
    Act.WORK: N_("Queue and conversations"),
    Act.GIVE: N_("Give it for a time"),
    Act.NEW: N_("New tier"),
    Act.REMOVE: N_("Remove"),
}


class LimitButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:limitform:(?P<act>{'|'.join(Act)}):(?P<version>\d{{1,12}}):(?P<tier>[a-z0-9_-]{{0,24}})",
):
    """One button of a panel."""

    def __init__(self, act: Act, version: int, tier: str) -> None:
        self.act, self.version, self.tier = act, version, tier
        danger = act is Act.REMOVE
        super().__init__(
            ui.Button(
                label=_(_LABELS[act]),
                style=discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary,
                custom_id=f"plantain:limitform:{act}:{version}:{tier}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(Act(match["act"]), int(match["version"]), match["tier"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        limits, person = surface_of(interaction).limits, person_of(interaction)
        if self.act is Act.REMOVE:
            overview = await limits.remove_tier(person, self.version, self.tier)
            await _redraw(Act.WORK, EVERYONE)(interaction, overview)
            return
        overview = await limits.overview(person)
        if overview.state.version != self.version:
            raise ChangedMeanwhile("limits")
        await self._form(overview).show(interaction)

    def _form(self, overview: Overview) -> Form:
        if self.act is Act.NEW:
            return NewTierForm(self.version, lambda name: _redraw(Act.WORK, name))
        if self.act is Act.GIVE:
            return GiveTierForm(overview.tier(self.tier), _redraw(Act.GIVE, self.tier))
        fields: Sequence[Field]
        if self.act is Act.SERVER_CAPS:
            fields, values, tier = SERVER_FIELDS, asdict(overview.state.limits), ""
        else:
            fields = MEMBER_FIELDS if self.act is Act.MEMBER_CAPS else WORK_FIELDS
            values, tier = asdict(overview.tier(self.tier)), self.tier
        return NumbersForm(
            _(_LABELS[self.act]),
            fields,
            values,
            version=self.version,
            tier=tier,
            redraw=_redraw(self.act, self.tier),
        )


def _redraw(act: Act, name: str) -> Redraw:
    """Return how the panel is shown again after a change."""

    async def redraw(interaction: discord.Interaction[Any], overview: Overview) -> None:
        await replace_panel(interaction, *surface_of(interaction).limit_panels.redrawn(act, name, overview))

    return redraw

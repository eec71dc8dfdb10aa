"""The forms in which managers write numbers and names. What is left empty is not bounded, or says nothing."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import discord
from discord import ui

from bot.domain.grants import MAX_DAYS
from bot.domain.tiers import MAX_IMAGES, MAX_MICROS, MAX_PRIORITY, MAX_RUNNING, MAX_TURNS, Tier
from bot.errors import InvalidRequest, Problem
from bot.studio.limits import Overview
from cogs.form import Form
from cogs.language import N_, _
from cogs.people import person_of
from cogs.surface import surface_of

MICROS = 1_000_000
_WHOLE = re.compile(r"[0-9]{1,12}")
_AMOUNT = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?")

Redraw = Callable[[discord.Interaction[Any], Overview], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Field:
    """One number of a form: how it is called, and between what it lies."""

    setting: str
    title: str
    low: int
    high: int
    dollars: bool = False

    def write(self, value: int | None) -> str:
        """Return a value as the form shows it."""
        if value is None:
            return ""
        return f"{Decimal(value) / MICROS:f}" if self.dollars else str(value)

    def read(self, typed: str) -> int | None:
        """Return what somebody typed; raise InvalidRequest with what is taken."""
        text = typed.strip().removeprefix("$").strip()
        if not text:
            return None
        if self.dollars and _AMOUNT.fullmatch(text):
            value = int(Decimal(text.replace(",", ".")) * MICROS)
        elif not self.dollars and _WHOLE.fullmatch(text):
            value = int(text)
        else:
            raise self._refused(typed)
        if not self.low <= value <= self.high:
            raise self._refused(typed)
        return value

    def _refused(self, typed: str) -> InvalidRequest:
        unit = MICROS if self.dollars else 1
        return InvalidRequest(
            Problem.NUMBER_NOT_TAKEN,
            setting=self.setting,
            value=typed,
            low=self.low // unit,
            high=self.high // unit,
            fraction=self.dollars,
        )


MEMBER_FIELDS = (
    Field("daily_images", N_("Images a day"), 0, MAX_IMAGES),
    Field("daily_micros", N_("Dollars a day"), 0, MAX_MICROS, dollars=True),
    Field("carry_over", N_("Images carried over, at most"), 0, MAX_IMAGES),
)
WORK_FIELDS = (
    Field("concurrency", N_("Images at once"), 1, MAX_RUNNING),
    Field("priority", N_("Priority, 0 to 10 (higher goes first)"), 0, MAX_PRIORITY),
    Field("thread_turns", N_("Turns of a conversation"), 1, MAX_TURNS),
)
SERVER_FIELDS = (
    Field("monthly_images", N_("Images a month, all members together"), 0, MAX_IMAGES * 100),
    Field("monthly_micros", N_("Dollars a month, all members together"), 0, MAX_MICROS, dollars=True),
)
_DAYS = Field("days", N_("For how many days"), 1, MAX_DAYS)


class _Form(Form):
    """A form that changes something and shows the panel anew. It is known to the process that showed it."""

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Make the change, and answer whatever goes wrong."""
        await surface_of(interaction).guard.run(interaction, self._sent(interaction))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        raise TypeError(f"{type(self).__name__} says nothing about what it does")


class NumbersForm(_Form):
    """Numbers of a tier, or of the server where no tier is named."""

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        values: Mapping[str, int | None],
        *,
        version: int,
        tier: str,
        redraw: Redraw,
    ) -> None:
        super().__init__(title=title[:45])
        self._version, self._tier, self._redraw = version, tier, redraw
        self._fields = list(fields)
        self._inputs: list[ui.TextInput[Any]] = []
        for field in fields:
            shown: ui.TextInput[Any] = ui.TextInput(
                custom_id=field.setting,
                required=False,
                max_length=20,
                default=field.write(values.get(field.setting)),
            )
            self._inputs.append(shown)
            self.add_item(ui.Label(text=_(field.title)[:45], component=shown))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        pairs = zip(self._fields, self._inputs, strict=True)
        changes = {field.setting: field.read(typed.value) for field, typed in pairs}
        limits, person = surface_of(interaction).limits, person_of(interaction)
        if self._tier:
            overview = await limits.change_tier(person, self._version, self._tier, **changes)
        else:
            overview = await limits.change(person, self._version, **changes)
        await self._redraw(interaction, overview)


class NewTierForm(_Form):
    """The name of a new tier."""

    def __init__(self, version: int, redraw: Callable[[str], Redraw]) -> None:
        super().__init__(title=_("A new tier"))
        self._version, self._redraw = version, redraw
        self._name: ui.TextInput[Any] = ui.TextInput(
            custom_id="name", max_length=24, placeholder=_("artists")
        )
        self.add_item(ui.Label(text=_("Its name"), component=self._name))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        name = self._name.value.strip().lower()
        overview = await surface_of(interaction).limits.add_tier(person_of(interaction), self._version, name)
        await self._redraw(name)(interaction, overview)


class GiveTierForm(_Form):
    """Who gets a tier, and for how long."""

    def __init__(self, tier: Tier, redraw: Redraw) -> None:
        super().__init__(title=_("Give {tier} for a time", tier=tier.name)[:45])
        self._tier, self._redraw = tier.name, redraw
        self._who: ui.UserSelect[Any] = ui.UserSelect(custom_id="member", required=True)
        self._days: ui.TextInput[Any] = ui.TextInput(custom_id="days", default="30", max_length=6)
        self.add_item(ui.Label(text=_("To whom"), component=self._who))
        self.add_item(ui.Label(text=_(_DAYS.title), component=self._days))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        days = _DAYS.read(self._days.value)
        (member,) = self._who.values
        overview = await surface_of(interaction).limits.give_tier(
            person_of(interaction), member.id, self._tier, days
        )
        await self._redraw(interaction, overview)

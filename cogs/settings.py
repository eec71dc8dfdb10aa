"""/settings: what a member gets without saying so each time, as a panel of menus.

Each menu changes one setting and shows the panel again. The menus are dynamic items: their custom_id says
which setting they are for, so a panel that is still open works after a restart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.catalogue import MAX_COUNT, Catalogue
from bot.domain.server_settings import MemberSettings, ServerSettings
from cogs.items import OwnItem
from cogs.language import N_, _, check_language, display_name
from cogs.panels import Part, answer_privately, replace_panel
from cogs.people import person_of
from cogs.prices import describe_model
from cogs.surface import Surface, surface_of
from cogs.text import images

NONE = "-"  # Discord allows no empty value

TITLE = N_(
    "**Your settings**\nThey hold wherever you do not choose otherwise in a command. Only you see this."
)
RESET = N_("Back to the defaults")
PRIVATE = {False: N_("Pictures are posted for everybody"), True: N_("Only I see my pictures")}
SPOILER = {False: N_("Pictures are shown openly"), True: N_("My pictures are spoilers")}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel needs to know."""

    member: MemberSettings
    server: ServerSettings
    catalogue: Catalogue
    default_model: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """One setting: how it is called, and what it can be."""

    title: str
    options: Callable[[Shown], Sequence[tuple[str, str]]]  # value and what it is called
    read: Callable[[str], object]  # from a value of the menu to one of the settings
    write: Callable[[MemberSettings], str]


def _models(shown: Shown) -> list[tuple[str, str]]:
    models = [(model.id, describe_model(model, shown.server)) for model in shown.catalogue.models]
    default = shown.catalogue.resolve(shown.default_model).model.label
    return [(NONE, _("The bot's own ({model})", model=default)), *models[:24]]


def _ratios(shown: Shown) -> list[tuple[str, str]]:
    ratios = shown.catalogue.resolve(_model_of(shown)).model.ratios
    return [(NONE, _("What the model does by itself")), *((ratio, ratio) for ratio in ratios[:24])]


def _sizes(shown: Shown) -> list[tuple[str, str]]:
    model = shown.catalogue.resolve(_model_of(shown)).model
    own = (NONE, _("What the model does by itself ({size})", size=model.sizes[0].name))
    return [own, *((name, name) for name in model.size_names[:24])]


def _languages(shown: Shown) -> list[tuple[str, str]]:
    known = [(code, display_name(code)) for code in shown.languages[:24]]
    return [(NONE, _("As in my Discord")), *known]


def _model_of(shown: Shown) -> str:
    """The member's model, where it is on offer still."""
    wanted = shown.member.model
    return wanted if wanted and shown.catalogue.get(wanted) else shown.default_model


def _named(values: dict[Any, str]) -> Callable[[Shown], list[tuple[str, str]]]:
    return lambda shown: [(_value(value), _(name)) for value, name in values.items()]


def _value(value: object) -> str:
    return NONE if value is None else str(value)


def _or_none(value: str) -> str | None:
    return None if value == NONE else value


MENUS = {
    "model": Menu(N_("Model"), _models, _or_none, lambda settings: _value(settings.model)),
    "ratio": Menu(N_("Ratio"), _ratios, _or_none, lambda settings: _value(settings.ratio)),
    "size": Menu(N_("Size"), _sizes, _or_none, lambda settings: _value(settings.size)),
    "count": Menu(
        N_("How many at once"),
        lambda shown: [(str(count), images(count)) for count in range(1, MAX_COUNT + 1)],
        lambda value: int(value) if value.isdecimal() else value,
        lambda settings: _value(settings.count),
    ),
    "private": Menu(
        N_("Who sees them"), _named(PRIVATE), lambda value: value == "True", lambda s: _value(s.private)
    ),
    "spoiler": Menu(
        N_("Spoiler"), _named(SPOILER), lambda value: value == "True", lambda s: _value(s.spoiler)
    ),
    "locale": Menu(N_("Language"), _languages, _or_none, lambda settings: _value(settings.locale)),
}


class SettingMenu(OwnItem[ui.Select[Any]], template=rf"plantain:setting:(?P<name>{'|'.join(MENUS)})"):
    """The menu of one setting."""

    def __init__(self, name: str, select: ui.Select[Any]) -> None:
        self.name = name
        super().__init__(select)

    @classmethod
    def showing(cls, name: str, shown: Shown) -> Self:
        """Return the menu with what is set chosen in it."""
        menu = MENUS[name]
        now, title = menu.write(shown.member), _(menu.title)
        select: ui.Select[Any] = ui.Select(
            custom_id=f"plantain:setting:{name}",
            placeholder=title,
            options=[
                discord.SelectOption(label=f"{title}: {label}"[:100], value=value, default=value == now)
                for value, label in menu.options(shown)
            ],
        )
        return cls(name, select)

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id; what was chosen is filled in by discord.py."""
        assert isinstance(item, ui.Select)  # noqa: S101 - `OwnItem` has looked
        return cls(match["name"], item)

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        surface = surface_of(interaction)
        member_id = interaction.user.id
        values = self.item.values
        if values:
            value = MENUS[self.name].read(values[0])
            if self.name == "locale":
                check_language(value, surface.audiences.languages.codes)
            settings = await surface.settings.change_member(member_id, **{self.name: value})
            await surface.audiences.listen(interaction)  # the panel speaks the new language
        else:  # nothing chosen changes nothing
            settings = await surface.settings.member(member_id)
        await replace_panel(interaction, *await _parts(interaction, surface, settings))


class ResetSettings(OwnItem[ui.Button[Any]], template="plantain:setting:reset"):
    """The button that forgets everything a member has set."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label=_(RESET), custom_id="plantain:setting:reset"))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls()

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        surface = surface_of(interaction)
        settings = await surface.settings.reset_member(interaction.user.id)
        await surface.audiences.listen(interaction)
        await replace_panel(interaction, *await _parts(interaction, surface, settings))


async def _parts(
    interaction: discord.Interaction[Any], surface: Surface, settings: MemberSettings
) -> list[Part]:
    state = await surface.settings.server(person_of(interaction).guild_id)
    languages = surface.audiences.languages.codes
    shown = Shown(settings, state.settings, surface.studio.catalogue, surface.default_model, languages)
    rows: list[Part] = [ui.ActionRow(SettingMenu.showing(name, shown)) for name in MENUS]
    return [_(TITLE), *rows, ui.ActionRow(ResetSettings())]


class MemberSettingsPanel(commands.Cog):
    """The command."""

    @app_commands.command(name="settings", description="Your own defaults: model, ratio, size, count …")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def settings(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel."""
        surface = surface_of(interaction)
        settings = await surface.settings.member(interaction.user.id)
        await answer_privately(interaction, *await _parts(interaction, surface, settings))

"""The panels of /config tiers, caps, models, channels and roles.

Each menu changes one thing at once and shows the panel anew. Menus and buttons are dynamic items: the
custom_id says what they are for and which version of the limits was shown. It is a claim: who presses is
checked at the press, and a version that does not hold any more is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.catalogue import Catalogue, size_pixels
from bot.domain.server_limits import ChannelRule
from bot.domain.server_settings import AgeRestricted, ServerState
from bot.domain.tiers import EVERYONE, MAX_ROLES
from bot.errors import ChangedMeanwhile
from bot.studio.limits import Overview
from cogs.language import N_, _
from cogs.limit_buttons import Act, LimitButton
from cogs.limit_lines import caps_lines, channel_line, membership_lines, tier_lines, whose_tier
from cogs.panels import Part, fitted, replace_panel
from cogs.people import person_of
from cogs.surface import Surface, surface_of

NONE = "-"  # Discord allows no empty value
OPTIONS_LIMIT = 25

_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.forum,
    discord.ChannelType.category,
]
_RULES = {
    ChannelRule.EVERYWHERE: N_("In every channel"),
    ChannelRule.ONLY: N_("Only in the channels below"),
    ChannelRule.EXCEPT: N_("Everywhere but in the channels below"),
}
_AGES = {
    AgeRestricted.ALLOWED: N_("Age-restricted channels: pictures are made there, too"),
    AgeRestricted.SPOILER: N_("Age-restricted channels: pictures are spoilers"),
    AgeRestricted.REFUSED: N_("Age-restricted channels: no pictures"),
}
_DIRECT = {
    True: N_("Direct messages: members may use the bot there"),
    False: N_("Direct messages: not for this server's members"),
}
_BOOSTERS = {True: N_("Who boosts this server has it"), False: N_("Boosting does not give it")}


class Choice(StrEnum):
    """What a menu changes."""

    TIER = "tier"  # which tier the panel of tiers shows
    ROLE_TIER = "role_tier"  # which tier the panel of roles shows
    TIER_MODELS = "tier_models"
    TIER_SIZE = "tier_size"
    TAKE = "take"  # ends a tier that somebody has for a time
    ROLES = "roles"
    BOOSTERS = "boosters"
    MODELS = "models"
    RULE = "rule"
    CHANNELS = "channels"
    DIRECT = "direct"
    AGE = "age"


class LimitMenu(
    ui.DynamicItem[ui.Select[Any]],
    template=rf"plantain:limit:(?P<choice>{'|'.join(Choice)}):(?P<version>\d{{1,12}}):(?P<tier>[a-z0-9_-]{{0,24}})",
):
    """One menu of a panel."""

    def __init__(self, choice: Choice, version: int, tier: str, select: Any) -> None:
        self.choice, self.version, self.tier = choice, version, tier
        super().__init__(select)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a custom_id; what was chosen is filled in by discord.py."""
        return cls(Choice(match["choice"]), int(match["version"]), match["tier"], item)

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Change what was chosen."""
        await surface_of(interaction).guard.run(interaction, self._chosen(interaction))

    async def _chosen(self, interaction: discord.Interaction[Any]) -> None:
        surface, person = surface_of(interaction), person_of(interaction)
        values: list[Any] = list(self.item.values)
        if self.choice in (Choice.TIER, Choice.ROLE_TIER):
            overview = await surface.limits.overview(person)
            name = values[0] if values else EVERYONE
            parts = roles_panel(overview, name, interaction.guild)
            if self.choice is Choice.TIER:
                parts = tiers_panel(surface.studio.catalogue, overview, name)
            await replace_panel(interaction, *parts)
        elif self.choice is Choice.TAKE:
            member, _colon, tier = (values[0] if values else "").partition(":")
            taken = surface.limits.take_tier(person, int(member) if member.isdecimal() else 0, tier)
            await replace_panel(interaction, *tiers_panel(surface.studio.catalogue, await taken, self.tier))
        elif self.choice is Choice.AGE:
            state = await surface.desk.settings.server(person.guild_id)
            if state.version != self.version:
                raise ChangedMeanwhile("settings")
            state = await surface.desk.settings.change_server(
                person, state, age_restricted=values[0] if values else AgeRestricted.ALLOWED
            )
            overview = await surface.limits.overview(person)
            await replace_panel(interaction, *channels_panel(overview, state, interaction.guild))
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
        catalogue = surface.studio.catalogue
        if self.choice in (Choice.TIER_MODELS, Choice.TIER_SIZE):
            parts = tiers_panel(catalogue, overview, self.tier)
        elif self.choice in (Choice.ROLES, Choice.BOOSTERS):
            parts = roles_panel(overview, self.tier, interaction.guild)
        elif self.choice is Choice.MODELS:
            parts = models_panel(catalogue, overview)
        else:
            state = await surface.desk.settings.server(person.guild_id)
            parts = channels_panel(overview, state, interaction.guild)
        await replace_panel(interaction, *parts)


_OF_TIERS = (Choice.TIER_MODELS, Choice.TIER_SIZE, Choice.ROLES, Choice.BOOSTERS)


def _first(values: list[Any]) -> Any:
    return None if not values or values[0] == NONE else values[0]


def _ids(values: list[Any]) -> list[int]:
    """The ids of roles or channels; of what Discord did not describe (a forged press) nothing is taken."""
    return [int(item.id) for item in values if isinstance(item, discord.abc.Snowflake)]


_CHANGES: Mapping[Choice, tuple[str, Callable[[list[Any]], object]]] = {
    Choice.TIER_MODELS: ("models", list),
    Choice.TIER_SIZE: ("largest_size", _first),
    Choice.ROLES: ("roles", _ids),
    Choice.BOOSTERS: ("boosters", lambda values: _first(values) == str(True)),
    Choice.MODELS: ("models", list),
    Choice.RULE: ("channel_rule", lambda values: _first(values) or ChannelRule.EVERYWHERE),
    Choice.CHANNELS: ("channels", _ids),
    Choice.DIRECT: ("direct", lambda values: _first(values) != str(False)),
}


# --- the panels -------------------------------------------------------------------------------------------


def caps_panel(overview: Overview) -> list[Part]:
    """Return the panel of what a member, and the whole server, may use."""
    version = overview.state.version
    lines = caps_lines(overview, overview.operator.daily_images)
    return [
        "\n".join([_("**Caps of this server**"), *lines]),
        ui.ActionRow(
            LimitButton(Act.MEMBER_CAPS, version, EVERYONE), LimitButton(Act.SERVER_CAPS, version, "")
        ),
    ]


def tiers_panel(catalogue: Catalogue, overview: Overview, name: str) -> list[Part]:
    """Return the panel of tiers, with one of them to be changed."""
    version, tier = overview.state.version, overview.tier(name)
    own = any(tier.name == item.name for item in overview.state.limits.tiers)
    lines = [_("**Tiers of this server**"), _("Of what a member's tiers say, the best counts."), ""]
    lines += tier_lines(tier, own=own, default_images=overview.operator.daily_images)
    buttons = [LimitButton(act, version, name) for act in (Act.MEMBER_CAPS, Act.WORK)]
    if name != EVERYONE:
        buttons.append(LimitButton(Act.GIVE, version, name))
    if own:
        buttons.append(LimitButton(Act.REMOVE, version, name))
    parts: list[Part] = [
        "\n".join(lines),
        _pick(Choice.TIER, overview, name),
        _models_menu(Choice.TIER_MODELS, version, name, catalogue, tier.models),
        _menu(
            Choice.TIER_SIZE,
            version,
            name,
            [(NONE, _("Largest size: it says nothing")), *_sizes(catalogue, tier.largest_size)],
            tier.largest_size or NONE,
        ),
        ui.ActionRow(*buttons, LimitButton(Act.NEW, version, "")),
    ]
    if overview.memberships:
        parts.append(fitted([_("**For a time**"), *membership_lines(overview)], 2_000))
        taken = [
            (f"{item.member_id}:{item.tier}", _("Take {tier} from {id}", tier=item.tier, id=item.member_id))
            for item in overview.memberships
        ]
        parts.append(_menu(Choice.TAKE, version, name, taken, "", _("End one of them now")))
    return parts


def roles_panel(overview: Overview, name: str, guild: discord.Guild | None) -> list[Part]:
    """Return the panel that maps roles, and boosting, to a tier."""
    version, tier = overview.state.version, overview.tier(name)
    lines = [_("**Roles and tiers**"), f"**{tier.name}** · {whose_tier(tier)}"]
    parts: list[Part] = ["\n".join(lines), _pick(Choice.ROLE_TIER, overview, name)]
    if name == EVERYONE:
        return parts
    roles: ui.RoleSelect[Any] = ui.RoleSelect(
        custom_id=_custom_id(Choice.ROLES, version, name),
        placeholder=_("Who has one of these roles has {tier}", tier=name),
        min_values=0,
        max_values=MAX_ROLES,
        default_values=_there(tier.roles, discord.Role, guild),
    )
    return [
        *parts,
        ui.ActionRow(LimitMenu(Choice.ROLES, version, name, roles)),
        _menu(Choice.BOOSTERS, version, name, _named(_BOOSTERS), str(tier.boosters)),
    ]


def models_panel(catalogue: Catalogue, overview: Overview) -> list[Part]:
    """Return the panel of the models that a server offers."""
    models = overview.state.limits.models
    labels = [model.label for model in catalogue.models if model.id in models]
    said = (
        _("On offer here: {models}.", models=", ".join(labels)) if labels else _("All models are on offer.")
    )
    return [
        f"{_('**Models of this server**')}\n{said}",
        _models_menu(Choice.MODELS, overview.state.version, "", catalogue, models),
    ]


def channels_panel(overview: Overview, state: ServerState, guild: discord.Guild | None) -> list[Part]:
    """Return the panel of where the bot may be used."""
    limits, version = overview.state.limits, overview.state.version
    channels: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=_custom_id(Choice.CHANNELS, version, ""),
        placeholder=_("Channels and categories"),
        channel_types=_CHANNEL_TYPES,
        min_values=0,
        max_values=OPTIONS_LIMIT,
        default_values=_there(limits.channels, discord.abc.GuildChannel, guild),
    )
    return [
        f"{_('**Where the bot may be used**')}\n{channel_line(limits)}",
        _menu(Choice.RULE, version, "", _named(_RULES), limits.channel_rule),
        ui.ActionRow(LimitMenu(Choice.CHANNELS, version, "", channels)),
        _menu(Choice.DIRECT, version, "", _named(_DIRECT), str(limits.direct)),
        _menu(Choice.AGE, state.version, "", _named(_AGES), state.settings.age_restricted),
    ]


def _there(ids: Sequence[int], kind: Any, guild: discord.Guild | None) -> list[discord.Object]:
    """Return what is chosen in a menu without what was deleted: Discord takes no message that names it."""
    if guild is not None:
        known = {item.id for item in (*guild.roles, *guild.channels)}
        ids = [id_ for id_ in ids if id_ in known]
    return [discord.Object(id_, type=kind) for id_ in ids]


# --- menus ------------------------------------------------------------------------------------------------


def _custom_id(choice: Choice, version: int, tier: str) -> str:
    return f"plantain:limit:{choice}:{version}:{tier}"


def _named(values: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), _(name)) for value, name in values.items()]


def _menu(
    choice: Choice,
    version: int,
    tier: str,
    options: Sequence[tuple[str, str]],
    now: str,
    placeholder: str | None = None,
) -> ui.ActionRow[Any]:
    select: ui.Select[Any] = ui.Select(
        custom_id=_custom_id(choice, version, tier),
        placeholder=placeholder,
        options=[
            discord.SelectOption(label=label[:100], value=value, default=value == now)
            for value, label in options[:OPTIONS_LIMIT]
        ],
    )
    return ui.ActionRow(LimitMenu(choice, version, tier, select))


def _pick(choice: Choice, overview: Overview, name: str) -> ui.ActionRow[Any]:
    options = [(tier.name, _("Tier: {tier}", tier=tier.name)) for tier in overview.tiers]
    return _menu(choice, overview.state.version, "", options, name)


def _models_menu(
    choice: Choice, version: int, tier: str, catalogue: Catalogue, chosen: Sequence[str]
) -> ui.ActionRow[Any]:
    options = [
        discord.SelectOption(label=model.label[:100], value=model.id, default=model.id in chosen)
        for model in catalogue.models[:OPTIONS_LIMIT]
    ]
    empty = _("Models: it says nothing") if tier else _("All models")
    select: ui.Select[Any] = ui.Select(
        custom_id=_custom_id(choice, version, tier),
        placeholder=empty,
        options=options,
        min_values=0,
        max_values=len(options),
    )
    return ui.ActionRow(LimitMenu(choice, version, tier, select))


def _sizes(catalogue: Catalogue, now: str | None) -> list[tuple[str, str]]:
    names = {name for model in catalogue.models for name in model.size_names} | ({now} if now else set())
    return [
        (name, _("Largest size: {size}", size=name))
        for name in sorted(names, key=lambda n: (size_pixels(n), n))
    ]


def redraw_of(surface: Surface, act: Act, name: str) -> Callable[[Overview], list[Part]]:
    """Return which panel is shown after a button or form has changed something."""
    if act is Act.SERVER_CAPS or (act is Act.MEMBER_CAPS and name == EVERYONE):
        return caps_panel
    return lambda overview: tiers_panel(surface.studio.catalogue, overview, name)

"""The panels of /config tiers, caps, models, channels and roles.

What they are made of stands in `limit_menus` and `limit_buttons`; this is how they look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.domain.catalogue import Catalogue, size_pixels
from bot.domain.server_limits import ChannelRule
from bot.domain.server_settings import AgeRestricted, ServerState
from bot.domain.tiers import EVERYONE, MAX_ROLES
from bot.studio.limits import Overview
from cogs.language import N_, _
from cogs.limit_buttons import Act, LimitButton
from cogs.limit_lines import caps_lines, channel_line, membership_lines, tier_lines, whose_tier
from cogs.limit_menus import NONE, Choice, LimitMenu
from cogs.panels import Part, fitted

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


class LimitPanels:
    """How each panel looks.

    It is found at the surface by the menus and buttons too: the panels are made of these, so that they cannot
    import them.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def caps(self, overview: Overview) -> list[Part]:
        """Return the panel of what a member, and the whole server, may use."""
        version = overview.state.version
        lines = caps_lines(overview, overview.operator.daily_images)
        return [
            "\n".join([_("**Caps of this server**"), *lines]),
            ui.ActionRow(
                LimitButton(Act.MEMBER_CAPS, version, EVERYONE), LimitButton(Act.SERVER_CAPS, version, "")
            ),
        ]

    def tiers(self, overview: Overview, name: str) -> list[Part]:
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
            _models_menu(Choice.TIER_MODELS, version, name, self._catalogue, tier.models),
            _menu(
                Choice.TIER_SIZE,
                version,
                name,
                [(NONE, _("Largest size: it says nothing")), *_sizes(self._catalogue, tier.largest_size)],
                tier.largest_size or NONE,
            ),
            _menu(
                Choice.TIER_FALLBACK,
                version,
                name,
                [(NONE, _("Fallback: it says nothing")), *_fallbacks(self._catalogue, tier.fallback)],
                tier.fallback or NONE,
            ),
            ui.ActionRow(*buttons, LimitButton(Act.NEW, version, "")),
        ]
        if overview.memberships:
            parts.append(fitted([_("**For a time**"), *membership_lines(overview)], 2_000))
            taken = [
                (
                    f"{item.member_id}:{item.tier}",
                    _("Take {tier} from {id}", tier=item.tier, id=item.member_id),
                )
                for item in overview.memberships
            ]
            parts.append(_menu(Choice.TAKE, version, name, taken, "", _("End one of them now")))
        return parts

    def roles(self, overview: Overview, name: str, guild: discord.Guild | None) -> list[Part]:
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

    def models(self, overview: Overview) -> list[Part]:
        """Return the panel of the models that a server offers."""
        models = overview.state.limits.models
        labels = [model.label for model in self._catalogue.models if model.id in models]
        said = (
            _("On offer here: {models}.", models=", ".join(labels))
            if labels
            else _("All models are on offer.")
        )
        return [
            f"{_('**Models of this server**')}\n{said}",
            _models_menu(Choice.MODELS, overview.state.version, "", self._catalogue, models),
        ]

    def channels(self, overview: Overview, state: ServerState, guild: discord.Guild | None) -> list[Part]:
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

    def redrawn(self, act: Act, name: str, overview: Overview) -> list[Part]:
        """Return the panel that is shown after a button or form has changed something."""
        if act is Act.SERVER_CAPS or (act is Act.MEMBER_CAPS and name == EVERYONE):
            return self.caps(overview)
        return self.tiers(overview, name)


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


def _fallbacks(catalogue: Catalogue, now: str | None) -> list[tuple[str, str]]:
    models = {model.id: model.label for model in catalogue.models[: OPTIONS_LIMIT - 2]}
    if now is not None:
        models.setdefault(now, now)  # one that is not on offer any more is still what is set
    return [(id_, _("Fallback: {model}", model=label)) for id_, label in models.items()]

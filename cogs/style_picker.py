"""Offers for an option that names a style, with its slots where somebody wants to fill them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.domain.presets import Preset, find_preset, folded, parse_choice
from bot.errors import InvalidRequest
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.panels import short
from cogs.style_words import described, description, title
from cogs.surface import surface_of

VALUE_LIMIT = 100  # characters of a choice's name and value


async def style_choices(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Offer the styles of this server and of everybody; behind a style's name, its slots."""
    return await offers(interaction, _any_style(interaction, current))


async def own_style_choices(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Offer the styles that this server made: those that its managers can change."""
    return await offers(interaction, _own_style(interaction, current))


async def style_as_typed(interaction: discord.Interaction[Any], typed: str) -> str:
    """Return what somebody typed for a style with its name in the place of its title in their language.

    A style of the server that is called so goes before.
    """
    name, mark, slots = typed.partition(";")
    styles = surface_of(interaction).library.styles
    found = [preset for preset in styles.packaged if folded(title(preset)) == folded(name)]
    if not found or any(preset.key == folded(name) for preset in await styles.all(interaction.guild_id)):
        return typed
    return f"{found[0].name}{mark}{slots}"


async def _any_style(interaction: discord.Interaction[Any], current: str) -> Choices:
    presets = await surface_of(interaction).library.styles.all(interaction.guild_id)
    return _slots(current, presets) if ";" in current else _styles(current, presets)


async def _own_style(interaction: discord.Interaction[Any], current: str) -> Choices:
    styles = surface_of(interaction).library.styles
    packaged = set(styles.packaged)
    presets = await styles.all(interaction.guild_id)
    return _styles(current, [preset for preset in presets if preset not in packaged])


def _styles(current: str, presets: Sequence[Preset]) -> Choices:
    wanted = folded(current)
    found = [
        preset
        for preset in presets
        if wanted in preset.key or any(wanted in folded(text) for text in _texts(preset))
    ]
    # What begins as it is typed is meant more often than what holds it somewhere.
    found.sort(
        key=lambda preset: not (preset.key.startswith(wanted) or folded(title(preset)).startswith(wanted))
    )
    return [
        app_commands.Choice(name=short(described(preset), VALUE_LIMIT), value=preset.name)
        for preset in found[:CHOICES_LIMIT]
    ]


def _slots(current: str, presets: Sequence[Preset]) -> Choices:
    """Offer what was typed as it is, and each slot that is not filled yet with what it says by itself."""
    choice = parse_choice(current)
    typed = current.strip().rstrip(";").strip()
    try:
        preset = find_preset(choice.name, presets)
    except InvalidRequest:
        return []
    offers = [typed] if choice.slots else []
    written = "; ".join([preset.name, *(f"{slot}: {value}" for slot, value in choice.slots.items())])
    offers += [
        f"{written}; {slot}: {default}"
        for slot, default in preset.template.slots.items()
        if slot not in choice.slots
    ]
    return [app_commands.Choice(name=offer, value=offer) for offer in offers if len(offer) <= VALUE_LIMIT][
        :CHOICES_LIMIT
    ]


def _texts(preset: Preset) -> tuple[str, ...]:
    """What a style is found by: what is read, and its English name, which documentation has."""
    return (title(preset), description(preset), preset.title)

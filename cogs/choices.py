"""What the pickers of commands offer: models, ratios and sizes, at the prices of the server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.domain.catalogue import Model
from bot.domain.pricing import estimate
from bot.domain.requests import Options
from bot.domain.server_settings import ServerSettings
from bot.errors import InvalidRequest
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.prices import describe_model, price
from cogs.surface import surface_of


async def offer_models(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the models, with tier and price."""
    return await offers(interaction, _models(interaction, typed))


async def offer_ratios(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the ratios of the model that is chosen so far."""
    return _matching(typed, [(ratio, ratio) for ratio in _chosen(interaction).ratios])


async def offer_sizes(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the sizes of the model that is chosen so far, with prices."""
    return await offers(interaction, _sizes(interaction, typed))


async def _models(interaction: discord.Interaction[Any], typed: str) -> Choices:
    settings = await _settings(interaction)
    models = surface_of(interaction).studio.catalogue.models
    return _matching(typed, [(describe_model(model, settings), model.id) for model in models])


async def _sizes(interaction: discord.Interaction[Any], typed: str) -> Choices:
    model, settings = _chosen(interaction), await _settings(interaction)
    return _matching(typed, [(_size(model, name, settings), name) for name in model.size_names])


def _size(model: Model, name: str, settings: ServerSettings) -> str:
    if model.prices is None:
        return name
    return f"{name} · {price(settings, estimate(model, Options(model.id, size=name), ''))}"


async def _settings(interaction: discord.Interaction[Any]) -> ServerSettings:
    state = await surface_of(interaction).settings.server(interaction.guild_id)
    return state.settings


def _chosen(interaction: discord.Interaction[Any]) -> Model:
    """Return the model that stands in the command so far; the default where it names none that exists."""
    surface = surface_of(interaction)
    catalogue = surface.studio.catalogue
    typed = getattr(interaction.namespace, "model", None)
    try:
        return catalogue.resolve(typed or surface.default_model).model
    except InvalidRequest:
        return catalogue.resolve(surface.default_model).model


def _matching(typed: str, offered: list[tuple[str, str]]) -> Choices:
    """Return the offers (name, value) that hold what was typed so far."""
    wanted = typed.casefold().strip()
    return [
        app_commands.Choice(name=name, value=value)
        for name, value in offered
        if wanted in name.casefold() or wanted in value.casefold()
    ][:CHOICES_LIMIT]

"""What the pickers of commands offer: models, ratios and sizes, from the catalogue."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.domain.catalogue import Catalogue, Model
from bot.domain.pricing import dollars, estimate
from bot.domain.requests import Options
from bot.errors import InvalidRequest
from cogs.surface import surface_of

CHOICES_LIMIT = 25  # Discord shows no more

Choices = list[app_commands.Choice[str]]


async def offer_models(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the models, with tier and price."""
    catalogue = surface_of(interaction).studio.catalogue
    return matching(typed, [(_describe(model), model.id) for model in catalogue.models])


async def offer_ratios(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the ratios of the model that is chosen so far."""
    return matching(typed, [(ratio, ratio) for ratio in _chosen(interaction).ratios])


async def offer_sizes(interaction: discord.Interaction[Any], typed: str) -> Choices:
    """Offer the sizes of the model that is chosen so far, with prices."""
    model = _chosen(interaction)
    return matching(typed, [(" · ".join([name, *_price(model, name)]), name) for name in model.size_names])


def matching(typed: str, offers: list[tuple[str, str]]) -> Choices:
    """Return the offers (name, value) that hold what was typed so far."""
    wanted = typed.casefold().strip()
    return [
        app_commands.Choice(name=name, value=value)
        for name, value in offers
        if wanted in name.casefold() or wanted in value.casefold()
    ][:CHOICES_LIMIT]


def _chosen(interaction: discord.Interaction[Any]) -> Model:
    """Return the model that stands in the command so far; the default where it names none that exists."""
    surface = surface_of(interaction)
    catalogue: Catalogue = surface.studio.catalogue
    typed = getattr(interaction.namespace, "model", None)
    try:
        return catalogue.resolve(typed or surface.default_model).model
    except InvalidRequest:
        return catalogue.resolve(surface.default_model).model


def _describe(model: Model) -> str:
    return " · ".join([model.label, *filter(None, [model.tier]), *_price(model, None)])


def _price(model: Model, size: str | None) -> list[str]:
    """Return what one picture costs about, where the catalogue knows."""
    return [dollars(estimate(model, Options(model.id, size=size), ""))] if model.prices else []

"""/imagine: a picture from words."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.calls import MAX_SEED
from bot.domain.catalogue import MAX_COUNT, Catalogue, Model
from bot.domain.pricing import dollars, estimate
from bot.domain.requests import Kind, Options, Request
from bot.errors import InvalidRequest
from cogs.start import start_job
from cogs.surface import surface_of

CHOICES_LIMIT = 25  # Discord shows no more


class Imagine(commands.Cog):
    """The command and its pickers, which come from the catalogue."""

    @app_commands.command(name="imagine", description="Make a picture from a description")
    @app_commands.describe(
        prompt="What the picture should show",
        model="Which model makes it",
        ratio="Width to height",
        size="How large",
        count="How many pictures",
        seed="The same seed and prompt give a similar picture again (not every model takes one)",
        private="Only you see the picture",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def imagine(
        self,
        interaction: discord.Interaction[Any],
        prompt: str,
        model: str | None = None,
        ratio: str | None = None,
        size: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        private: bool = False,
    ) -> None:
        """Submit the request; what is wrong with it is said by the guard."""
        options = Options(model or surface_of(interaction).default_model, ratio, size, count, seed)
        await start_job(interaction, Request(Kind.GENERATE, prompt, options, private=private))

    @imagine.autocomplete("model")
    async def _models(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        catalogue = surface_of(interaction).studio.catalogue
        return _matching(current, [(_describe(model), model.id) for model in catalogue.models])

    @imagine.autocomplete("ratio")
    async def _ratios(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return _matching(current, [(ratio, ratio) for ratio in _chosen(interaction).ratios])

    @imagine.autocomplete("size")
    async def _sizes(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        model = _chosen(interaction)
        priced = [
            (f"{name} · {dollars(estimate(model, Options(model.id, size=name), ''))}", name)
            for name in model.size_names
        ]
        return _matching(current, priced)


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
    tier = f" · {model.tier}" if model.tier else ""
    return f"{model.label}{tier} · {dollars(estimate(model, Options(model.id), ''))}"


def _matching(typed: str, offers: list[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    wanted = typed.casefold().strip()
    return [
        app_commands.Choice(name=name, value=value)
        for name, value in offers
        if wanted in name.casefold() or wanted in value.casefold()
    ][:CHOICES_LIMIT]

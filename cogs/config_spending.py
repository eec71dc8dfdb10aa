"""/config log, budget and fallback: who is told about spending, what a month may cost, the second choice."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.server_settings import MAX_BUDGET, ServerSettings
from bot.errors import NotAllowed
from cogs.choices import offer_models
from cogs.config_changes import change_server
from cogs.language import _
from cogs.numbers import MICROS, dollars
from cogs.panels import answer_privately
from cogs.surface import surface_of
from cogs.text import code


def spending_lines(settings: ServerSettings) -> dict[str, str]:
    """Return what each of these settings says, in words, by the command that changes it."""
    log = _("nobody is told about spending")
    if settings.log_channel is not None:
        log = _("spending is told in {channel}", channel=f"<#{settings.log_channel}>")
    budget = _("no budget is counted")
    if settings.budget_micros is not None:
        budget = _("the month's budget is {amount}", amount=dollars(settings.budget_micros))
    fallback = _("a model that is out of reach is waited for")
    if settings.fallback_model is not None:
        fallback = _(
            "{model} takes the place of a model that is out of reach", model=code(settings.fallback_model)
        )
    return {"log": log, "budget": budget, "fallback": fallback}


class SpendingConfig(commands.Cog):
    """The commands; a part of the group /config."""

    @app_commands.command(name="log", description="Where managers are told about budget and unusual spending")
    @app_commands.describe(channel="Leave it out to tell nobody")
    async def log(
        self, interaction: discord.Interaction[Any], channel: discord.TextChannel | None = None
    ) -> None:
        """Set or remove the log channel."""
        if channel is not None:
            me = channel.permissions_for(channel.guild.me)
            if not (me.view_channel and me.send_messages):
                raise NotAllowed("no_post")
        await _change(interaction, "log", log_channel=None if channel is None else channel.id)

    @app_commands.command(name="budget", description="What a month may cost: told at 50, 80 and 100 %")
    @app_commands.describe(dollars="In dollars; leave it out to count none. It refuses nothing")
    async def budget(
        self,
        interaction: discord.Interaction[Any],
        dollars: app_commands.Range[float, 0.01, MAX_BUDGET / MICROS] | None = None,
    ) -> None:
        """Set or remove the month's budget."""
        micros = None if dollars is None else round(dollars * MICROS)
        await _change(interaction, "budget", budget_micros=micros)

    @app_commands.command(
        name="fallback", description="Which model makes pictures while another is out of reach"
    )
    @app_commands.describe(model="Leave it out to wait instead")
    @app_commands.autocomplete(model=offer_models)
    async def fallback(self, interaction: discord.Interaction[Any], model: str | None = None) -> None:
        """Set or remove the model that takes another's place."""
        catalogue = surface_of(interaction).studio.catalogue
        wanted = None if model is None else catalogue.resolve(model).model.id
        await _change(interaction, "fallback", fallback_model=wanted)


async def _change(interaction: discord.Interaction[Any], command: str, **changes: object) -> None:
    changed = await change_server(interaction, **changes)
    surface_of(interaction).studio.watch.changed(changed.state.guild_id)
    await answer_privately(interaction, changed.told(spending_lines(changed.state.settings)[command]))

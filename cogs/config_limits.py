"""The part of /config that is about who may use how much, where and with what."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.grants import MAX_DAYS, MAX_GRANT
from bot.domain.tiers import EVERYONE
from bot.studio.granting import REASON_LIMIT
from cogs.language import _
from cogs.limit_lines import granted
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import images

Reason = app_commands.Range[str, 1, REASON_LIMIT]


class LimitCommands(commands.Cog):
    """Commands for `Config`: panels, and what is given to single members. The services check who asks."""

    @app_commands.command(name="caps", description="How much a member, and the whole server, may use")
    async def caps(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel of caps."""
        surface = surface_of(interaction)
        overview = await surface.limits.overview(person_of(interaction))
        await answer_privately(interaction, *surface.limit_panels.caps(overview))

    @app_commands.command(name="tiers", description="Named sets of caps and permissions")
    async def tiers(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel of tiers."""
        surface = surface_of(interaction)
        overview = await surface.limits.overview(person_of(interaction))
        await answer_privately(interaction, *surface.limit_panels.tiers(overview, EVERYONE))

    @app_commands.command(name="roles", description="Which roles, and whether boosters, have which tier")
    async def roles(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel of roles."""
        surface = surface_of(interaction)
        overview = await surface.limits.overview(person_of(interaction))
        first = next((tier.name for tier in overview.tiers if tier.name != EVERYONE), EVERYONE)
        await answer_privately(interaction, *surface.limit_panels.roles(overview, first, interaction.guild))

    @app_commands.command(name="models", description="Which models are on offer in this server")
    async def models(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel of models."""
        surface = surface_of(interaction)
        overview = await surface.limits.overview(person_of(interaction))
        await answer_privately(interaction, *surface.limit_panels.models(overview))

    @app_commands.command(
        name="channels", description="Where the bot may be used, direct messages and age-restricted channels"
    )
    async def channels(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel of channels."""
        surface, person = surface_of(interaction), person_of(interaction)
        overview = await surface.limits.overview(person)
        state = await surface.settings.server(person.guild_id)
        await answer_privately(
            interaction, *surface.limit_panels.channels(overview, state, interaction.guild)
        )

    @app_commands.command(name="grant", description="Give a member images beside the daily limit")
    @app_commands.describe(
        member="Who gets them",
        images="How many images",
        days="For how many days; leave it out for no end",
        reason="Why; it is kept in the audit log",
    )
    async def grant(
        self,
        interaction: discord.Interaction[Any],
        member: discord.User,
        images: app_commands.Range[int, 1, MAX_GRANT],
        days: app_commands.Range[int, 1, MAX_DAYS] | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Grant images."""
        granting = surface_of(interaction).granting
        grant = await granting.grant(person_of(interaction), member.id, images, days, reason or "")
        said = granted(member.id, grant.left, grant.expires_at, reason or "")
        await answer_privately(interaction, said)

    @app_commands.command(name="revoke", description="Take back what is left of a member's grants")
    @app_commands.describe(member="From whom", reason="Why; it is kept in the audit log")
    async def revoke(
        self, interaction: discord.Interaction[Any], member: discord.User, reason: Reason | None = None
    ) -> None:
        """Revoke grants."""
        granting = surface_of(interaction).granting
        revoked = await granting.revoke(person_of(interaction), member.id, reason or "")
        who = f"<@{member.id}>"
        if revoked.grants:
            said = _("**Revoked.** {member} had {images} left.", member=who, images=images(revoked.images))
        else:
            said = _("{member} has nothing left that was granted here.", member=who)
        await answer_privately(interaction, said)

    @app_commands.command(name="reset", description="Let a member's daily limit begin anew now")
    @app_commands.describe(member="Whose", reason="Why; it is kept in the audit log")
    async def reset(
        self, interaction: discord.Interaction[Any], member: discord.User, reason: Reason | None = None
    ) -> None:
        """Reset a member's day."""
        granting = surface_of(interaction).granting
        used = await granting.reset(person_of(interaction), member.id, reason or "")
        said = _(
            "**Reset.** What {member} used today does not count here any more: {images}.",
            member=f"<@{member.id}>",
            images=images(used.images),
        )
        await answer_privately(interaction, said)

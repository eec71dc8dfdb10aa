"""Who stands behind an interaction, and where its answer goes."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.requests import Origin, Request
from bot.errors import NotAllowed
from bot.studio.pictures import Person
from cogs.audience import audience_of
from cogs.surface import surface_of


def person_of(interaction: discord.Interaction[Any]) -> Person:
    """Return the person who pressed or typed, with the permissions that this very interaction carries.

    Who manages may do what moderators may, and who runs this bot what managers may (`bot.domain.roles`).
    """
    permissions = interaction.permissions
    inside = interaction.guild_id is not None
    operates = interaction.user.id in surface_of(interaction).casework.authority.operators
    manages = permissions.manage_guild or operates
    return Person(
        id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        moderator=inside and (permissions.moderate_members or manages),
        manager=inside and manages,
        roles=_roles(interaction.user),
    )


def member_as_person(member: discord.Member) -> Person:
    """Return a member whom somebody named, with the permissions that the server gives them."""
    permissions = member.guild_permissions
    return Person(
        id=member.id,
        guild_id=member.guild.id,
        channel_id=None,
        moderator=permissions.moderate_members,
        manager=permissions.manage_guild,
        roles=_roles(member),
    )


def _roles(user: discord.User | discord.Member) -> frozenset[int]:
    return frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset()


def origin_of(interaction: discord.Interaction[Any]) -> Origin:
    """Return where the answer to an interaction goes."""
    channel_id = interaction.channel_id
    audience = audience_of(interaction)
    return Origin(
        key=f"interaction:{interaction.id}",
        application_id=interaction.application_id,
        member_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=channel_id if channel_id is not None else 0,
        token=interaction.token,
        token_at=int(interaction.created_at.timestamp() * 1000),
        upload_limit=interaction.filesize_limit,
        direct=interaction.context.dm_channel,
        locale=audience.member,
        place_locale=audience.place,
    )


def age_restricted(interaction: discord.Interaction[Any]) -> bool:
    """Whether an interaction comes from an age-restricted channel, or from a thread in one."""
    return is_age_restricted(interaction.channel)


def is_out_of_place(interaction: discord.Interaction[Any], request: Request) -> bool:
    """Whether pictures of a request were made in an age-restricted channel, and others would see them in one
    that is not."""
    return request.age_restricted and interaction.guild_id is not None and not age_restricted(interaction)


def check_place(interaction: discord.Interaction[Any], request: Request) -> None:
    """Raise NotAllowed where others would see what comes of the pictures of a request, and should not."""
    if is_out_of_place(interaction, request) and not request.private:
        raise NotAllowed("out_of_place")


def is_age_restricted(channel: object) -> bool:
    """Whether a channel is age-restricted, as far as that is known."""
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw and is_nsfw())

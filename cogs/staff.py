"""What somebody is in this server: who uses a command of moderators, and whom a moderator names."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.roles import Role
from bot.errors import NotAllowed
from bot.studio.pictures import Person
from cogs.people import member_as_person, person_of
from cogs.surface import surface_of


async def moderator_of(interaction: discord.Interaction[Any]) -> Person:
    """Return who stands behind an interaction, as a moderator where the server's roles make them one."""
    return await surface_of(interaction).casework.authority.known(person_of(interaction))


async def role_of_member(interaction: discord.Interaction[Any], member_id: int) -> Role:
    """Return the role of somebody by id; who has left the server is a member like any other."""
    if interaction.guild is None:
        return Role.MEMBER
    try:
        member = await interaction.guild.fetch_member(member_id)
    except discord.NotFound:
        return Role.MEMBER
    return await role_of_user(interaction, member)


async def role_of_user(interaction: discord.Interaction[Any], user: discord.User | discord.Member) -> Role:
    """Return the role of somebody whom a command named; raise NotAllowed where it is a bot."""
    if user.bot:
        raise NotAllowed("punish_bot")
    if interaction.guild is None or not isinstance(user, discord.Member):
        return Role.MEMBER
    return await surface_of(interaction).casework.authority.role(member_as_person(user))

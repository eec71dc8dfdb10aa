"""Who asks, as far as caps go: roles, the kind of place, and whether the bot knows them from a server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import discord

from bot.domain.standing import Place, Standing
from bot.errors import DeliveryError
from cogs.faults import translated

log = logging.getLogger(__name__)

SERVERS_LOOKED_AT = 25  # one request to Discord for each
REMEMBERED_MILLIS = 600_000
MOST_REMEMBERED = 10_000


class Acquaintances:
    """Which servers people share with the bot. Discord is asked, and its answer remembered for a while.

    The bot keeps no list of members (that would need a privileged intent), so it looks each person up in its
    servers; a bot in very many of them looks in some only.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._known: dict[int, tuple[int, tuple[int, ...]]] = {}

    async def servers_of(self, client: discord.Client, user_id: int) -> tuple[int, ...]:
        """Return the ids of servers that the bot shares with somebody; what cannot be told counts as none."""
        asked_at, servers = self._known.get(user_id, (0, ()))
        if asked_at and self._now() - asked_at < REMEMBERED_MILLIS:
            return servers
        guilds = client.guilds[:SERVERS_LOOKED_AT]
        found = await asyncio.gather(*(_is_member(guild, user_id) for guild in guilds))
        servers = tuple(guild.id for guild, there in zip(guilds, found, strict=True) if there)
        if None not in found:
            while len(self._known) >= MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[user_id] = (self._now(), servers)
        return servers


async def standing_of(interaction: discord.Interaction[Any], people: Acquaintances) -> Standing:
    """Return who stands behind an interaction."""
    if interaction.guild_id is not None and not _came_along(interaction):
        return standing_in_server(interaction.user, interaction.channel)
    if interaction.guild_id is None and interaction.context.dm_channel:
        servers = await people.servers_of(interaction.client, interaction.user.id)
        # Only who shares a server, or has installed the bot for themselves, can write to it.
        stranger = not servers and _installed_by_user_only(interaction)
        return Standing(place=Place.DIRECT, servers=servers, stranger=stranger)
    servers = await people.servers_of(interaction.client, interaction.user.id)
    return Standing(place=Place.ELSEWHERE, servers=servers, stranger=not servers)


async def standing_of_message(
    message: discord.Message, client: discord.Client, people: Acquaintances
) -> Standing:
    """Return who stands behind a message: in a server, or in direct messages."""
    if message.guild is not None:
        return standing_in_server(message.author, message.channel)
    return Standing(place=Place.DIRECT, servers=await people.servers_of(client, message.author.id))


def standing_in_server(user: discord.abc.User, channel: object) -> Standing:
    """Return who somebody is in a server that the bot is in: of an interaction, or of a message's author."""
    if not isinstance(user, discord.Member):
        return Standing(channels=_channels(channel))
    return Standing(
        roles=frozenset(role.id for role in user.roles),
        booster=user.premium_since is not None,
        channels=_channels(channel),
    )


def _came_along(interaction: discord.Interaction[Any]) -> bool:
    """Whether the command came along with its user to a server that the bot is not in."""
    there = any(guild.id == interaction.guild_id for guild in interaction.client.guilds)
    return not there and _installed_by_user_only(interaction)


def _installed_by_user_only(interaction: discord.Interaction[Any]) -> bool:
    # What discord.py tells about servers is always False in direct messages (2.7.1, interactions.py).
    owners = interaction._integration_owners
    return interaction.is_user_integration() and owners.get(0) is None


def _channels(channel: object) -> tuple[int, ...]:
    """A channel, and what it stands in, as far as Discord said it."""
    parent = getattr(channel, "parent", None)
    found = (
        getattr(channel, "id", None),
        getattr(channel, "parent_id", None),
        getattr(channel, "category_id", None),
        getattr(parent, "category_id", None),
    )
    return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))


async def _is_member(guild: discord.Guild, user_id: int) -> bool | None:
    """Whether somebody is in a server; None where Discord does not say."""
    try:
        async with translated():
            try:
                await guild.fetch_member(user_id)
            except discord.NotFound:
                return False
    except DeliveryError as error:
        log.warning("whether %d is in server %d is not known: %s", user_id, guild.id, error)
        return None
    return True

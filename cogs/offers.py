"""Pickers whose offers come from the database."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import discord
from discord import app_commands

from cogs.surface import surface_of

CHOICES_LIMIT = 25  # Discord shows no more

Choices = list[app_commands.Choice[str]]


async def offers(interaction: discord.Interaction[Any], work: Awaitable[Choices]) -> Choices:
    """Return what a picker offers; nothing where looking it up failed.

    discord.py only logs what a picker raises (app_commands/tree.py), and the person would be told that
    loading failed: the guard answers it like every other entrance.
    """
    try:
        return await work
    except Exception as error:
        await surface_of(interaction).guard.answer(interaction, error)
        return []

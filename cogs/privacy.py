"""/privacy: what is kept of a person, for them to see, to take along and to have erased."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.errors import DeliveryError
from bot.studio.export import Export
from bot.studio.fitting import PLAIN_UPLOAD_LIMIT
from cogs import privacy_words as words
from cogs.faults import translated
from cogs.items import OwnItem
from cogs.language import _
from cogs.panels import answer_privately, replace_panel
from cogs.surface import surface_of

log = logging.getLogger(__name__)

# What a message has around its file.
MARGIN = 64 * 1024
Sends = Callable[[str, discord.File], Awaitable[None]]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class PrivacyCommands(
    commands.GroupCog, group_name="privacy", group_description="What this bot keeps of you"
):
    """The commands. They are about whoever uses them, and nobody else."""

    @app_commands.command(name="show", description="What is kept of you, for how long, and where it goes")
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Say what there is."""
        privacy = surface_of(interaction).privacy
        holdings, erasure = await privacy.erasures.holdings(interaction.user.id)
        parts = words.overview(holdings, erasure, privacy.purges.retention, privacy.receiver)
        await answer_privately(interaction, *parts)

    @app_commands.command(name="export", description="Take everything that is kept of you, as ZIP files")
    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Write everything into files and send them."""
        privacy = surface_of(interaction).privacy
        await privacy.exports.begin(interaction.user.id)
        await interaction.response.send_message(_(words.WRITING), ephemeral=True)
        limit = min(PLAIN_UPLOAD_LIMIT, interaction.filesize_limit) - MARGIN
        async with privacy.exports.written(interaction.user.id, limit, _(words.README)) as export:
            said = await _send(interaction, export)
        try:
            async with translated():
                await interaction.edit_original_response(content=said)
        except DeliveryError as error:  # it took longer than an interaction lives
            log.info("interaction %s: nobody hears that the export was sent: %s", interaction.id, error)

    @app_commands.command(name="erase", description="Erase everything that is kept of you")
    async def erase(self, interaction: discord.Interaction[Any]) -> None:
        """Say what would go and what would stay, and ask."""
        erasures = surface_of(interaction).privacy.erasures
        holdings, _erasure = await erasures.holdings(interaction.user.id)
        parts = words.question(holdings)
        if not any(holdings.counts.values()):
            await answer_privately(interaction, *parts)
            return
        row: ui.ActionRow[Any] = ui.ActionRow(EraseButton())
        await answer_privately(interaction, *parts, row)


class EraseButton(OwnItem[ui.Button[Any]], template="plantain:privacy:erase"):
    """The answer to the question. It erases whoever presses it, so its id names nobody."""

    def __init__(self) -> None:
        super().__init__(
            ui.Button(
                label=_(words.ERASE),
                style=discord.ButtonStyle.danger,
                custom_id="plantain:privacy:erase",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls()

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        await surface_of(interaction).privacy.erasures.ask(interaction.user.id)
        await replace_panel(interaction, _(words.ERASING))


async def _send(interaction: discord.Interaction[Any], export: Export) -> str:
    """Send all files directly, or privately where the person takes no direct messages; say how it went."""
    total = len(export.parts)

    async def directly(text: str, file: discord.File) -> None:
        await interaction.user.send(text, file=file)

    async def privately(text: str, file: discord.File) -> None:
        await interaction.followup.send(text, file=file, ephemeral=True)

    ways: list[tuple[bool, Sends]] = [(True, directly), (False, privately)]
    done = 0
    for direct, way in ways:
        try:
            for number, path in enumerate(export.parts[done:], done + 1):
                await _send_one(way, _(words.FILE_OF_ALL, number=number, files=total), path)
                done = number
        except DeliveryError as error:
            log.info("interaction %s: export not sent (direct: %s): %s", interaction.id, direct, error)
        else:
            return words.sent(export, directly=direct)
    return _(words.NOT_SENT)


async def _send_one(way: Sends, text: str, path: Path) -> None:
    file = await asyncio.to_thread(discord.File, path)
    try:
        async with translated():
            await way(text, file)
    finally:
        file.close()

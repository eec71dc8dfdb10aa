"""/mod evidence: everything that is kept of one request."""

from __future__ import annotations

import io
import json
from typing import Any

import discord
from discord import app_commands

from cogs.faults import translated
from cogs.language import _
from cogs.mod_group import mod
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import code, mention


@mod.command(name="evidence", description="Everything that is kept of one request, also of a removed picture")
@app_commands.describe(id="The id of a picture, or of a request")
async def evidence(interaction: discord.Interaction[Any], id: app_commands.Range[str, 1, 20]) -> None:
    """Send it to the moderator alone: a file, and the pictures as spoilers."""
    room = surface_of(interaction).casework.evidence
    found = await room.of(person_of(interaction), id)
    await interaction.response.defer(ephemeral=True, thinking=True)
    told = json.dumps(found.data, ensure_ascii=False, indent=2).encode("utf-8")
    files = [discord.File(io.BytesIO(told), filename=f"evidence-{found.job.id}.json")]
    for image, fitted in await room.pictures(found):
        name = image.filename_for(fitted.mime)
        files.append(discord.File(io.BytesIO(fitted.data), filename=name, spoiler=True))
    text = _(
        "Evidence of the request {request}, by {member} in {channel}, {moment}. That you looked at it stands "
        "in `/mod log`.",
        request=code(found.job.id),
        member=mention(found.job.origin.member_id),
        channel=f"<#{found.job.origin.channel_id}>",
        moment=f"<t:{found.job.created_at // 1000}:f>",
    )
    async with translated():
        await interaction.followup.send(
            text, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )

"""Private answers: texts and rows of buttons or menus that only one person sees."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.domain.prompts import shorten
from cogs.language import ngettext
from cogs.text import escape, escape_within

TEXT_LIMIT = 4_000  # Discord: characters of all text displays of a message together

Part = str | ui.ActionRow[Any]


def panel(*parts: Part) -> ui.LayoutView:
    """Return a message of texts and rows. A view holds state, so each message gets its own."""
    view = ui.LayoutView(timeout=None)
    for part in parts:
        view.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
    return view


async def answer_privately(interaction: discord.Interaction[Any], *parts: Part) -> None:
    """Answer a command, or follow up where the answer was promised already."""
    if interaction.response.is_done():
        await interaction.followup.send(view=panel(*parts), ephemeral=True)
    else:
        await interaction.response.send_message(view=panel(*parts), ephemeral=True)


async def replace_panel(interaction: discord.Interaction[Any], *parts: Part) -> None:
    """Put these parts in the place of the panel that was pressed."""
    await interaction.response.edit_message(view=panel(*parts))


def fenced(text: str, limit: int = 2_600) -> str:
    """Return a longer text of somebody's as it is, in a block where nothing of it has a meaning."""
    if len(text) > limit:
        text = text[:limit].rstrip() + "…"
    harmless = text.replace("```", "`\u200b``")
    return f"```\n{harmless}\n```"


def quoted(text: str, limit: int) -> str:
    """Return a longer text of somebody's as a block quote that is read and copied as it was written, in at
    most `limit` characters."""
    shown: list[str] = []
    for line in text.splitlines():
        room = limit - sum(len(earlier) + 1 for earlier in shown) - len("> ")
        whole = escape(line)
        if len(whole) > room:
            return "\n".join([*shown, f"> {escape_within(line, max(room, 1))}"])
        shown.append(f"> {whole}")
    return "\n".join(shown)


def fitted(lines: list[str], limit: int = TEXT_LIMIT) -> str:
    """Return as many lines as fit into a message, and say how many did not."""
    shown: list[str] = []
    room = limit - 40
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            more = ngettext("-# … and {number} more", "-# … and {number} more", len(lines) - len(shown))
            return "\n".join([*shown, more])
        shown.append(line)
    return "\n".join(shown)


def short(text: str, limit: int = 100) -> str:
    """Return a text as a choice or an option of a menu can show it."""
    return shorten(text, limit)

"""Answering a message: with a reply, because nothing that only its author sees exists there."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable

import discord
from discord import ui

from bot.errors import DeliveryError, Refusal
from cogs.faults import translated
from cogs.language import speaking
from cogs.panels import Part, panel
from cogs.surface import Surface
from cogs.wording import refusal, unexpected

log = logging.getLogger(__name__)


async def run_for_message(
    surface: Surface, message: discord.Message, work: Callable[[discord.Message], Awaitable[None]]
) -> None:
    """Do what a message asks for, and answer whatever that raises, in the language of its place."""
    surface.guard.enter()
    try:
        with speaking(surface.audiences.languages.of(await surface.audiences.of_message(message))):
            await _guarded(message, work)
    except Exception:
        log.exception("message %s broke", message.id)


async def _guarded(message: discord.Message, work: Callable[[discord.Message], Awaitable[None]]) -> None:
    try:
        await work(message)
    except Refusal as error:
        log.info("message %s refused: %s", message.id, error)
        await answer_message(message, refusal(error))
    except DeliveryError as error:
        log.warning("message %s: %s", message.id, error)
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error("message %s broke, reference %s", message.id, reference, exc_info=error)
        await answer_message(message, unexpected(reference, error))


async def answer_message(
    message: discord.Message | discord.PartialMessage, *parts: Part, view: ui.LayoutView | None = None
) -> None:
    """Reply; where that is not possible (the thread is gone, or locked), there is nobody to tell."""
    reference = discord.MessageReference(
        message_id=message.id, channel_id=message.channel.id, fail_if_not_exists=False
    )
    try:
        async with translated():
            await message.channel.send(
                view=view or panel(*parts),
                reference=reference,
                allowed_mentions=discord.AllowedMentions.none(),
            )
    except DeliveryError as error:
        log.info("message %s could not be answered: %s", message.id, error)

"""Which messages are meant for a conversation, and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass

import discord

from bot.domain.requests import Source
from cogs.pictures_in import source_of

ASIDE = "//"  # begins what people say to each other
JOINING = "+"  # begins what is added to a message that waits
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a message says to the bot."""

    words: str
    sources: tuple[Source, ...] = ()
    joins: bool = False


def meant(message: discord.Message, own_id: int) -> Meant | None:
    """Return what a message says; None where it is not meant for the bot.

    That is one that begins with ``//``, one that only mentions somebody else, and one that says nothing: a
    sticker, a forwarded message, or words that Discord does not let the bot read.
    """
    text = _without_us(message.content, own_id)
    if text.startswith(ASIDE):
        return None
    sources = tuple(source_of(attachment) for attachment in message.attachments)
    mentions_us = text != message.content.strip()
    if not text and not sources:
        return Meant("") if mentions_us else None
    if text and not sources and not _MENTION.sub("", text).strip():
        return None
    if text.startswith(JOINING):
        return Meant(text.removeprefix(JOINING).strip(), sources, joins=True)
    return Meant(text, sources)


def _without_us(text: str, own_id: int) -> str:
    """Return somebody's words without the mention of the bot that addresses it, at their beginning or end."""
    us = rf"<@!?{own_id}>"
    return re.sub(rf"^(?:\s*{us})+|(?:{us}\s*)+$", "", text).strip()

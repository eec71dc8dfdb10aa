"""Pictures that stand in messages and commands: which there are, and which of them are ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import discord

from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.requests import Source

# What the bot names the files that it posts (`bot.domain.images.Image.filename`).
_OURS = re.compile(rf"plantain-([{ALPHABET}]{{{LENGTH}}})\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Found:
    """One picture in a message: a kept one of ours by its id, or somebody's attachment."""

    label: str
    image_id: str | None = None
    source: Source | None = None


def source_of(attachment: discord.Attachment) -> Source:
    """Return an attachment as what it claims to be."""
    return Source(attachment.url, attachment.filename, attachment.size, attachment.content_type)


def pictures_in(message: discord.Message, own_id: int | None) -> list[Found]:
    """Return the pictures of a message, in the order in which people see them.

    Discord leaves attachments out of a message that shows them in a gallery (as the bot's own do), so both
    are looked at, and in forwarded messages, too. Whether somebody may use a picture of ours is decided where
    its id is looked up.
    """
    found: list[Found] = []
    for media in _media(message):
        name = _name_of(media)
        match = _OURS.fullmatch(name)
        if match and message.author.id == own_id:
            found.append(Found(match[1], image_id=match[1]))
        elif (media.content_type or "").startswith("image/"):
            found.append(Found(name, source=_source(media, name, message.id)))
    return list({(item.image_id, item.source and item.source.url): item for item in found}.values())


def _source(media: discord.Attachment | discord.UnfurledMediaItem, name: str, message_id: int) -> Source:
    """Return a picture of a message as what it claims to be; of a gallery's, Discord says no size."""
    if isinstance(media, discord.Attachment):
        return replace(source_of(media), message_id=message_id)
    return Source(media.url, name, 0, media.content_type, message_id)


def _media(message: discord.Message) -> Iterator[discord.Attachment | discord.UnfurledMediaItem]:
    yield from _shown_in(message)
    for forwarded in message.message_snapshots:
        yield from _shown_in(forwarded)


def _shown_in(
    message: discord.Message | discord.MessageSnapshot,
) -> Iterator[discord.Attachment | discord.UnfurledMediaItem]:
    yield from message.attachments
    for component in _walk(message.components):
        if isinstance(component, discord.MediaGalleryComponent):
            yield from (item.media for item in component.items)


def _walk(components: Any) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))


def _name_of(media: discord.Attachment | discord.UnfurledMediaItem) -> str:
    if isinstance(media, discord.Attachment):
        return media.filename
    return urlsplit(media.url).path.rpartition("/")[2]

"""A message as it is shown: its text, pictures and buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import discord
import simcord

from cogs.cards import _STAGES
from cogs.language import Languages

LANGUAGES = Languages.shipped()
TEXT_DISPLAY, BUTTON, MEDIA_GALLERY = 10, 2, 12
# What the head of a card says while its picture is being made, in every language.
STAGES = tuple(
    language.sentences.gettext(stage)
    for code in LANGUAGES.codes
    if (language := LANGUAGES.get(code))
    for stage in _STAGES.values()
)


@dataclass(frozen=True)
class Media:
    data: bytes = field(repr=False)
    description: str | None
    filename: str


@dataclass(frozen=True)
class Seen:
    """A live view of one message: it shows what the message shows now."""

    env: simcord.Env
    channel_id: int
    id: int

    @property
    def _message(self) -> Any:
        return self.env.backend.get_message(self.channel_id, self.id)

    @property
    def gone(self) -> bool:
        return self.id not in self.env.backend.messages.get(self.channel_id, {})

    @property
    def message(self) -> simcord.ResponseMessage:
        """What people's actions take."""
        return simcord.ResponseMessage(self.env, self._message)

    @property
    def text(self) -> str:
        texts = [item["content"] for item in self._walk() if item["type"] == TEXT_DISPLAY]
        return "\n".join(filter(None, [self._message.content, *texts]))

    @property
    def media(self) -> list[Media]:
        items = [item for part in self._walk() if part["type"] == MEDIA_GALLERY for item in part["items"]]
        return [
            Media(
                self.env.backend.cdn.get(item["media"]["url"]) or b"",
                item.get("description"),
                item["media"]["url"].rpartition("/")[2],
            )
            for item in items
        ]

    @property
    def attachments(self) -> list[Any]:
        return list(self._message.attachments)

    @property
    def buttons(self) -> dict[str, str]:
        """custom_id by label; the address of one that is a link."""
        found = [item for item in self._walk() if item["type"] == BUTTON]
        return {item["label"]: item.get("custom_id") or item["url"] for item in found}

    @property
    def flags(self) -> discord.MessageFlags:
        return discord.MessageFlags._from_value(self._message.flags)

    @property
    def pings(self) -> set[int]:
        return {*self._message.ping_user_ids, *self._message.ping_role_ids}

    @property
    def final(self) -> bool:
        return not any(stage in self.text for stage in STAGES) and bool(self.text)

    @property
    def own(self) -> bool:
        """Whether the bot posted it by itself, not as an answer to an interaction."""
        return self._message.interaction_metadata is None

    def _walk(self) -> Iterator[dict[str, Any]]:
        yield from simcord.components.walk_components(self._message.components)

"""What a person would see of a message: its texts, buttons, pictures."""

from __future__ import annotations

from dataclasses import dataclass

from .rules import media_slots, walk
from .values import Attachment, Json, Message


@dataclass(frozen=True, slots=True)
class Button:
    """A button; `custom_id` is None for a link."""

    label: str
    custom_id: str | None
    disabled: bool
    style: int
    url: str | None
    emoji: str | None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file that a message shows: address, alt text, the attachment behind it if any."""

    url: str
    description: str | None
    spoiler: bool
    attachment: Attachment | None

    @property
    def data(self) -> bytes:
        """The bytes of the attachment; raises LookupError where there is none."""
        if self.attachment is None:
            raise LookupError(f"{self.url} is no attachment of this message")
        return self.attachment.data


def texts(message: Message) -> list[str]:
    """Every piece of text, in the order in which it is shown: content, embeds, text displays."""
    found = [message.content] if message.content else []
    for embed in message.embeds:
        found += [embed[name] for name in ("title", "description") if embed.get(name)]
        for field in embed.get("fields") or ():
            found += [field["name"], field["value"]]
        found += [part["text"] for part in [embed.get("footer") or {}] if part.get("text")]
    return found + [each["content"] for each in walk(message.components) if each["type"] == 10]


def text(message: Message) -> str:
    """All of `texts` in one, a line each."""
    return "\n".join(texts(message))


def buttons(message: Message) -> list[Button]:
    """Every button, in order."""
    return [
        Button(
            label=each.get("label") or "",
            custom_id=each.get("custom_id"),
            disabled=bool(each.get("disabled")),
            style=each["style"],
            url=each.get("url"),
            emoji=(each.get("emoji") or {}).get("name"),
        )
        for each in walk(message.components)
        if each["type"] == 2
    ]


def selects(message: Message) -> list[Json]:
    """Every select menu as Discord has it, in order."""
    return [each for each in walk(message.components) if each["type"] in (3, 5, 6, 7, 8)]


def media(message: Message) -> list[Media]:
    """Every picture and file shown: in components, in embeds, then plain ones (not with V2)."""
    by_id = {str(item.id): item for item in message.attachments}
    descriptions: dict[int, Json] = {}
    for component in walk(message.components):
        for item in component.get("items") or ():
            descriptions[id(item["media"])] = item
        for name in ("media", "file"):
            if isinstance(component.get(name), dict):
                descriptions[id(component[name])] = component
    found = [
        Media(
            url=slot["url"],
            description=descriptions.get(id(slot), {}).get("description"),
            spoiler=bool(descriptions.get(id(slot), {}).get("spoiler")),
            attachment=by_id.get(slot.get("attachment_id") or ""),
        )
        for slot in media_slots(message.components, message.embeds)
    ]
    if message.v2:
        return found
    plain = [item for item in message.attachments if item.id not in message.embedded]
    return found + [Media(each.url, each.description, False, each) for each in plain]

"""Which pictures a message holds: attachments, galleries, and what was forwarded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord

from cogs.pictures_in import pictures_in

OURS, OTHERS = 1, 2
CDN = "https://cdn.discordapp.com/attachments/5/6"


def attachment(name: str, kind: str | None = "image/png") -> discord.Attachment:
    data: Any = {"id": "6", "filename": name, "size": 9, "url": f"{CDN}/{name}", "proxy_url": f"{CDN}/{name}"}
    if kind is not None:
        data["content_type"] = kind
    state: Any = SimpleNamespace(http=None)
    return discord.Attachment(data=data, state=state)


def gallery(*items: tuple[str, str]) -> discord.MediaGalleryComponent:
    media = [{"media": {"url": f"{CDN}/{name}", "content_type": kind}} for name, kind in items]
    data: Any = {"type": 12, "id": 1, "items": media}
    return discord.MediaGalleryComponent(data, None)


def message(author: int = OTHERS, *, snapshots: Any = (), **parts: Any) -> Any:
    empty: dict[str, Any] = {"attachments": [], "components": []}
    return SimpleNamespace(
        id=77,
        **(empty | parts),
        author=SimpleNamespace(id=author),
        message_snapshots=[SimpleNamespace(**(empty | snapshot)) for snapshot in snapshots],
    )


def test_what_people_attached_in_its_order_without_what_is_no_picture() -> None:
    files = [
        attachment("a.png"),
        attachment("b.txt", "text/plain"),
        attachment("c", None),
        attachment("d.jpg"),
    ]
    found = pictures_in(message(attachments=files), OURS)
    assert [(item.label, item.image_id, item.source is not None) for item in found] == [
        ("a.png", None, True),
        ("d.jpg", None, True),
    ]


def test_our_own_pictures_are_known_by_their_names_only_where_we_posted_them() -> None:
    shown = gallery(("plantain-k7f3q9z.jpg", "image/jpeg"))
    assert [item.image_id for item in pictures_in(message(OURS, components=[shown]), OURS)] == ["k7f3q9z"]
    (imitated,) = pictures_in(message(OTHERS, components=[shown]), OURS)
    assert imitated.image_id is None
    assert imitated.source is not None and imitated.source.url == f"{CDN}/plantain-k7f3q9z.jpg"


def test_galleries_of_other_bots_and_forwarded_messages_count() -> None:
    shown = gallery(("x.png", "image/png"), ("film.mp4", "video/mp4"))
    forwarded = [{"attachments": [attachment("y.png")]}, {"components": [shown]}]
    found = pictures_in(message(components=[shown], snapshots=forwarded), OURS)
    assert [item.label for item in found] == ["x.png", "y.png"]
    assert [item.source and item.source.message_id for item in found] == [77, 77]

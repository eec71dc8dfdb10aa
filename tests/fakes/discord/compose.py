"""From a request body and its files to the state of a message, new or edited."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import errors, rules
from .values import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Attachment,
    Channel,
    Json,
    Member,
    Message,
    SentFile,
)
from .world import World, now_ms

SUPPRESS_EMBEDS = 1 << 2
SETTABLE = SUPPRESS_EMBEDS | EPHEMERAL | COMPONENTS_V2 | 1 << 12

_MENTION = re.compile(r"<@!?(\d+)>|<@&(\d+)>|@(everyone|here)")
_FILE_FIELD = re.compile(r"files\[(\d+)\]")


def blank(world: World, channel: Channel, author: Member, **fields: Any) -> Message:
    """A message before anything is in it; give it to `compose`."""
    return Message(
        id=world.snowflake(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=author.id,
        created_ms=now_ms(),
        at=0.0,
        **fields,
    )


def compose(
    world: World,
    base: Message,
    payload: Mapping[str, Any],
    files: Sequence[SentFile],
    *,
    size_limit: int,
    ephemeral: bool = False,
) -> Message:
    """Return `base` with what the payload says, checked as Discord does; fields that are absent stay.

    Raises `ApiError`: 413 for a file above `size_limit` bytes, 400 for a body that breaks a rule.
    """
    if any(file.size > size_limit for file in files):
        raise errors.too_large()
    flags = _flags(base, payload)
    content = payload["content"] or "" if "content" in payload else base.content
    attachments = _attachments(world, base, payload, files, ephemeral=ephemeral)
    embeds, components = base.embeds, base.components
    if "embeds" in payload:
        embeds = tuple(copy.deepcopy(payload["embeds"] or []))
    if "components" in payload:
        components = tuple(copy.deepcopy(payload["components"] or []))
    rules.check_body(content, embeds, components, v2=bool(flags & COMPONENTS_V2))
    embedded = _resolve_media(components, embeds, attachments)
    if flags & COMPONENTS_V2:
        _number(components)
    if not (content or embeds or attachments or components):
        raise errors.empty_message()
    return replace(
        base,
        content=content,
        embeds=embeds,
        components=components,
        attachments=attachments,
        embedded=embedded,
        flags=flags,
        pings=_pings(content, components, payload.get("allowed_mentions")),
    )


def edited(base: Message) -> Message:
    """Mark a message as edited now."""
    return replace(base, edited_ms=now_ms())


def _flags(base: Message, payload: Mapping[str, Any]) -> int:
    wanted = int(payload.get("flags") or 0) & SETTABLE
    if base.flags & COMPONENTS_V2 and payload.get("flags") is not None and not wanted & COMPONENTS_V2:
        raise errors.invalid(
            "flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The flag cannot be removed."
        )
    keep = base.flags & (EPHEMERAL | COMPONENTS_V2) & ~LOADING
    return keep | wanted


def _attachments(
    world: World, base: Message, payload: Mapping[str, Any], files: Sequence[SentFile], *, ephemeral: bool
) -> tuple[Attachment, ...]:
    """Kept ones, then new ones. Without a list all are kept; a listed id is an old file's or a `files[n]`."""
    listed: Sequence[Json] | None = payload.get("attachments")
    old = {str(item.id): item for item in base.attachments}
    new: dict[str, SentFile] = {}
    for file in files:
        match = _FILE_FIELD.fullmatch(file.name)
        if match is None:
            raise errors.invalid("attachments", "BAD_FIELD", f"Unknown form field {file.name!r}.")
        new[match[1]] = file
    kept = list(old.values()) if listed is None else []
    described: dict[str, Json] = {}
    for entry in listed or ():
        key = str(entry["id"])
        if key in old:
            kept.append(replace(old[key], description=entry.get("description") or old[key].description))
        elif key in new:
            described[key] = entry
        else:
            raise errors.invalid("attachments", "ATTACHMENT_NOT_FOUND", f"No file for attachment {key}.")
    made = [
        _attachment(world, base.channel_id, file, described.get(key, {}), ephemeral=ephemeral)
        for key, file in new.items()
    ]
    if len(kept) + len(made) > 10:
        raise errors.invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    return (*kept, *made)


def _attachment(world: World, channel_id: int, file: SentFile, entry: Json, *, ephemeral: bool) -> Attachment:
    name = re.sub(r"[^\w.\-]", "", (entry.get("filename") or file.filename).replace(" ", "_")) or "unknown"
    made = world.files.attach(
        channel_id=channel_id,
        filename=name,
        size=file.size,
        digest=file.digest,
        head=file.head,
        kept=file.kept,
        ephemeral=ephemeral,
    )
    return replace(made, description=entry.get("description"))


def _resolve_media(
    components: Sequence[Json], embeds: Sequence[Json], attachments: Sequence[Attachment]
) -> frozenset[int]:
    """Put addresses where `attachment://name` stands; return the attachments that are shown that way."""
    by_name = {item.filename: item for item in attachments}
    by_url = {item.url: item for item in attachments}
    shown: set[int] = set()
    for slot in rules.media_slots(components, embeds):
        url: str = slot["url"]
        item = by_url.get(url)
        if url.startswith("attachment://"):
            item = by_name.get(url.removeprefix("attachment://"))
            if item is None:
                raise errors.invalid("components", "MEDIA_ATTACHMENT_NOT_FOUND", f"No attachment for {url}")
        if item is None:
            continue
        shown.add(item.id)
        slot |= {
            "url": item.url,
            "proxy_url": item.proxy_url,
            "width": item.width,
            "height": item.height,
            "content_type": item.content_type,
            "attachment_id": str(item.id),
        }
    return frozenset(shown)


def _number(components: Sequence[Json]) -> None:
    """Give every component an id, as Discord does where none was sent."""
    everything = list(rules.walk(components))
    taken = {each["id"] for each in everything if each.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    for each in everything:
        if not each.get("id"):
            each["id"] = next(free)


def _pings(content: str, components: Sequence[Json], allowed: Mapping[str, Any] | None) -> frozenset[str]:
    """Whom the text notifies, after allowed_mentions (Discord's documentation, Allowed Mentions Object)."""
    texts = [content, *(each.get("content") or "" for each in rules.walk(components) if each["type"] == 10)]
    pings: set[str] = set()
    for user_id, role_id, everyone in _MENTION.findall("\n".join(texts)):
        kind, name = next(
            (kind, name)
            for kind, name in (("users", user_id), ("roles", role_id), ("everyone", everyone))
            if name
        )
        if (
            allowed is None
            or kind in (allowed.get("parse") or ())
            or name in map(str, allowed.get(kind) or ())
        ):
            pings.add("everyone" if kind == "everyone" else name)
    return frozenset(pings)

"""What Discord refuses about the body of a message, beyond types and lengths of single fields.

The OpenAPI description (see `spec`) does not say these: Components V2 beside content, 40 components, 4,000
characters, custom_ids that repeat, 6,000 characters of embeds, `attachment://` that names nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .errors import invalid
from .values import Json

LEGACY_TYPES = frozenset((1, 2, 3, 5, 6, 7, 8))
"""Action rows, buttons and selects: the only components without the V2 flag."""


def walk(components: Sequence[Any]) -> Iterator[Json]:
    """Every component, nested ones included, in the order in which they are shown."""
    for component in components:
        yield component
        yield from walk(component.get("components") or ())
        for name in ("accessory", "component"):
            if isinstance(component.get(name), dict):
                yield from walk((component[name],))


def media_slots(components: Sequence[Json], embeds: Sequence[Json]) -> Iterator[Json]:
    """Every object whose `url` may name an attachment: media items, thumbnails, files, embed pictures."""
    for component in walk(components):
        for item in component.get("items") or ():
            yield item["media"]
        for name in ("media", "file"):
            if isinstance(component.get(name), dict):
                yield component[name]
    for embed in embeds:
        for name in ("image", "thumbnail"):
            if isinstance(embed.get(name), dict):
                yield embed[name]


def check_body(content: str, embeds: Sequence[Json], components: Sequence[Json], *, v2: bool) -> None:
    """Raise the 400 that Discord answers to such a message."""
    if len(content) > 2000:
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    if v2:
        _check_v2(content, embeds, components)
    else:
        _check_legacy(embeds, components)
    _check_custom_ids(components)


def _check_v2(content: str, embeds: Sequence[Json], components: Sequence[Json]) -> None:
    for name, value in (("content", content), ("embeds", embeds)):
        if value:
            raise invalid(
                name,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )
    everything = list(walk(components))
    if len(everything) > 40:
        raise invalid("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "At most 40 components.")
    if sum(len(each.get("content") or "") for each in everything if each["type"] == 10) > 4000:
        raise invalid("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "At most 4000 characters.")
    for each in everything:
        if each["type"] == 12 and not 1 <= len(each.get("items") or ()) <= 10:
            raise invalid("components", "BASE_TYPE_BAD_LENGTH", "A gallery holds 1 to 10 items.")


def _check_legacy(embeds: Sequence[Json], components: Sequence[Json]) -> None:
    if any(each["type"] not in LEGACY_TYPES for each in walk(components)):
        raise invalid("components", "UNION_TYPE_CHOICES", "Components V2 need MessageFlags.IS_COMPONENTS_V2.")
    if len(components) > 5 or any(each["type"] != 1 for each in components):
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", "Must be 5 or fewer action rows.")
    if len(embeds) > 10:
        raise invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if sum(map(_embed_size, embeds)) > 6000:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _embed_size(embed: Mapping[str, Any]) -> int:
    size = len(embed.get("title") or "") + len(embed.get("description") or "")
    size += len((embed.get("footer") or {}).get("text") or "") + len(
        (embed.get("author") or {}).get("name") or ""
    )
    return size + sum(len(each["name"]) + len(each["value"]) for each in embed.get("fields") or ())


def _check_custom_ids(components: Sequence[Json]) -> None:
    seen: set[str] = set()
    for each in walk(components):
        if each["type"] == 1 and not 1 <= len(each.get("components") or ()) <= 5:
            raise invalid("components", "BASE_TYPE_BAD_LENGTH", "An action row holds 1 to 5 components.")
        custom_id = each.get("custom_id")
        if custom_id is None:
            continue
        if not 1 <= len(custom_id) <= 100:
            raise invalid("components", "BASE_TYPE_BAD_LENGTH", "custom_id: 1 to 100 characters.")
        if custom_id in seen:
            raise invalid(
                "components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
            )
        seen.add(custom_id)


def check_modal(data: Mapping[str, Any]) -> None:
    """Raise the 400 that Discord answers to such a modal."""
    if not 1 <= len(data.get("title") or "") <= 45:
        raise invalid("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        raise invalid("data.custom_id", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if not 1 <= len(data.get("components") or ()) <= 5:
        raise invalid("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    _check_custom_ids([each for each in data["components"] if each["type"] != 1])

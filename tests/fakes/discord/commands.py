"""From what a test says to the `data` of an interaction, typed as the bot registered its commands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import payloads
from .rules import walk
from .values import Attachment, Channel, Json, Member, Role, Upload
from .world import World

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, NUMBER, ATTACHMENT = 1, 2, 3, 4, 5, 10, 11


class Resolved:
    """The `resolved` part: the objects that ids in the data stand for."""

    def __init__(self, world: World, channel: Channel) -> None:
        self._world = world
        self._channel = channel
        self.data: Json = {}

    def add(self, value: Upload | bytes | Member | Channel | Role) -> str:
        """Add an object; returns its id as the data names it."""
        if isinstance(value, bytes):
            value = Upload("image.png", value)
        if isinstance(value, Upload):
            item = attach(self._world, self._channel, value, ephemeral=True)
            self._put("attachments", item.id, payloads.attachment(item))
            return str(item.id)
        if isinstance(value, Member):
            self._put("users", value.id, payloads.user(value))
            if value.guild_id is not None:
                person = payloads.member(self._world, value, with_user=False)
                permissions = self._world.permissions(value, self._channel)
                self._put("members", value.id, person | {"permissions": str(permissions)})
        elif isinstance(value, Channel):
            self._put("channels", value.id, payloads.channel(self._world, value) | {"permissions": "0"})
        else:
            self._put("roles", value.id, payloads.role(value))
        return str(value.id)

    def _put(self, kind: str, object_id: int, data: Json) -> None:
        self.data.setdefault(kind, {})[str(object_id)] = data


def attach(world: World, channel: Channel, upload: Upload, *, ephemeral: bool = False) -> Attachment:
    """Put a member's file on the CDN, with the claims that the test wants made about it."""
    item = world.files.attach(
        channel_id=channel.id,
        filename=upload.filename,
        size=len(upload.data) if upload.size is None else upload.size,
        digest=hashlib.sha256(upload.data).hexdigest(),
        head=upload.data[:65_536],
        kept=upload.data,
        content_type=upload.content_type,
        ephemeral=ephemeral,
    )
    if upload.width is None:
        return item
    return replace(item, width=upload.width, height=upload.height)


def find_command(world: World, name: str, kind: int, guild_id: int | None) -> Json:
    """The registered command of that name and type, one of the server before a global one."""
    for scope in (guild_id, None):
        for command in world.commands.get(scope, {}).values():
            if command["name"] == name and command["type"] == kind:
                return command
    known = sorted(c["name"] for scope in world.commands.values() for c in scope.values())
    raise LookupError(f"no command {name!r} of type {kind} is registered; there are: {known}")


def check_offered(command: Json, context: int, *, user_installed: bool) -> None:
    """Raise LookupError where Discord would not offer the command at all."""
    contexts: Sequence[int] | None = command.get("contexts")
    if contexts is not None and context not in contexts:
        raise LookupError(f"/{command['name']} is not offered in context {context}, only in {contexts}")
    if user_installed and 1 not in command["integration_types"]:
        raise LookupError(f"/{command['name']} cannot be installed to a user")


def slash_data(
    world: World, channel: Channel, path: str, options: Mapping[str, Any], focused: str | None = None
) -> tuple[Json, Json]:
    """The data of a slash command like "imagine" or "mod queue", and the registered root command.

    Values are not checked against choices or ranges: a modified client can send anything. Raises
    LookupError for a command or an option that is not registered.
    """
    root, *rest = path.split()
    command = find_command(world, root, 1, channel.guild_id)
    level = command
    for name in rest:
        level = next(
            (each for each in level.get("options") or () if each["name"] == name and each["type"] in (1, 2)),
            {},
        )
        if not level:
            raise LookupError(f"/{path}: {name!r} is no subcommand")
    resolved = Resolved(world, channel)
    known = {each["name"]: each for each in level.get("options") or () if each["type"] > GROUP}
    filled: list[Json] = []
    for name, value in options.items():
        if name not in known:
            raise LookupError(f"/{path} has no option {name!r}; it has {sorted(known)}")
        filled.append(_option(known[name], value, resolved, focused=name == focused))
    for name in reversed(rest):
        kind = SUBCOMMAND if name == rest[-1] else GROUP
        filled = [{"name": name, "type": kind, "options": filled}]
    data: Json = {"id": command["id"], "name": root, "type": 1, "options": filled}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    if resolved.data:
        data["resolved"] = resolved.data
    return data, command


def _option(registered: Json, value: Any, resolved: Resolved, *, focused: bool) -> Json:
    kind = registered["type"]
    option: Json = {"name": registered["name"], "type": kind, "value": value}
    if focused:
        return option | {"focused": True}
    if isinstance(value, Upload | bytes | Member | Channel | Role):
        option["value"] = resolved.add(value)
    elif kind == STRING:
        option["value"] = str(value)
    elif kind == NUMBER:
        option["value"] = float(value)
    return option


def modal_data(world: World, channel: Channel, modal: Json, values: Mapping[str, Any]) -> Json:
    """The data of a filled modal. `values` go by custom_id, or by the label that a person reads.

    A field without a value keeps its default. Raises LookupError for a value that has no field.
    """
    resolved = Resolved(world, channel)
    left = dict(values)
    components = [_field(each, left, resolved) for each in modal["components"]]
    if left:
        fields = [each.get("custom_id") or each.get("label") for each in walk(modal["components"])]
        raise LookupError(f"the modal has no fields {sorted(left)}; it has {[f for f in fields if f]}")
    data: Json = {"custom_id": modal["custom_id"], "components": components}
    if resolved.data:
        data["resolved"] = resolved.data
    return data


def _field(component: Json, left: dict[str, Any], resolved: Resolved, label: str | None = None) -> Json:
    kind = component["type"]
    filled: Json = {"type": kind, "id": component.get("id", 0)}
    if kind == 1:
        return filled | {"components": [_field(each, left, resolved) for each in component["components"]]}
    if kind == 18:
        return filled | {"component": _field(component["component"], left, resolved, component["label"])}
    if "custom_id" not in component:
        return filled
    filled["custom_id"] = component["custom_id"]
    names = (component["custom_id"], label, component.get("label"))
    value = next((left.pop(name) for name in names if name in left), None)
    if kind in (4, 21):
        return filled | {"value": component.get("value", "") if value is None and kind == 4 else value}
    if kind == 23:
        return filled | {"value": bool(component.get("default")) if value is None else bool(value)}
    if value is None:
        value = [each["value"] for each in component.get("options") or () if each.get("default")]
    many = value if isinstance(value, list | tuple) else [value]
    return filled | {"values": [each if isinstance(each, str) else resolved.add(each) for each in many]}

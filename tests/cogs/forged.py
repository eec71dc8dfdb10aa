"""Interactions that no Discord client sends: values that a picker does not offer, buttons that are not there.

SimCord's actors do only what a person can; this puts the payload of an interaction together by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import simcord
from simcord import interactions
from simcord.backend import serializers
from simcord.enums import InteractionType

from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage

STRING, INTEGER, BOOLEAN = 3, 4, 5
ACTION_ROW, BUTTON = 1, 2


def options(**values: Any) -> list[dict[str, Any]]:
    """The options of a command, each with the type that its value has."""
    kinds = {str: STRING, int: INTEGER, bool: BOOLEAN}
    return [{"name": name, "type": kinds[type(value)], "value": value} for name, value in values.items()]


async def send(
    stage: Stage,
    who: Person,
    kind: InteractionType,
    data: Mapping[str, Any],
    *,
    channel: simcord.ChannelHandle | None = None,
    guild_id: int | None = None,
    twice: bool = False,
    **extra: Any,
) -> simcord.InteractionResult:
    """Send an INTERACTION_CREATE, `twice`: the same one again at once; `extra` goes over the payload."""
    where = channel or stage.channel
    if guild_id is None and isinstance(who, simcord.MemberActor):
        guild_id = who.guild.id
    record, payload = interactions.base_payload(
        stage.env.backend,
        type=kind,
        channel_id=where.id,
        guild_id=guild_id,
        user_id=who.id,
        data=dict(data),
    )
    payload.update(extra)
    if "message" in extra:
        record.source_message_id = int(extra["message"]["id"])
    for _ in range(1 + twice):
        stage.env.backend.emit("INTERACTION_CREATE", payload)
    await stage.env.settle()
    return simcord.InteractionResult(stage.env, record)


async def command(
    stage: Stage, who: Person, name: str, values: Mapping[str, Any], **how: Any
) -> simcord.InteractionResult:
    """Send a slash command with any values."""
    data = {"id": "1", "name": name, "type": 1, "options": options(**values)}
    return await send(stage, who, InteractionType.APPLICATION_COMMAND, data, **how)


async def press(
    stage: Stage, who: Person, card: Seen, custom_id: str, *, held: bool = True, **how: Any
) -> simcord.InteractionResult:
    """Press a button with any custom_id under a message; `held`: the message is said to hold that button."""
    stored = stage.env.backend.get_message(card.channel_id, card.id)
    message = copy.deepcopy(dict(serializers.message_payload(stage.env.backend, stored)))
    if held:
        button = {"type": BUTTON, "style": 2, "label": "forged", "custom_id": custom_id}
        message["components"] = [{"type": ACTION_ROW, "components": [button]}]
    data = {"custom_id": custom_id, "component_type": BUTTON}
    return await send(stage, who, InteractionType.MESSAGE_COMPONENT, data, message=message, **how)


async def submit(stage: Stage, who: Person, custom_id: str) -> simcord.InteractionResult:
    """Submit a modal that nobody showed."""
    data = {"custom_id": custom_id, "components": []}
    return await send(stage, who, InteractionType.MODAL_SUBMIT, data)


async def autocomplete(stage: Stage, who: Person, name: str, option: str) -> simcord.InteractionResult:
    """Ask for what a picker offers, of any command."""
    focused = {"name": option, "type": STRING, "value": "", "focused": True}
    data = {"id": "1", "name": name, "type": 1, "options": [focused]}
    return await send(stage, who, InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, data)

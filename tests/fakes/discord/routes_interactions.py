"""Answers to interactions: the callback, the original response, follow-ups."""

from __future__ import annotations

import time
from dataclasses import replace

from . import errors, payloads, rules
from .compose import blank, compose, edited
from .pending import (
    ACK_DEADLINE,
    CHOICES,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    UPDATE,
    Pending,
)
from .rest import Call, Reply, Route
from .values import EPHEMERAL, LOADING, Json, Message
from .world import World

# Which callbacks each interaction type takes (Discord's documentation, Interaction Callback Type).
_TAKES = {
    2: {MESSAGE, DEFERRED_MESSAGE, MODAL},
    3: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL},
    4: {CHOICES},
    5: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE},
}
_RESPONSE_TYPES = {2: 20, 3: 0, 5: 0}


def callback(world: World, call: Call) -> Reply:
    """POST /interactions/{id}/{token}/callback: the first answer, within three seconds."""
    pending = world.interactions.get(call.id("interaction"))
    if pending is None or pending.token != call.parts["token"]:
        raise errors.unknown("Interaction")
    if pending.acknowledged is not None:
        raise errors.already_acknowledged()
    if time.monotonic() - pending.sent_at > ACK_DEADLINE:
        raise errors.unknown("Interaction")
    kind = int(call.payload.get("type") or 0)
    data: Json = call.payload.get("data") or {}
    if kind not in _TAKES[pending.type] or (kind in (DEFERRED_UPDATE, UPDATE) and pending.source_id is None):
        raise errors.invalid("type", "BASE_TYPE_CHOICES", f"Callback type {kind} does not fit.")
    message = _respond(world, pending, kind, data, call)
    pending.acknowledge(kind, data)
    if call.record.query.get("with_response", "").lower() not in ("1", "true"):
        return 204, None
    return 200, _callback_response(world, pending, kind, message)


def _respond(world: World, pending: Pending, kind: int, data: Json, call: Call) -> Message | None:
    if kind == MODAL:
        rules.check_modal(data)
        return None
    if kind in (DEFERRED_UPDATE, UPDATE):
        source = world.messages.get(pending.source_id or 0)
        if source is None:
            raise errors.unknown("Message")
        pending.answer_with(source)
        if kind == DEFERRED_UPDATE:
            return None
        return world.store(edited(_composed(world, pending, source, data, call)))
    if kind == CHOICES:
        return None
    message = _new(world, pending, int(data.get("flags") or 0))
    if kind == DEFERRED_MESSAGE:
        message = replace(message, flags=message.flags | LOADING)
    else:
        message = _composed(world, pending, message, data, call)
    pending.answer_with(message)
    return world.store(message)


def _new(world: World, pending: Pending, flags: int) -> Message:
    ephemeral = flags & EPHEMERAL
    return blank(
        world,
        pending.channel,
        world.bot,
        type=_RESPONSE_TYPES[pending.type] if pending.original_id is None else 0,
        flags=ephemeral,
        interaction_id=pending.id,
        viewer_id=pending.member.id if ephemeral else None,
    )


def _composed(world: World, pending: Pending, base: Message, payload: Json, call: Call) -> Message:
    return compose(
        world,
        base,
        payload,
        call.files,
        size_limit=pending.attachment_size_limit,
        ephemeral=base.ephemeral,
    )


def _callback_response(world: World, pending: Pending, kind: int, message: Message | None) -> Json:
    interaction: Json = {"id": str(pending.id), "type": pending.type}
    if kind not in (MESSAGE, UPDATE, DEFERRED_MESSAGE) or message is None:
        return {"interaction": interaction}
    interaction |= {
        "response_message_id": str(message.id),
        "response_message_loading": message.loading,
        "response_message_ephemeral": message.ephemeral,
    }
    if kind == DEFERRED_MESSAGE:
        return {"interaction": interaction}
    resource = {"type": kind, "message": payloads.message(world, message)}
    return {"interaction": interaction, "resource": resource}


def _live(world: World, call: Call) -> Pending:
    """The interaction behind a token that still works and was acknowledged."""
    if call.id("webhook") != world.bot.id:
        raise errors.unknown("Webhook")
    pending = world.tokens.get(call.parts["token"])
    if pending is None or not pending.token_alive:
        raise errors.token_expired()
    if pending.acknowledged is None:
        raise errors.unknown("Webhook")
    return pending


def _addressed(world: World, call: Call) -> tuple[Pending, Message]:
    pending = _live(world, call)
    wanted = call.parts.get("message", "@original")
    if wanted == "@original":
        message_id = pending.original_id or 0
    else:
        message_id = call.id("message")
        if message_id not in (pending.original_id, *pending.followup_ids):
            raise errors.unknown("Message")
    message = world.messages.get(message_id)
    if message is None:
        raise errors.unknown("Message")
    return pending, message


def get_message(world: World, call: Call) -> Reply:
    """GET a response."""
    return 200, payloads.message(world, _addressed(world, call)[1])


def edit_message(world: World, call: Call) -> Reply:
    """PATCH a response; the first edit of a deferred one ends its "thinking…"."""
    pending, message = _addressed(world, call)
    composed = _composed(world, pending, message, call.payload, call)
    message = world.store(composed if message.loading else edited(composed))
    return 200, payloads.message(world, message)


def delete_message(world: World, call: Call) -> Reply:
    """DELETE a response."""
    world.remove(_addressed(world, call)[1])
    return 204, None


def follow_up(world: World, call: Call) -> Reply:
    """POST a follow-up; the first one after a deferral fills the deferred response, as at Discord."""
    pending = _live(world, call)
    original = pending.message
    if original is not None and original.loading:
        message = world.store(_composed(world, pending, original, call.payload, call))
        return 200, payloads.message(world, message)
    if pending.user_installed and len(pending.followup_ids) >= 5:
        raise errors.too_many_followups()
    base = _new(world, pending, int(call.payload.get("flags") or 0))
    message = _composed(world, pending, base, call.payload, call)
    pending.follow_up_with(message)
    world.store(message)
    return 200, payloads.message(world, message)


_RESPONSES = "/webhooks/{webhook}/{token}/messages/{message}"
ROUTES = (
    Route("POST", "/interactions/{interaction}/{token}/callback", callback, public=True),
    Route("POST", "/webhooks/{webhook}/{token}", follow_up, public=True),
    Route("GET", _RESPONSES, get_message, public=True),
    Route("PATCH", _RESPONSES, edit_message, public=True),
    Route("DELETE", _RESPONSES, delete_message, public=True),
)

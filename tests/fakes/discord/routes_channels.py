"""Channels, their messages and threads, as the bot may use them."""

from __future__ import annotations

from typing import Any

from . import errors, payloads
from .compose import blank, compose, edited
from .rest import Call, Reply, Route
from .values import Channel, Json, Message, SentFile
from .world import World


def _channel(world: World, call: Call, *permissions: str) -> Channel:
    channel = world.channels.get(call.id("channel"))
    if channel is None:
        raise errors.unknown("Channel")
    world.require(channel, *permissions)
    return channel


def _message(world: World, channel: Channel, message_id: int) -> Message:
    message = world.messages.get(message_id)
    if message is None or message.channel_id != channel.id or message.ephemeral:
        raise errors.unknown("Message")
    return message


def _size_limit(world: World, channel: Channel) -> int:
    if channel.guild_id is None:
        return 10 * 2**20
    return world.guilds[channel.guild_id].attachment_size_limit


def get_channel(world: World, call: Call) -> Reply:
    """GET a channel."""
    return 200, payloads.channel(world, _channel(world, call))


def edit_channel(world: World, call: Call) -> Reply:
    """PATCH a channel or thread: name, topic, archived, locked."""
    channel = _channel(world, call)
    own = channel.is_thread and channel.owner_id == world.bot.id
    if not own or "locked" in call.payload:
        world.require(channel, "manage_threads" if channel.is_thread else "manage_channels")
    for name in ("name", "topic", "archived", "locked"):
        if name in call.payload:
            setattr(channel, name, call.payload[name])
    world.update_channel(channel)
    return 200, payloads.channel(world, channel)


def delete_channel(world: World, call: Call) -> Reply:
    """DELETE a channel or thread."""
    channel = _channel(world, call)
    world.require(channel, "manage_threads" if channel.is_thread else "manage_channels")
    data = payloads.channel(world, channel)
    world.remove_channel(channel)
    return 200, data


def list_messages(world: World, call: Call) -> Reply:
    """GET messages, newest first; `before`, `after`, `around`, `limit`."""
    channel = _channel(world, call, "read_message_history")
    query = call.record.query
    found = [message for message in world.messages_in(channel.id) if not message.ephemeral]
    limit = int(query.get("limit", "50"))
    if "before" in query:
        found = [message for message in found if message.id < int(query["before"])]
    if "around" in query:
        middle = int(query["around"])
        found = sorted(found, key=lambda message: abs(message.id - middle))[:limit]
    elif "after" in query:
        found = [message for message in found if message.id > int(query["after"])][:limit]
    newest = sorted(found, key=lambda message: message.id, reverse=True)[:limit]
    return 200, [payloads.message(world, message) for message in newest]


def get_message(world: World, call: Call) -> Reply:
    """GET one message."""
    channel = _channel(world, call, "read_message_history")
    return 200, payloads.message(world, _message(world, channel, call.id("message")))


def create_message(world: World, call: Call) -> Reply:
    """POST a message as the bot."""
    channel = _channel(world, call)
    return 200, payloads.message(world, send(world, channel, call.payload, call.files))


def send(world: World, channel: Channel, payload: Json, files: tuple[SentFile, ...]) -> Message:
    """Post a message of the bot; an enforced nonce that was seen gives the message that it made."""
    if channel.type == 1 and not world.members[channel.recipient_id or 0].dms_open:
        raise errors.cannot_dm()
    needed = ["send_messages_in_threads" if channel.is_thread else "send_messages"]
    world.require(channel, *needed, *(["attach_files"] if files else []))
    nonce = str(payload["nonce"]) if payload.get("nonce") is not None else None
    earlier = world.messages.get(world.nonces.get((channel.id, nonce or ""), 0))
    if payload.get("enforce_nonce") and nonce and earlier is not None:
        return earlier
    reference = _reference(world, channel, payload.get("message_reference"))
    base = blank(
        world,
        channel,
        world.bot,
        nonce=nonce,
        reference_id=reference,
        type=19 if reference is not None else 0,
    )
    message = world.store(compose(world, base, payload, files, size_limit=_size_limit(world, channel)))
    if nonce:
        world.nonces[channel.id, nonce] = message.id
    if channel.is_thread:
        channel.archived = False
        channel.member_ids.add(world.bot.id)
    return message


def _reference(world: World, channel: Channel, reference: Json | None) -> int | None:
    if not reference:
        return None
    target = world.messages.get(int(reference["message_id"]))
    if target is not None and target.channel_id == channel.id and not target.ephemeral:
        return target.id
    if reference.get("fail_if_not_exists", True):
        raise errors.invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return None


def edit_message(world: World, call: Call) -> Reply:
    """PATCH a message of the bot."""
    channel = _channel(world, call)
    message = _message(world, channel, call.id("message"))
    if message.author_id != world.bot.id:
        raise errors.not_author()
    if call.files:
        world.require(channel, "attach_files")
    composed = compose(world, message, call.payload, call.files, size_limit=_size_limit(world, channel))
    return 200, payloads.message(world, world.store(edited(composed)))


def delete_message(world: World, call: Call) -> Reply:
    """DELETE a message: one's own always, others' with manage_messages."""
    channel = _channel(world, call)
    message = _message(world, channel, call.id("message"))
    if message.author_id != world.bot.id:
        if channel.type == 1:
            raise errors.ApiError(403, 50003, "Cannot execute action on a DM channel")
        world.require(channel, "manage_messages")
    world.remove(message)
    return 204, None


def typing(world: World, call: Call) -> Reply:
    """POST the typing indicator."""
    _channel(world, call, "send_messages")
    return 204, None


def add_reaction(world: World, call: Call) -> Reply:
    """PUT a reaction of the bot."""
    channel = _channel(world, call, "add_reactions", "read_message_history")
    message = _message(world, channel, call.id("message"))
    world.reactions.setdefault(message.id, []).append(call.parts["emoji"])
    world.notify(message)
    return 204, None


def remove_reaction(world: World, call: Call) -> Reply:
    """DELETE a reaction of the bot."""
    channel = _channel(world, call)
    message = _message(world, channel, call.id("message"))
    mine = world.reactions.get(message.id, [])
    if call.parts["emoji"] in mine:
        mine.remove(call.parts["emoji"])
    world.notify(message)
    return 204, None


def thread_from_message(world: World, call: Call) -> Reply:
    """POST a thread that hangs on a message; it has the message's id."""
    channel = _channel(world, call, "create_public_threads")
    message = _message(world, channel, call.id("message"))
    if message.thread_id is not None:
        raise errors.thread_exists()
    thread = _new_thread(world, channel, call.payload, 11, thread_id=message.id)
    world.attach_thread(message, thread)
    return 201, payloads.channel(world, thread)


def thread_in_channel(world: World, call: Call) -> Reply:
    """POST a thread of its own: public 11, private 12 (the default, as Discord has it)."""
    kind = int(call.payload.get("type") or 12)
    channel = _channel(world, call, "create_public_threads" if kind == 11 else "create_private_threads")
    return 201, payloads.channel(world, _new_thread(world, channel, call.payload, kind))


def _new_thread(
    world: World, channel: Channel, payload: Json, kind: int, thread_id: int | None = None
) -> Channel:
    name = payload.get("name") or ""
    if not 1 <= len(name) <= 100:
        raise errors.invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    fields: dict[str, Any] = {
        "id": thread_id,
        "type": kind,
        "parent_id": channel.id,
        "owner_id": world.bot.id,
    }
    guild = world.guilds[channel.guild_id or 0]
    return world.add_channel(name, guild, member_ids={world.bot.id}, **fields)


def change_thread_member(world: World, call: Call) -> Reply:
    """PUT or DELETE a member of a thread."""
    channel = _channel(world, call)
    user = call.parts["user"]
    member_id = world.bot.id if user == "@me" else call.id("user")
    if call.record.method == "PUT":
        channel.member_ids.add(member_id)
    else:
        channel.member_ids.discard(member_id)
    return 204, None


_MESSAGE = "/channels/{channel}/messages/{message}"
ROUTES = (
    Route("GET", "/channels/{channel}", get_channel),
    Route("PATCH", "/channels/{channel}", edit_channel),
    Route("DELETE", "/channels/{channel}", delete_channel),
    Route("GET", "/channels/{channel}/messages", list_messages),
    Route("POST", "/channels/{channel}/messages", create_message),
    Route("GET", _MESSAGE, get_message),
    Route("PATCH", _MESSAGE, edit_message),
    Route("DELETE", _MESSAGE, delete_message),
    Route("POST", "/channels/{channel}/typing", typing),
    Route("PUT", _MESSAGE + "/reactions/{emoji}/@me", add_reaction),
    Route("DELETE", _MESSAGE + "/reactions/{emoji}/@me", remove_reaction),
    Route("POST", _MESSAGE + "/threads", thread_from_message),
    Route("POST", "/channels/{channel}/threads", thread_in_channel),
    Route("PUT", "/channels/{channel}/thread-members/{user}", change_thread_member),
    Route("DELETE", "/channels/{channel}/thread-members/{user}", change_thread_member),
)

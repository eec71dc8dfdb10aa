"""The JSON that Discord sends, after its documentation and what discord.py 2.7.1 reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .values import Attachment, Channel, Guild, Json, Member, Message, Role

if TYPE_CHECKING:
    from .world import World


def timestamp(ms: int) -> str:
    """ISO 8601 with offset, as Discord writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def _born(snowflake: int) -> str:
    return timestamp((snowflake >> 22) + 1_420_070_400_000)


def user(member: Member) -> Json:
    """A user without a server."""
    return {
        "id": str(member.id),
        "username": member.name,
        "global_name": member.name,
        "discriminator": "0",
        "avatar": None,
        "bot": member.bot,
        "public_flags": 0,
    }


def member(world: World, person: Member, *, with_user: bool = True) -> Json:
    """A user as member of a server."""
    data: Json = {
        "roles": [str(role_id) for role_id in person.role_ids],
        "joined_at": _born(person.id),
        "premium_since": None,
        "nick": None,
        "avatar": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "communication_disabled_until": None,
        "flags": 0,
    }
    if with_user:
        data["user"] = user(person)
    return data


def role(item: Role) -> Json:
    """A role."""
    return {
        "id": str(item.id),
        "name": item.name,
        "permissions": str(item.permissions),
        "position": item.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(world: World, item: Channel) -> Json:
    """A channel or thread."""
    data: Json = {"id": str(item.id), "type": item.type, "flags": 0, "last_message_id": None}
    if item.type == 1:
        return data | {"recipients": [user(world.members[item.recipient_id or 0])]}
    data |= {"name": item.name, "guild_id": str(item.guild_id), "rate_limit_per_user": 0}
    if item.is_thread:
        return data | _thread_fields(world, item)
    overwrites: list[Json] = []
    if item.denied:
        overwrites = [{"id": str(world.bot.id), "type": 1, "allow": "0", "deny": str(item.denied)}]
    return data | {
        "position": 0,
        "permission_overwrites": overwrites,
        "parent_id": None,
        "topic": item.topic,
        "nsfw": False,
    }


def _thread_fields(world: World, item: Channel) -> Json:
    count = len(world.messages_in(item.id))
    data: Json = {
        "parent_id": str(item.parent_id),
        "owner_id": str(item.owner_id),
        "message_count": count,
        "total_message_sent": count,
        "member_count": len(item.member_ids),
        "thread_metadata": {
            "archived": item.archived,
            "locked": item.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": _born(item.id),
            "create_timestamp": _born(item.id),
        },
    }
    if world.bot.id in item.member_ids:
        data["member"] = {
            "id": str(item.id),
            "user_id": str(world.bot.id),
            "join_timestamp": _born(item.id),
            "flags": 0,
        }
    return data


def guild(world: World, item: Guild) -> Json:
    """A server, as GET /guilds/{id} has it."""
    return {
        "id": str(item.id),
        "name": item.name,
        "owner_id": str(item.owner_id),
        "icon": None,
        "splash": None,
        "banner": None,
        "description": None,
        "afk_timeout": 300,
        "afk_channel_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "vanity_url_code": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-GB",
        "features": [],
        "emojis": [],
        "stickers": [],
        "roles": [role(each) for each in item.roles.values()],
    }


def guild_create(world: World, item: Guild) -> Json:
    """A server with what is in it, as GUILD_CREATE has it."""
    mine = [each for each in world.channels.values() if each.guild_id == item.id]
    people = [each for each in world.members.values() if each.guild_id == item.id]
    return guild(world, item) | {
        "joined_at": _born(item.id),
        "large": False,
        "unavailable": False,
        "member_count": len(people),
        "members": [member(world, each) for each in people],
        "channels": [channel(world, each) for each in mine if not each.is_thread],
        "threads": [channel(world, each) for each in mine if each.is_thread and not each.archived],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(item: Attachment) -> Json:
    """A file on a message."""
    data: Json = {
        "id": str(item.id),
        "filename": item.filename,
        "size": item.size,
        "url": item.url,
        "proxy_url": item.proxy_url,
        "content_type": item.content_type,
    }
    if item.width is not None:
        data |= {"width": item.width, "height": item.height}
    if item.description is not None:
        data["description"] = item.description
    if item.ephemeral:
        data["ephemeral"] = True
    return data


def message(world: World, item: Message, *, nested: bool = True) -> Json:
    """A message. Attachments that components or embeds show are left out (discord-api-docs #8277)."""
    data: Json = {
        "id": str(item.id),
        "channel_id": str(item.channel_id),
        "type": item.type,
        "author": user(world.members[item.author_id]),
        "content": item.content,
        "timestamp": timestamp(item.created_ms),
        "edited_timestamp": timestamp(item.edited_ms) if item.edited_ms is not None else None,
        "tts": False,
        "pinned": False,
        "mention_everyone": "everyone" in item.pings,
        "mention_roles": [],
        "mentions": [
            user(world.members[int(i)]) for i in item.pings if i.isdigit() and int(i) in world.members
        ],
        "attachments": [attachment(each) for each in item.attachments if each.id not in item.embedded],
        "embeds": list(item.embeds),
        "components": list(item.components),
        "flags": item.flags,
    }
    if item.nonce is not None:
        data["nonce"] = item.nonce
    if item.thread_id is not None and item.thread_id in world.channels:
        data["thread"] = channel(world, world.channels[item.thread_id])
    if item.interaction_id is not None:
        data |= _interaction_fields(world, item)
    if item.reference_id is not None:
        data |= _reference(world, item, nested=nested)
    return data


def _interaction_fields(world: World, item: Message) -> Json:
    pending = world.interactions[item.interaction_id or 0]
    return {
        "application_id": str(world.bot.id),
        "webhook_id": str(world.bot.id),
        "interaction_metadata": {
            "id": str(pending.id),
            "type": pending.type,
            "user": user(pending.member),
            "authorizing_integration_owners": pending.payload["authorizing_integration_owners"],
        },
    }


def _reference(world: World, item: Message, *, nested: bool) -> Json:
    reference: Json = {"type": 0, "message_id": str(item.reference_id), "channel_id": str(item.channel_id)}
    if item.guild_id is not None:
        reference["guild_id"] = str(item.guild_id)
    data: Json = {"message_reference": reference}
    if nested:
        target = world.messages.get(item.reference_id or 0)
        data["referenced_message"] = message(world, target, nested=False) if target else None
    return data


def gateway_message(world: World, item: Message) -> Json:
    """A message as events carry it: with the server and the author's membership."""
    data = message(world, item)
    if item.guild_id is not None:
        data["guild_id"] = str(item.guild_id)
        author = world.members[item.author_id]
        if author.guild_id == item.guild_id:
            data["member"] = member(world, author, with_user=False)
    return data


def application(world: World) -> Json:
    """The bot's application; the flag says whether the message-content intent is enabled in the portal."""
    return {
        "flags": (1 << 19 | 1 << 15) if world.message_content else 0,
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "00" * 32,
        "owner": user(world.owner),
        "team": None,
        "hook": True,
        "integration_types_config": {"0": {}, "1": {}},
    }

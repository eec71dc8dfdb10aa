"""The state of the fake Discord: who is where, what was said, which interactions are open."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from . import errors, payloads
from .files import Files
from .multipart import Blobs
from .signals import Signal
from .values import (
    ALL_PERMISSIONS,
    BOT_PERMISSIONS,
    MEMBER_PERMISSIONS,
    PERMISSIONS,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Role,
)

if TYPE_CHECKING:
    from .pending import Pending
    from .rest import Recorded

EPOCH_MS = 1_420_070_400_000
"""Snowflakes count milliseconds from here (Discord's documentation, Reference)."""

# Gateway intents (Discord's documentation, Gateway): which session hears what.
INTENT_GUILDS = 1 << 0
INTENT_MEMBERS = 1 << 1
INTENT_GUILD_MESSAGES = 1 << 9
INTENT_DIRECT_MESSAGES = 1 << 12
INTENT_MESSAGE_CONTENT = 1 << 15


class Emit(Protocol):
    """How the world tells the gateway; `private` content is blanked without the message-content intent."""

    def __call__(self, event: str, data: Json, *, intent: int = 0, private: bool = False) -> None: ...


def now_ms() -> int:
    """UTC milliseconds."""
    return time.time_ns() // 1_000_000


class World:
    """Everything that exists. The platform's rules live in the routes; this only keeps and tells."""

    def __init__(
        self, token: str, *, bot_permissions: int = BOT_PERMISSIONS, message_content: bool, keep_bytes: bool
    ) -> None:
        self.token = token
        self.message_content = message_content
        self.changed = Signal()
        self.emit: Emit = _nobody_hears
        self.blobs = Blobs(keep=keep_bytes)
        self._serial = itertools.count(1)
        self.files = Files(self.snowflake)
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.members: dict[int, Member] = {}
        self.messages: dict[int, Message] = {}
        self.histories: dict[int, list[Message]] = {}
        self._followers: dict[int, list[Signal]] = {}
        self.reactions: dict[int, list[str]] = {}
        self.nonces: dict[tuple[int, str], int] = {}
        self.interactions: dict[int, Pending] = {}
        self.tokens: dict[str, Pending] = {}
        self.commands: dict[int | None, dict[int, Json]] = {None: {}}
        self.requests: list[Recorded] = []
        self.bot = self.add_member("Plantain", None, bot=True)
        self.owner = self.add_member("owner", None)
        self.guild = self.add_guild("Test server", bot_permissions=bot_permissions)
        self.foreign_guild = self.add_guild("Elsewhere", bot_permissions=None)

    # Things

    def snowflake(self, *, age_ms: int = 0) -> int:
        """A new id, as if made `age_ms` ago."""
        return (now_ms() - age_ms - EPOCH_MS) << 22 | (next(self._serial) & 0x3FFFFF)

    def add_guild(self, name: str, *, bot_permissions: int | None) -> Guild:
        """A server; the bot is in it unless `bot_permissions` is None."""
        guild = Guild(self.snowflake(), name, self.owner.id, has_bot=bot_permissions is not None)
        guild.roles[guild.id] = Role(guild.id, "@everyone", MEMBER_PERMISSIONS, 0)
        self.guilds[guild.id] = guild
        if bot_permissions is not None:
            role = self.add_role(guild, "Plantain", bot_permissions)
            self.bot.guild_id, self.bot.role_ids = guild.id, [role.id]
            self.owner.guild_id = guild.id
        return guild

    def add_role(self, guild: Guild, name: str, permissions: int) -> Role:
        """A role of a server, told to the bot."""
        role = Role(self.snowflake(), name, permissions, len(guild.roles))
        guild.roles[role.id] = role
        self.emit(
            "GUILD_ROLE_CREATE",
            {"guild_id": str(guild.id), "role": payloads.role(role)},
            intent=INTENT_GUILDS,
        )
        return role

    def add_member(
        self, name: str, guild: Guild | None, *, roles: Iterable[Role] = (), bot: bool = False
    ) -> Member:
        """A person, in one server or in none."""
        member = Member(
            self.snowflake(), name, guild.id if guild else None, [role.id for role in roles], bot=bot
        )
        self.members[member.id] = member
        if guild is not None and guild.has_bot:
            data = payloads.member(self, member) | {"guild_id": str(guild.id)}
            self.emit("GUILD_MEMBER_ADD", data, intent=INTENT_MEMBERS)
        return member

    def add_channel(self, name: str, guild: Guild | None, **fields: Any) -> Channel:
        """A channel, told to the bot when it is in that server. Fields are those of `Channel`."""
        channel = Channel(
            fields.pop("id", None) or self.snowflake(),
            fields.pop("type", 0),
            name,
            guild.id if guild else None,
            **fields,
        )
        self.channels[channel.id] = channel
        if guild is not None and guild.has_bot:
            data = payloads.channel(self, channel)
            if channel.is_thread:
                data["newly_created"] = True
            self.emit("THREAD_CREATE" if channel.is_thread else "CHANNEL_CREATE", data, intent=INTENT_GUILDS)
        return channel

    def update_channel(self, channel: Channel) -> None:
        """Tell the bot that a channel or thread is different now."""
        if channel.guild_id is None or not self.guilds[channel.guild_id].has_bot:
            return
        event = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
        self.emit(event, payloads.channel(self, channel), intent=INTENT_GUILDS)
        self.changed.notify()

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or thread with its messages."""
        del self.channels[channel.id]
        for message in self.messages_in(channel.id):
            del self.messages[message.id]
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.emit(event, payloads.channel(self, channel), intent=INTENT_GUILDS)
        self.changed.notify()

    def direct_channel(self, member: Member) -> Channel:
        """The channel of direct messages between the bot and somebody."""
        for channel in self.channels.values():
            if channel.type == 1 and channel.recipient_id == member.id:
                return channel
        return self.add_channel("", None, type=1, recipient_id=member.id)

    def recent_requests(self, count: int = 15) -> list[str]:
        """The last requests of the bot, a line each, for a failed wait."""
        return ["last requests:", *(f"  {record}" for record in self.requests[-count:])]

    # Permissions

    def permissions(self, member: Member, channel: Channel) -> int:
        """What a member may do in a channel, as Discord computes it from roles and the bot's overwrite."""
        if channel.guild_id is None:
            return MEMBER_PERMISSIONS
        guild = self.guilds[channel.guild_id]
        bits = guild.roles[guild.id].permissions
        if member.guild_id == guild.id:
            for role_id in member.role_ids:
                bits |= guild.roles[role_id].permissions
        if guild.owner_id == member.id or bits & PERMISSIONS["administrator"]:
            return ALL_PERMISSIONS
        if member is self.bot:
            parent = self.channels.get(channel.parent_id or 0, channel)
            bits &= ~(channel.denied | parent.denied)
        return bits

    def require(self, channel: Channel, *names: str) -> None:
        """Raise Discord's refusal unless the bot has these permissions."""
        if channel.guild_id is None:
            return
        bits = self.permissions(self.bot, channel)
        if not self.guilds[channel.guild_id].has_bot or not bits & PERMISSIONS["view_channel"]:
            raise errors.missing_access()
        if any(not bits & PERMISSIONS[name] for name in names):
            raise errors.missing_permissions()

    # Messages

    def messages_in(self, channel_id: int) -> list[Message]:
        """The messages of a channel, oldest first, ephemeral ones included."""
        return [message for message in self.messages.values() if message.channel_id == channel_id]

    def store(self, message: Message) -> Message:
        """Keep a new message or a new state of one, and tell whoever may hear of it."""
        message = replace(message, at=time.monotonic())
        event = "MESSAGE_UPDATE" if message.id in self.messages else "MESSAGE_CREATE"
        self.messages[message.id] = message
        self.histories.setdefault(message.id, []).append(message)
        if not message.ephemeral:
            self._tell(event, message, payloads.gateway_message(self, message))
        self.notify(message)
        return message

    def remove(self, message: Message) -> None:
        """Delete a message."""
        del self.messages[message.id]
        if not message.ephemeral:
            data = {"id": str(message.id), "channel_id": str(message.channel_id)}
            if message.guild_id is not None:
                data["guild_id"] = str(message.guild_id)
            self._tell("MESSAGE_DELETE", message, data)
        self.notify(message)

    def attach_thread(self, message: Message, thread: Channel) -> None:
        """Hang a thread on the message that it was opened from."""
        self.store(replace(message, thread_id=thread.id))

    def notify(self, message: Message) -> None:
        """Wake those who follow this message, and those who wait for anything."""
        for signal in self._followers.get(message.id, ()):
            signal.notify()
        self.changed.notify()

    def follow(self, message_id: int, signal: Signal) -> None:
        """Wake `signal` whenever that message changes."""
        self._followers.setdefault(message_id, []).append(signal)

    def _tell(self, event: str, message: Message, data: Json) -> None:
        if message.guild_id is None:
            if self.channels[message.channel_id].type == 1:
                self.emit(event, data, intent=INTENT_DIRECT_MESSAGES)
            return
        if not self.guilds[message.guild_id].has_bot:
            return
        private = message.author_id != self.bot.id and str(self.bot.id) not in message.pings
        self.emit(event, data, intent=INTENT_GUILD_MESSAGES, private=private)

    def subscribe(self, emit: Emit) -> None:
        """Send events to the gateway from now on."""
        self.emit = emit


def _nobody_hears(event: str, data: Json, *, intent: int = 0, private: bool = False) -> None:
    """Before the gateway is there."""

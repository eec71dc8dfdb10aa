"""What people do: commands, buttons, menus, modals, messages."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from . import payloads
from .commands import Resolved, attach, check_offered, find_command, modal_data, slash_data
from .compose import blank
from .gateway import Gateway
from .pending import Pending
from .reading import buttons
from .rules import walk
from .values import EPHEMERAL, Channel, Json, Member, Message, Upload
from .world import World

Context = Literal["guild", "dm", "user_install"]

MIB = 2**20
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


class Actors:
    """The hands of the people in the world. `FakeDiscord` inherits them."""

    world: World
    gateway: Gateway
    foreign_channel: Channel

    async def slash(
        self,
        member: Member,
        channel: Channel | None,
        command: str,
        /,
        *,
        attachments: Mapping[str, Upload | bytes] | None = None,
        age_seconds: float = 0,
        context: Context | None = None,
        attachment_size_limit: int = 10 * MIB,
        **options: Any,
    ) -> Pending:
        """Use a slash command, such as "imagine" or "mod queue".

        `age_seconds`: the interaction's id is that old, and its token ends that much earlier; the three
        seconds for the acknowledgement count from now. `context` says where: by default what the channel
        is; "dm" takes the member's direct messages, "user_install" a server without the bot unless a channel
        is given. Options may be members, channels, roles or files. Raises LookupError for what is not
        registered or not offered there.
        """
        channel, installed = self._place(member, channel, context)
        data, registered = slash_data(self.world, channel, command, {**options, **(attachments or {})})
        check_offered(registered, _context(self.world, channel), user_installed=installed)
        return self._send(
            member, channel, COMMAND, data, age_seconds, attachment_size_limit, user_installed=installed
        )

    async def autocomplete(
        self, member: Member, channel: Channel, command: str, /, focused: str, typed: str, **options: Any
    ) -> list[Json]:
        """Type into an option and return the choices that the bot offers."""
        data, _ = slash_data(self.world, channel, command, {**options, focused: typed}, focused)
        pending = self._send(member, channel, AUTOCOMPLETE, data)
        await pending.ack()
        return pending.choices

    async def context_menu(
        self,
        member: Member,
        target: Message | Member,
        name: str,
        *,
        channel: Channel | None = None,
        **more: Any,
    ) -> Pending:
        """Use a menu command on a message or (in `channel`) a member; `more` as for `slash`."""
        if isinstance(target, Message):
            channel = self.world.channels[target.channel_id]
        if channel is None:
            raise ValueError("a user command needs the channel where it is used")
        kind = 3 if isinstance(target, Message) else 2
        command = find_command(self.world, name, kind, channel.guild_id)
        resolved = Resolved(self.world, channel)
        if isinstance(target, Message):
            resolved.data["messages"] = {str(target.id): payloads.message(self.world, target)}
        else:
            resolved.add(target)
        data: Json = {
            "id": command["id"],
            "name": name,
            "type": kind,
            "target_id": str(target.id),
            "resolved": resolved.data,
        }
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return self._send(member, channel, COMMAND, data, **more)

    async def click(self, member: Member, message: Message, which: str, **more: Any) -> Pending:
        """Press the button with that label or custom_id; `more`: age_seconds, attachment_size_limit.

        Raises LookupError when the present message has no such button that can be pressed.
        """
        message = self._present(member, message)
        found = [
            b for b in buttons(message) if which in (b.custom_id, b.label) and b.custom_id and not b.disabled
        ]
        if not found:
            raise LookupError(f"no button {which!r}; there are {buttons(message)}")
        return self._component(
            member, message, {"custom_id": found[0].custom_id, "component_type": 2}, **more
        )

    async def press(self, member: Member, message: Message, custom_id: str, **more: Any) -> Pending:
        """Send a button press with any custom_id, as a modified client can."""
        return self._component(member, message, {"custom_id": custom_id, "component_type": 2}, **more)

    async def select(
        self, member: Member, message: Message, custom_id: str, values: Sequence[Any], **more: Any
    ) -> Pending:
        """Choose from the select menu with that custom_id or placeholder."""
        message = self._present(member, message)
        for menu in walk(message.components):
            if menu["type"] in (3, 5, 6, 7, 8) and custom_id in (menu["custom_id"], menu.get("placeholder")):
                break
        else:
            raise LookupError(f"no select menu {custom_id!r}")
        resolved = Resolved(self.world, self.world.channels[message.channel_id])
        chosen = [value if isinstance(value, str) else resolved.add(value) for value in values]
        data: Json = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": chosen}
        if resolved.data:
            data["resolved"] = resolved.data
        return self._component(member, message, data, **more)

    async def submit_modal(
        self, member: Member, opened_by: Pending, values: Mapping[str, Any] | None = None, **more: Any
    ) -> Pending:
        """Fill the modal that an interaction opened; `values` by custom_id or by label."""
        modal = await opened_by.until_modal()
        await self.gateway.caught_up()  # discord.py knows a modal when Discord's answer to it is read
        data = modal_data(self.world, opened_by.channel, modal, values or {})
        more.setdefault("user_installed", opened_by.user_installed)
        return self._send(member, opened_by.channel, MODAL_SUBMIT, data, source=opened_by.source_id, **more)

    async def send_message(
        self,
        member: Member,
        channel: Channel,
        text: str = "",
        attachments: Iterable[Upload] = (),
        *,
        reply_to: Message | None = None,
    ) -> Message:
        """Write a message as a member."""
        mentioned = frozenset(re.findall(r"<@!?(\d+)>", text))
        if reply_to is not None:
            mentioned |= {str(reply_to.author_id)}
        if channel.is_thread:
            channel.member_ids.add(member.id)
        base = blank(
            self.world,
            channel,
            member,
            type=0 if reply_to is None else 19,
            reference_id=None if reply_to is None else reply_to.id,
        )
        files = tuple(attach(self.world, channel, upload) for upload in attachments)
        return self.world.store(replace(base, content=text, attachments=files, pings=mentioned))

    async def edit_message(self, message: Message, text: str) -> Message:
        """Change the text of a member's message."""
        return self.world.store(
            replace(self.world.messages[message.id], content=text, edited_ms=int(time.time() * 1000))
        )

    async def delete_message(self, message: Message) -> None:
        """Delete a message by hand, as its author or a moderator does."""
        self.world.remove(self.world.messages[message.id])

    def redeliver(self, pending: Pending) -> None:
        """Send the same INTERACTION_CREATE once more."""
        self.gateway.dispatch("INTERACTION_CREATE", pending.payload)

    def _place(
        self, member: Member, channel: Channel | None, context: Context | None
    ) -> tuple[Channel, bool]:
        if context == "dm":
            channel = self.world.direct_channel(member)
        elif context == "user_install" and channel is None:
            channel = self.foreign_channel
        if channel is None:
            raise ValueError("say in which channel")
        without_bot = channel.guild_id is not None and not self.world.guilds[channel.guild_id].has_bot
        return channel, context == "user_install" or without_bot

    def _present(self, member: Member, message: Message) -> Message:
        present = self.world.messages.get(message.id)
        if present is None:
            raise LookupError(f"message {message.id} is deleted")
        if present.flags & EPHEMERAL and present.viewer_id != member.id:
            raise LookupError(f"message {message.id} is ephemeral, and {member.name} does not see it")
        return present

    def _component(self, member: Member, message: Message, data: Json, **more: Any) -> Pending:
        channel = self.world.channels[message.channel_id]
        opener = self.world.interactions.get(message.interaction_id or 0)
        more.setdefault("user_installed", opener is not None and opener.user_installed)
        return self._send(member, channel, COMPONENT, data, source=message.id, **more)

    def _send(
        self,
        member: Member,
        channel: Channel,
        kind: int,
        data: Json,
        age_seconds: float = 0,
        attachment_size_limit: int = 10 * MIB,
        *,
        source: int | None = None,
        user_installed: bool = False,
    ) -> Pending:
        if not self.gateway.listening:
            raise RuntimeError("no bot is connected: await connected() first")
        world = self.world
        interaction_id = world.snowflake(age_ms=int(age_seconds * 1000))
        pending = Pending(
            world,
            interaction_id,
            secrets.token_urlsafe(120),
            kind,
            member,
            channel,
            {},
            attachment_size_limit,
            user_installed,
            source,
        )
        pending.payload = _payload(world, pending, data)
        world.interactions[pending.id] = world.tokens[pending.token] = pending
        pending.sent_at = time.monotonic()
        self.gateway.dispatch("INTERACTION_CREATE", pending.payload)
        return pending


def _context(world: World, channel: Channel) -> int:
    """Interaction contexts: 0 a server, 1 the bot's direct messages."""
    return 0 if channel.guild_id is not None else 1


def _payload(world: World, pending: Pending, data: Json) -> Json:
    """INTERACTION_CREATE (Discord's documentation, Interaction Object; facts that discord.py 2.7.1 needs)."""
    channel, member = pending.channel, pending.member
    payload: Json = {
        "id": str(pending.id),
        "application_id": str(world.bot.id),
        "type": pending.type,
        "token": pending.token,
        "version": 1,
        "data": data,
        "channel_id": str(channel.id),
        "channel": payloads.channel(world, channel)
        | {"permissions": str(world.permissions(member, channel))},
        "app_permissions": str(world.permissions(world.bot, channel)),
        "locale": "en-GB",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "context": _context(world, channel),
        "attachment_size_limit": pending.attachment_size_limit,
    }
    if channel.guild_id is None:
        payload["user"] = payloads.user(member)
        payload["authorizing_integration_owners"] = {"0": "0"}
    else:
        permissions = str(world.permissions(member, channel))
        payload["member"] = payloads.member(world, member) | {"permissions": permissions}
        payload["guild_id"] = str(channel.guild_id)
        payload["guild"] = {"id": str(channel.guild_id), "locale": "en-GB", "features": []}
        payload["guild_locale"] = "en-GB"
        payload["authorizing_integration_owners"] = {"0": str(channel.guild_id)}
    if pending.user_installed:
        payload["authorizing_integration_owners"] = {"1": str(member.id)}
    if pending.source_id is not None and pending.source_id in world.messages:
        payload["message"] = payloads.message(world, world.messages[pending.source_id])
    return payload

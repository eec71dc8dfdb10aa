"""The fake Discord as tests hold it in their hands."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from aiohttp import web

from . import routes_application, routes_channels, routes_interactions
from .actors import Actors
from .cdn import Cdn
from .faults import Fault, Faults, Hold, Point, any_request
from .gateway import Gateway
from .pending import Pending, outline
from .proxy import Leak, Proxy, make_certificates
from .rest import Recorded, Rest
from .values import BOT_PERMISSIONS, Channel, Guild, Json, Member, Message, Role, permission_bits
from .world import World

T = TypeVar("T")

ROUTES = (*routes_interactions.ROUTES, *routes_channels.ROUTES, *routes_application.ROUTES)


class FakeDiscord(Actors):
    """Discord on a real socket, for one bot.

    A bot reaches it with `environment()`: an HTTP proxy that serves discord.com, gateway.discord.gg and the
    CDN under their own names, and a CA to trust. `keep_bytes=False` keeps only digests of what the bot
    uploads; `message_content=False` refuses the privileged intent as the developer portal would.
    """

    def __init__(
        self,
        token: str = "test-token",
        *,
        bot_permissions: int | Iterable[str] = BOT_PERMISSIONS,
        message_content: bool = True,
        keep_bytes: bool = True,
    ) -> None:
        self.world = World(
            token,
            bot_permissions=permission_bits(bot_permissions),
            message_content=message_content,
            keep_bytes=keep_bytes,
        )
        self.faults = Faults()
        self.gateway = Gateway(self.world)
        self.world.subscribe(self.gateway.dispatch)
        self._rest = Rest(self.world, self.faults, ROUTES)
        self._cdn = Cdn(self.world, self.faults)
        self.leaks: list[Leak] = []
        self.channel = self.add_channel("general")
        self.foreign_channel = self.world.add_channel("elsewhere", self.world.foreign_guild)
        self._stack = AsyncExitStack()
        self._directory: Path | None = None
        self._proxy: Proxy | None = None
        self._trap: Proxy | None = None

    async def __aenter__(self) -> Self:
        self._directory = Path(tempfile.mkdtemp(prefix="fake-discord-"))
        self._stack.callback(shutil.rmtree, self._directory, ignore_errors=True)
        rest, cdn, gateway = (
            self._server(handler) for handler in (self._rest.handle, self._cdn.handle, self.gateway.handle)
        )
        servers = {
            "discord.com": rest,
            "gateway.discord.gg": gateway,
            "cdn.discordapp.com": cdn,
            "media.discordapp.net": cdn,
        }
        context = make_certificates(servers, self.ca_file)
        self._proxy = await self._stack.enter_async_context(Proxy(servers, context, self.leaks))
        self._trap = await self._stack.enter_async_context(Proxy({}, context, self.leaks))
        for server in (rest, cdn, gateway):
            self._stack.push_async_callback(server.shutdown, 0.1)
        self._stack.callback(self.faults.release_all)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @staticmethod
    def _server(handler: Callable[[web.BaseRequest], Any]) -> web.Server:
        return web.Server(handler, access_log=None, read_bufsize=2**20)

    # Where it is

    @property
    def proxy_url(self) -> str:
        """What `discord.proxy` is to be."""
        if self._proxy is None:
            raise RuntimeError("enter the context first")
        return self._proxy.url

    @property
    def ca_file(self) -> Path:
        """The certificate that the bot has to trust (SSL_CERT_FILE)."""
        if self._directory is None:
            raise RuntimeError("enter the context first")
        return self._directory / "ca.pem"

    def environment(self) -> dict[str, str]:
        """Variables for the bot's process.

        HTTP_PROXY and HTTPS_PROXY name a proxy that refuses everything and records it in `leaks`: whatever
        goes out without `discord.proxy` is seen.
        """
        if self._trap is None:
            raise RuntimeError("enter the context first")
        trap = self._trap.url
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), trap)
        local = "127.0.0.1,localhost"
        return proxies | {
            "NO_PROXY": local,
            "no_proxy": local,
            "DISCORD_TOKEN": self.world.token,
            "PLANTAIN_DISCORD__PROXY": self.proxy_url,
            "SSL_CERT_FILE": str(self.ca_file),
        }

    # Who and where

    @property
    def guild(self) -> Guild:
        """The server that the bot is in."""
        return self.world.guild

    @property
    def bot(self) -> Member:
        """The bot itself."""
        return self.world.bot

    def add_member(
        self,
        name: str,
        permissions: int | Iterable[str] = (),
        roles: Iterable[Role] = (),
        *,
        outside: bool = False,
    ) -> Member:
        """A member of the server; permissions beyond everyone's come as a role. `outside`: in no server."""
        if outside:
            return self.world.add_member(name, None)
        given = list(roles)
        if permissions:
            given.append(self.add_role(f"{name}'s role", permissions))
        return self.world.add_member(name, self.guild, roles=given)

    def add_role(self, name: str, permissions: int | Iterable[str] = ()) -> Role:
        """A role of the server."""
        return self.world.add_role(self.guild, name, permission_bits(permissions))

    def add_channel(self, name: str, *, topic: str | None = None) -> Channel:
        """A text channel of the server."""
        return self.world.add_channel(name, self.guild, topic=topic)

    def deny(self, channel: Channel, *permissions: str) -> None:
        """Take permissions from the bot in one channel, such as "send_messages"."""
        channel.denied |= permission_bits(permissions)
        self.world.update_channel(channel)

    def allow(self, channel: Channel, *permissions: str) -> None:
        """Give them back."""
        channel.denied &= ~permission_bits(permissions)
        self.world.update_channel(channel)

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or thread, as a moderator does."""
        self.world.remove_channel(channel)

    def expire(self, pending: Pending) -> None:
        """End an interaction's token now."""
        pending.expired = True

    # What happened

    @property
    def commands(self) -> dict[str, Json]:
        """The registered commands by name; those of the server hide global ones."""
        scopes = self.world.commands
        return {
            command["name"]: command
            for scope in (None, self.guild.id)
            for command in scopes.get(scope, {}).values()
        }

    @property
    def requests(self) -> list[Recorded]:
        """Every request of the bot, oldest first."""
        return self.world.requests

    @property
    def unrouted(self) -> list[Recorded]:
        """Requests for which the fake has no route."""
        return self._rest.unrouted

    @property
    def interactions(self) -> list[Pending]:
        """Every interaction that was sent."""
        return list(self.world.interactions.values())

    def messages(self, channel: Channel) -> list[Message]:
        """The present messages of a channel, oldest first, ephemeral ones included."""
        return self.world.messages_in(channel.id)

    def dms(self, member: Member) -> list[Message]:
        """The present direct messages between the bot and somebody."""
        return self.world.messages_in(self.world.direct_channel(member).id)

    def dm_channel(self, member: Member) -> Channel:
        """The channel of direct messages with somebody."""
        return self.world.direct_channel(member)

    def history(self, message: Message) -> tuple[Message, ...]:
        """Every state that a message has had, oldest first."""
        return tuple(self.world.histories[message.id])

    def threads(self) -> list[Channel]:
        """The threads that exist."""
        return [channel for channel in self.world.channels.values() if channel.is_thread]

    # Waiting

    async def connected(self, *, sessions: int = 1, within: float = 20.0) -> None:
        """Wait until a bot stands connected, having identified at least `sessions` times in all.

        After a restart ask for one more session, so that the connection of the killed bot does not count.
        """
        await self.gateway.changed.until(
            lambda: self.gateway.connected and len(self.gateway.identifies) >= sessions,
            within=within,
            describe=self.describe,
        )

    async def disconnected(self, *, within: float = 20.0) -> None:
        """Wait until no bot is connected."""
        await self.gateway.changed.until(
            lambda: not self.gateway.connected, within=within, describe=self.describe
        )

    async def until(self, probe: Callable[[], T | Literal[False] | None], *, within: float = 20.0) -> T:
        """Wait until `probe` returns something truthy; it is asked after every request and change."""
        return await self.world.changed.until(probe, within=within, describe=self.describe)

    async def until_message(
        self, channel: Channel, predicate: Callable[[Message], object], *, within: float = 20.0
    ) -> Message:
        """Wait for a message in a channel whose present state satisfies `predicate`."""

        def probe() -> Message | None:
            return next((message for message in self.messages(channel) if predicate(message)), None)

        return await self.until(probe, within=within)

    def describe(self) -> str:
        """The present state in words, for a failed wait."""
        lines = [f"connected: {self.gateway.connected}, sessions: {len(self.gateway.identifies)}"]
        lines += [outline(message) for message in list(self.world.messages.values())[-15:]]
        lines += [f"leak: {leak}" for leak in self.leaks]
        return "\n".join([*lines, *self.world.recent_requests()])

    # Trouble

    def fail(
        self,
        method: str,
        pattern: str,
        status: int,
        body: Mapping[str, Any] | bytes | str | None = None,
        *,
        times: int = 1,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
        where: Callable[[Recorded], object] = any_request,
    ) -> Fault:
        """Answer matching requests with an error. `pattern` is a glob over the path without /api/v10.

        `where` is a further condition, such as `lambda request: request.files`.
        """
        return self.faults.fail(
            method, pattern, status, body, times=times, after=after, headers=headers, where=where
        )

    def hold(
        self,
        method: str,
        pattern: str,
        *,
        point: Point = "before",
        times: int = 1,
        where: Callable[[Recorded], object] = any_request,
    ) -> Hold:
        """Keep matching requests waiting, before or after Discord acts on them; see `Hold`."""
        return self.faults.hold(method, pattern, point=point, times=times, where=where)

    async def disconnect(self, *, resumable: bool = True) -> None:
        """Cut the gateway connection. Events until the bot resumes are kept for it, or lost."""
        await self.gateway.disconnect(resumable=resumable)

    def shut_proxy(self) -> None:
        """Take the way to Discord away: connections end, new ones are refused."""
        self._open_proxy().shut()

    async def mend_proxy(self) -> None:
        """Give it back, at the same address."""
        await self._open_proxy().open()

    def _open_proxy(self) -> Proxy:
        if self._proxy is None:
            raise RuntimeError("enter the context first")
        return self._proxy

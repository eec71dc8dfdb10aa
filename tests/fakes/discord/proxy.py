"""An HTTP CONNECT proxy that is itself the other end: it terminates TLS with certificates of a private CA.

A bot that is told `discord.proxy` and trusts the CA reaches the fake under Discord's real names, unpatched.
Each accepted tunnel becomes a connection of aiohttp's server without another socket in between. Every other
host is refused and recorded.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast
from weakref import WeakSet

import trustme
from aiohttp import web

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
REFUSED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
MAX_HEAD = 16_384


@dataclass(frozen=True, slots=True)
class Leak:
    """A request to a place where the bot has no business, as the proxy heard of it."""

    method: str
    target: str


def make_certificates(hosts: Mapping[str, object], ca_file: Path) -> ssl.SSLContext:
    """Write a new CA to `ca_file` and return a server context with a certificate of it for all `hosts`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.num_tickets = 0  # no client here resumes TLS sessions; making tickets only costs time
    if hosts:
        authority.issue_cert(*hosts).configure_cert(context)
    return context


class Proxy:
    """Listens on 127.0.0.1. `servers` maps the host names that it serves to aiohttp servers."""

    def __init__(self, servers: Mapping[str, web.Server], context: ssl.SSLContext, leaks: list[Leak]) -> None:
        self.servers = servers
        self.context = context
        self.leaks = leaks
        self.tasks: set[asyncio.Task[None]] = set()
        self.transports: set[asyncio.BaseTransport] = set()
        self.tunnels: WeakSet[asyncio.Transport] = WeakSet()
        self._listener: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where to reach it."""
        if not self._port:
            raise RuntimeError("the proxy is not open")
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def open(self) -> None:
        """Listen; after `shut` at the same port."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: _Tunnel(self), "127.0.0.1", self._port, backlog=1024
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Cut every connection and take no new one, as a proxy that is down."""
        if self._listener is not None:
            self._listener.close()
        for tunnel in list(self.tunnels):
            tunnel.abort()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for transport in list(self.transports):
            if isinstance(transport, asyncio.Transport):
                transport.abort()


class _Tunnel(asyncio.Protocol):
    """One connection to the proxy, until its CONNECT is accepted."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._proxy.transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._proxy.transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._head += data
        if b"\r\n\r\n" not in self._head:
            if len(self._head) > MAX_HEAD:
                self._transport.abort()
            return
        method, target, *_ = (*self._head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "", "")
        host, _, port = target.rpartition(":")
        server = self._proxy.servers.get(host) if method == "CONNECT" and port == "443" else None
        if server is None:
            self._proxy.leaks.append(Leak(method, target))
            self._transport.write(REFUSED)
            self._transport.close()
            return
        self._transport.write(ESTABLISHED)
        task = asyncio.create_task(self._hand_over(self._transport, server()), name=f"tunnel to {host}")
        self._proxy.tasks.add(task)
        task.add_done_callback(self._proxy.tasks.discard)

    async def _hand_over(self, transport: asyncio.Transport, handler: asyncio.Protocol) -> None:
        """Speak TLS from here on and give what is inside to aiohttp."""
        early = _Early()
        loop = asyncio.get_running_loop()
        try:
            secure = await loop.start_tls(transport, early, self._proxy.context, server_side=True)
        except (OSError, ssl.SSLError):
            transport.abort()  # the client went away, or does not trust the CA
            return
        if secure is None or early.lost:
            transport.abort()
            return
        self._proxy.transports.discard(transport)
        self._proxy.tunnels.add(secure)
        handler.connection_made(secure)
        secure.set_protocol(handler)
        for chunk in early.chunks:
            handler.data_received(chunk)


class _Early(asyncio.Protocol):
    """Keeps what the client sends right after its handshake, before the real protocol is there."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.chunks.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

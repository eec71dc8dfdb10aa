"""Discord's file servers with bad manners: each test says byte by byte what they answer.

They stand behind the same CONNECT proxy and under the same names as the fake Discord's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from aiohttp import web

from tests.fakes.discord.proxy import Leak, Proxy, make_certificates

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


class Line:
    """One connection of a client, after it has sent a request."""

    def __init__(self, transport: asyncio.Transport, head: str, gone: asyncio.Event) -> None:
        self._transport = transport
        self.head = head
        self.gone = gone

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """End the connection, after what was sent."""
        self._transport.close()

    async def send_for_ever(self, data: bytes, every: float = 0.0) -> None:
        """Send the same again and again until the client has gone."""
        while not self.gone.is_set():
            self.send(data)
            await asyncio.sleep(every)


Script = Callable[[Line], Awaitable[None]]


class OddCdn:
    """What was asked of the servers, and what they do: `scripts`, the last one for all that follow."""

    def __init__(self, certificates: ssl.SSLContext, ca_file: Path) -> None:
        self.scripts: list[Script] = []
        self.heads: list[str] = []
        self.leaks: list[Leak] = []
        self.open = 0
        self.trust = ssl.create_default_context(cafile=str(ca_file))
        servers = dict.fromkeys(HOSTS, cast(web.Server, lambda: _Connection(self)))
        self._proxy = Proxy(servers, certificates, self.leaks)

    @classmethod
    @asynccontextmanager
    async def start(cls, folder: Path) -> AsyncIterator[OddCdn]:
        """Serve until the context ends."""
        ca_file = folder / "ca.pem"
        cdn = cls(make_certificates(dict.fromkeys(HOSTS), ca_file), ca_file)
        async with cdn._proxy:
            yield cdn

    @property
    def proxy_url(self) -> str:
        """Where the proxy listens."""
        return self._proxy.url


class _Connection(asyncio.Protocol):
    """Collects a request's head, then lets the next script answer."""

    def __init__(self, cdn: OddCdn) -> None:
        self._cdn = cdn
        self._received = b""
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._cdn.open += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._cdn.open -= 1
        self._gone.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if b"\r\n\r\n" not in self._received:
            return
        head, self._received = self._received.decode("latin-1"), b""
        self._cdn.heads.append(head)
        scripts = self._cdn.scripts
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        self._task = asyncio.create_task(self._answer(script, Line(self._transport, head, self._gone)))

    async def _answer(self, script: Script, line: Line) -> None:
        await script(line)


def answer(body: bytes = b"", status: str = "200 OK", **headers: object) -> Script:
    """A whole and correct answer, except for what is said otherwise. Underscores in names are hyphens."""

    async def script(line: Line) -> None:
        fields = {
            "Content-Length": len(body),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        line.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body)

    return script


def cut_after(data: bytes) -> Script:
    """Some bytes, then nothing more."""

    async def script(line: Line) -> None:
        line.send(data)
        line.close()

    return script

"""The HTTP session under google-genai: pictures stream past it in both directions.

google-genai builds, signs and sends a small JSON request and reads a small JSON answer; a middleware of
aiohttp puts the pictures into the body on the way out, and the response class takes them out on the way in.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

from aiohttp import (
    AddrInfoType,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    TCPConnector,
)
from aiohttp.connector import Connection

from bot.providers.base import Limits, PictureStore
from bot.providers.body import StreamedBody
from bot.providers.exchange import Exchange
from bot.providers.receiving import receive, receive_error
from bot.providers.turns import Turns

CONNECT_TIMEOUT = 10.0  # seconds, name lookup and TLS included

# Bytes of an answer that the socket is read ahead of us. With aiohttp's 64 KB a picture comes in four times
# as many pieces, each with a turn of the event loop: a tenth of what a job costs.
READ_AHEAD = 256 * 1024

# Names an exchange from the call to the middleware, which takes it off: it never leaves the process.
_EXCHANGE_HEADER = "X-Plantain-Exchange"

# A NAT or a load balancer forgets an idle connection after a minute or some; an answer takes longer.
_KEEPALIVE_IDLE, _KEEPALIVE_INTERVAL, _KEEPALIVE_COUNT = 30, 10, 6


class Transport:
    """One session with its connections. Use with ``async with``."""

    def __init__(self, *, trust_env: bool = False) -> None:
        self._trust_env = trust_env  # use HTTPS_PROXY and its like
        self._session: ClientSession | None = None
        self._exchanges: dict[str, Exchange] = {}
        self._turns = Turns()

    async def __aenter__(self) -> Transport:
        self._session = ClientSession(
            connector=_Connector(limit=0, socket_factory=_keepalive_socket),
            response_class=_StreamedResponse,
            middlewares=[self._attach],
            trust_env=self._trust_env,
            read_bufsize=READ_AHEAD,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> ClientSession:
        """The session to hand to google-genai."""
        if self._session is None:
            raise RuntimeError("the transport is used outside of `async with`")
        return self._session

    @contextmanager
    def exchange(
        self, store: PictureStore, limits: Limits, arriving: Callable[[], None]
    ) -> Iterator[Exchange]:
        """An exchange for one request, which has to carry `headers_of(exchange)`."""
        exchange = Exchange(store, limits, arriving, self._turns)
        self._exchanges[exchange.id] = exchange
        try:
            yield exchange
        finally:
            del self._exchanges[exchange.id]

    @staticmethod
    def headers_of(exchange: Exchange) -> dict[str, str]:
        """The headers that a request of this exchange is made with.

        Pictures do not get smaller by compression; refusing it saves the event loop the unpacking.
        """
        return {_EXCHANGE_HEADER: exchange.id, "Accept-Encoding": "identity"}

    async def _attach(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Middleware: join a request and its answer to their exchange."""
        exchange = self._exchanges.get(request.headers.pop(_EXCHANGE_HEADER, ""))
        if exchange is None:
            return await handler(request)
        if request.body:
            body = await request.body.as_bytes()
            await request.update_body(await StreamedBody.of(exchange.split(body)))
        exchange.sending()
        response = await handler(request)
        exchange.answered(response.status, response.headers)
        if isinstance(response, _StreamedResponse):
            response.exchange = exchange
        return response


class _StreamedResponse(ClientResponse):
    """A response whose pictures go to the store while it is read."""

    exchange: Exchange | None = None

    async def read(self) -> bytes:
        """Return the body; where it belongs to an exchange, with marks in place of its pictures."""
        if self._body is None and self.exchange is not None:
            take = receive if self.status == 200 else receive_error
            try:
                self._body = await take(self.content.iter_any(), self.exchange)
            except BaseException:
                self.close()
                raise
        return await super().read()


class _Connector(TCPConnector):
    """Connects with a timeout of its own.

    google-genai sets the total for each request, and that replaces every timeout of the session.
    """

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Any],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """Return a connection to the request's host."""
        limited = ClientTimeout(total=timeout.total, sock_read=timeout.sock_read, connect=CONNECT_TIMEOUT)
        return await super().connect(req, traces, limited)


def _keepalive_socket(address: AddrInfoType) -> socket.socket:
    """Open a socket that the system keeps alive: an idle connection is noticed when it breaks."""
    family, kind, protocol, _, _ = address
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    idle = "TCP_KEEPALIVE" if sys.platform == "darwin" else "TCP_KEEPIDLE"
    for option, value in (
        (idle, _KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", _KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", _KEEPALIVE_COUNT),
    ):
        with suppress(AttributeError, OSError):  # what a system does not have stays at its default
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return sock

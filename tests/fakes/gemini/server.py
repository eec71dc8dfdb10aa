"""The scripted Gemini itself: queue, holds, history, and how an answer goes over the wire."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiohttp import web

from tests.fakes.discord.signals import Gate, Signal

from .answers import (
    Answer,
    Hang,
    PreparedAnswer,
    Reset,
    SlowDrip,
    Truncated,
    UniquePictures,
    chunks,
    prepare,
)
from .jpeg import make_jpeg

_GENERATE = re.compile(r"/models/([^/:]+):generateContent$")
_MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 256 * 1024
MODELS = ("gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image", "gemini-3-pro-image")

Default: TypeAlias = "Answer | Callable[[Received], Answer]"


@dataclass(eq=False)
class Received:
    """One generateContent request as it came in. `at` is the event loop's time of its last byte."""

    model: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)
    at: float

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.raw)

    @cached_property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of the newest content."""
        parts: list[dict[str, Any]] = self.body["contents"][-1]["parts"]
        return parts

    @property
    def texts(self) -> list[str]:
        """The texts of the newest content."""
        return [part["text"] for part in self.parts if "text" in part]

    @property
    def text(self) -> str:
        """The newest user text: what a person wrote stands last, word for word."""
        return self.texts[-1] if self.texts else ""


class Hold(Gate):
    """Keeps requests waiting between their arrival and their answer, until `release`."""


class ScriptedGemini:
    """A Gemini API on 127.0.0.1 that answers from a queue, in the order in which requests arrive.

    Use it as `async with ScriptedGemini() as gemini:` and hand `gemini.base_url` to the bot. It serves
    `generateContent` under any version and for Vertex paths as well, and `GET …/models`.

    Args:
        default: the answer (or what makes one from a request) when the queue is empty; without one, a
            small picture that is another file every time.
        delay: seconds that each answer takes; it may be changed at any time.
    """

    def __init__(self, default: Default | None = None, *, delay: float = 0.0) -> None:
        self.delay = delay
        default = default or UniquePictures(make_jpeg(64, 64))
        # Once for all requests: encoding a large picture for each would be most of what this fake does.
        self.default: Default = default if callable(default) else _ready(default)
        self.history: list[Received] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._queue: deque[Answer] = deque()
        self._hold: Hold | None = None
        self._changed = Signal()
        self._serial = 0
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The endpoint, such as `http://127.0.0.1:40123`."""
        assert self._runner is not None, "use it with 'async with'"
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    @property
    def waiting(self) -> int:
        """How many enqueued answers nobody has fetched yet."""
        return len(self._queue)

    def enqueue(self, *answers: Answer) -> None:
        """Give the next requests these answers."""
        self._queue.extend(_ready(answer) for answer in answers)

    def hold(self) -> Hold:
        """Keep every request from now on waiting, until the hold is released."""
        if self._hold is None or self._hold.closed:
            self._hold = Hold()
        return self._hold

    async def received(self, count: int, *, within: float = 20.0) -> list[Received]:
        """Wait until `count` requests have come in, counted from the start, and return the history."""
        await self._changed.until(
            lambda: len(self.history) >= count,
            within=within,
            describe=lambda: f"{len(self.history)} of {count} requests came",
        )
        return self.history

    async def left_alone(self, *, within: float = 20.0) -> None:
        """Wait until nobody waits for an answer: each was given, or its caller has gone."""
        await self._changed.until(
            lambda: not self.in_flight,
            within=within,
            describe=lambda: f"{self.in_flight} still wait for an answer",
        )

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._serve)
        # Cancelled handlers: who went away is not answered, and `Hang` ends with the test.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.method == "GET" and request.path.endswith("/models"):
            models = [{"name": f"models/{name}", "version": "1", "displayName": name} for name in MODELS]
            return web.json_response({"models": models})
        match = _GENERATE.search(request.path)
        if request.method != "POST" or match is None:
            return web.json_response({"error": {"code": 404, "message": "Not Found"}}, status=404)
        raw = await request.read()
        now = asyncio.get_running_loop().time()
        headers = dict(request.headers)
        got = Received(match[1], request.path, dict(request.query), headers, raw, now)
        self.history.append(got)
        self._changed.notify()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(request, got)
        except ConnectionResetError:
            return _cut(request)  # who asked went away, as a bot does that is stopped in the middle
        finally:
            self.in_flight -= 1
            self._changed.notify()

    async def _answer(self, request: web.Request, got: Received) -> web.StreamResponse:
        self._serial += 1
        serial = self._serial
        if self._queue:
            answer = self._queue.popleft()
        else:
            answer = _ready(self.default(got) if callable(self.default) else self.default)
        if self._hold is not None and not self._hold.closed and not await self._hold.stand():
            return _cut(request)
        await asyncio.sleep(self.delay)
        match answer:
            case Hang():
                await asyncio.Event().wait()
                raise AssertionError("not reached")
            case Reset(answer=None):
                return _cut(request, rst=answer.rst)
            case Reset(answer=content):
                sending = _Sending(stop=answer.after, rst=answer.rst)
            case Truncated(answer=content):
                sending = _Sending(stop=answer.at, announced=answer.announced)
            case SlowDrip(answer=content):
                sending = _Sending(size=answer.size, pause=answer.pause)
            case _:
                content, sending = answer, _Sending()
        assert content is not None
        return await sending.send(request, prepare(content), serial)


@dataclass(frozen=True, slots=True)
class _Sending:
    """How a prepared answer goes out. `stop`: only so many bytes of the body; then the connection ends,
    unless the headers had not `announced` more than that."""

    size: int = _CHUNK
    pause: float = 0.0
    stop: int | None = None
    announced: bool = True
    rst: bool = False

    async def send(self, request: web.Request, answer: PreparedAnswer, serial: int) -> web.StreamResponse:
        body = answer.body(serial)
        whole = sum(map(len, body))
        stop = whole if self.stop is None else min(self.stop, whole)
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        response.content_length = whole if self.announced else stop
        await response.prepare(request)
        sent = 0
        for chunk in chunks(body, self.size):
            if sent and self.pause:
                await asyncio.sleep(self.pause)
            piece = chunk[: stop - sent]
            await response.write(piece)
            sent += len(piece)
            if sent >= stop:
                break
        if self.announced and stop < whole:
            return _cut(request, response, rst=self.rst)
        await response.write_eof()
        return response


def _ready(answer: Answer) -> Answer:
    """The answer, serialised as far as it can be before a request comes."""
    match answer:
        case Hang() | Reset(answer=None):
            return answer
        case Reset(answer=content) | Truncated(answer=content) | SlowDrip(answer=content):
            assert content is not None
            return replace(answer, answer=prepare(content))
        case _:
            return prepare(answer)


def _cut(
    request: web.Request, response: web.StreamResponse | None = None, *, rst: bool = False
) -> web.StreamResponse:
    """End the connection: in good order as a server that stops, or with a TCP reset."""
    transport = request.transport
    if transport is not None:
        if rst:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
    return response or web.Response()

"""The REST side: reads a request, lets arranged trouble happen, checks the token, routes, answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from . import errors
from .errors import ApiError
from .faults import Dropped, Faults
from .multipart import BadForm, read_form
from .values import Json, SentFile
from .world import World

_PREFIX = re.compile(r"^/api(/v\d+)?(?=/)")
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?')


@dataclass(slots=True)
class Recorded:
    """One request of the bot.

    `at` is the monotonic time when it had arrived completely; `status` is the answer's, None while the
    request is held or when its connection was cut.
    """

    host: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    payload: Any = None
    files: tuple[SentFile, ...] = ()
    at: float = 0.0
    status: int | None = None

    def __str__(self) -> str:
        body = json.dumps(self.payload, ensure_ascii=False) if self.payload is not None else ""
        files = "".join(f" +{file.filename}({file.size})" for file in self.files)
        # The token of an interaction is long and tells a reader nothing.
        path = re.sub(r"[\w-]{60,}", "{token}", self.path)
        return f"{self.method} {path}{files} -> {self.status} {body[:300]}"


@dataclass(frozen=True, slots=True)
class Call:
    """What a route gets: the request and the parts of its path."""

    record: Recorded
    parts: Mapping[str, str]

    @property
    def payload(self) -> Json:
        """The JSON object of the body; empty when there is none."""
        return self.record.payload if isinstance(self.record.payload, dict) else {}

    @property
    def files(self) -> tuple[SentFile, ...]:
        """The files of a multipart body."""
        return self.record.files

    def id(self, name: str) -> int:
        """A snowflake in the path; anything else is no route."""
        if not self.parts[name].isdigit():
            raise errors.no_route()
        return int(self.parts[name])


Reply = tuple[int, Any]
"""Status and JSON; None means an empty body."""
Handler = Callable[[World, Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with {names}; `public` ones need no bot token: the path authorises them."""

    method: str
    template: str
    handler: Handler
    public: bool = False

    def pattern(self) -> re.Pattern[str]:
        """A path that this route takes."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))


class Rest:
    """discord.com/api. `unrouted` collects requests that the fake knows no route for."""

    def __init__(self, world: World, faults: Faults, routes: Sequence[Route]) -> None:
        self._world = world
        self._faults = faults
        self._routes = [(route, route.pattern()) for route in routes]
        self.unrouted: list[Recorded] = []

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = _PREFIX.sub("", unquote(request.rel_url.raw_path))
        record = Recorded(request.host, request.method, path, dict(request.query), dict(request.headers))
        try:
            await self._read(request, record)
        except BadForm as exc:
            record.payload = {"unreadable": str(exc)}
            return _answer(record, 400, {"message": str(exc), "code": 50035})
        except (ConnectionError, web.RequestPayloadError):
            return cut(request)  # the bot went away in the middle: Discord never had this request
        record.at = time.monotonic()
        self._world.requests.append(record)
        self._world.changed.notify()
        try:
            return await self._answer(record)
        except Dropped:
            return cut(request)

    async def _read(self, request: web.BaseRequest, record: Recorded) -> None:
        content_type = request.headers.get("Content-Type", "")
        boundary = _BOUNDARY.search(content_type)
        if content_type.startswith("multipart/") and boundary:
            form = await read_form(request.content.iter_any(), boundary[1], self._world.blobs)
            record.files = tuple(form.files)
            raw = form.fields.get("payload_json", b"")
        else:
            raw = await request.content.read()
        if raw:
            try:
                record.payload = json.loads(raw)
            except ValueError as exc:
                raise BadForm(f"the body is not JSON: {exc}") from exc

    async def _answer(self, record: Recorded) -> web.StreamResponse:
        await self._faults.wait_at("before", record)
        fault = self._faults.match_fault(record)
        if fault is not None:
            record.status = fault.status
            self._world.changed.notify()
            headers = {"Via": "1.1 google", **fault.headers}
            return web.Response(status=fault.status, body=fault.body, headers=headers)
        try:
            status, body = self._route(record)
        except ApiError as exc:
            status, body = exc.status, exc.body()
        await self._faults.wait_at("after", record)
        response = _answer(record, status, body)
        self._world.changed.notify()
        return response

    def _route(self, record: Recorded) -> Reply:
        for route, pattern in self._routes:
            if route.method != record.method:
                continue
            match = pattern.fullmatch(record.path)
            if match is None:
                continue
            if not route.public and record.headers.get("Authorization") != f"Bot {self._world.token}":
                raise errors.unauthorised()
            return route.handler(self._world, Call(record, match.groupdict()))
        self.unrouted.append(record)
        raise errors.no_route()


def cut(request: web.BaseRequest) -> web.Response:
    """Cut the connection; aiohttp wants a response all the same, and finds nobody to send it to."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _answer(record: Recorded, status: int, body: Any) -> web.Response:
    record.status = status
    if body is None:
        return web.Response(status=status, headers={"Via": "1.1 google"})
    # Exactly this content type: with a charset discord.py hands back text instead of JSON.
    headers = {"Via": "1.1 google", "Content-Type": "application/json"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)

"""A server on a socket that answers exactly the bytes that a test tells it to, well-formed or not."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass
class LocalServer:
    """Answers each request with the next script; the last one is used again and again."""

    scripts: list[Script] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)

    async def __aenter__(self) -> LocalServer:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while (request := await _read_request(reader)) is not None:
                self.requests.append(request)
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                await script(reader, writer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            self._tasks.discard(task)


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
    assert "transfer-encoding" not in headers, "the length of a request is known before it is sent"
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body)


# --- scripts ----------------------------------------------------------------------------------------------


def raw(data: bytes, *, status: int = 200, headers: str = "Content-Type: application/json") -> Script:
    """A whole response."""

    async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} Whatever\r\n{headers}\r\nContent-Length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)

    return script


def answer(body: Any, *, status: int = 200, headers: str = "Content-Type: application/json") -> Script:
    """A whole response of JSON."""
    return raw(json.dumps(body).encode(), status=status, headers=headers)


def broken_off(data: bytes, length: int, *, reset: bool = False) -> Script:
    """A response that ends before its length."""

    async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode() + data)
        await writer.drain()
        if reset:
            writer.transport.abort()
        else:
            writer.close()

    return script


def hang_up(*, reset: bool) -> Script:
    """No response at all."""

    async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reset:
            writer.transport.abort()
        else:
            writer.close()

    return script


def silence(after: bytes = b"") -> Script:
    """A response that never comes, or stops after some bytes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await reader.read()  # until the other side gives up

    return script


def parts(*items: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    """An answer with one candidate of these parts."""
    return {
        "candidates": [
            {"content": {"role": "model", "parts": list(items)}, "finishReason": "STOP", **candidate}
        ],
        "usageMetadata": {
            "promptTokenCount": 12,
            "candidatesTokenCount": 1300,
            "thoughtsTokenCount": 80,
            "totalTokenCount": 1392,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
        },
        "modelVersion": "gemini-nano-banana-2.1",
        "responseId": "abc123",
    }


def picture(data: bytes, **more: Any) -> dict[str, Any]:
    """A part with a picture."""
    return {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}, **more}

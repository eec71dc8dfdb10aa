"""What is sent: the contents of a call as the API's JSON, and a body that streams its pictures from disk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pybase64
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from bot.domain.calls import Call, Content, ModelContent, UserContent
from bot.errors import StorageError
from bot.providers.base import PICTURE_HOLDERS
from bot.providers.exchange import Exchange

_PIECE = 3 * 32 * 1024  # bytes of a picture sent at once; a multiple of three, so that base64 joins up


def contents_of(call: Call, exchange: Exchange) -> list[dict[str, Any]]:
    """Return a call's contents as the API takes them, with marks for the data of pictures."""
    return [_content(content, exchange) for content in call.contents]


def _content(content: Content, exchange: Exchange) -> dict[str, Any]:
    if isinstance(content, ModelContent):
        return {"role": "model", **_with_marks(content.raw, exchange)}
    return {"role": "user", "parts": _user_parts(content, exchange)}


def _user_parts(content: UserContent, exchange: Exchange) -> list[dict[str, Any]]:
    pictures = [
        {"inlineData": {"mimeType": picture.mime, "data": exchange.mark_to_send(picture.sha256)}}
        for picture in content.pictures
    ]
    return [*pictures, *({"text": text} for text in content.texts)]


def _with_marks(value: Any, exchange: Exchange) -> Any:
    """Return a model's words as they came, the data of each picture as a mark (see `Answer.content`).

    A blob is looked for nowhere else: a provider could write one into any other field of its own.
    """
    if isinstance(value, Mapping):
        return {key: _marked(key, item, exchange) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_marks(item, exchange) for item in value]
    return value


def _marked(key: str, value: Any, exchange: Exchange) -> Any:
    if key not in PICTURE_HOLDERS or not isinstance(value, Mapping):
        return _with_marks(value, exchange)
    data = value.get("data")
    if not isinstance(data, Mapping):
        return dict(value)
    return {**value, "data": exchange.mark_to_send(data["blob"])}


class StreamedBody(Payload):
    """A request body of bytes and of files that go out as base64.

    Files are read and encoded in a thread, piece by piece; the length is known before the first byte.
    """

    _autoclose = True  # no file stays open

    def __init__(self, pieces: Sequence[bytes | Path], sizes: Sequence[int]) -> None:
        super().__init__(pieces, content_type="application/json")
        self._pieces = pieces
        self._sizes = sizes
        self._size = sum(
            (size + 2) // 3 * 4 if isinstance(piece, Path) else size
            for piece, size in zip(pieces, sizes, strict=True)
        )

    @classmethod
    async def of(cls, pieces: Sequence[bytes | Path]) -> StreamedBody:
        """Look up the sizes of the files; raises StorageError where one is missing."""
        if not any(isinstance(piece, Path) for piece in pieces):
            return cls(pieces, _sizes_of(pieces))  # nothing to look up
        return cls(pieces, await asyncio.to_thread(_sizes_of, pieces))

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send everything. A StorageError from here breaks the connection off."""
        for piece, size in zip(self._pieces, self._sizes, strict=True):
            if isinstance(piece, Path):
                await _send_file(piece, size, writer)
            else:
                await writer.write(piece)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the bytes without the files: what a log may show."""
        return b"".join(p for p in self._pieces if isinstance(p, bytes)).decode(encoding, errors)


def _sizes_of(pieces: Sequence[bytes | Path]) -> list[int]:
    try:
        return [piece.stat().st_size if isinstance(piece, Path) else len(piece) for piece in pieces]
    except OSError as exc:
        raise StorageError(f"a picture to send cannot be read: {exc}") from exc


async def _send_file(path: Path, size: int, writer: AbstractStreamWriter) -> None:
    for start in range(0, size, _PIECE):
        await writer.write(await asyncio.to_thread(_encoded, path, start, min(_PIECE, size - start)))


def _encoded(path: Path, start: int, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(size)
    except OSError as exc:
        raise StorageError(f"a picture to send cannot be read: {exc}") from exc
    if len(data) < size:
        raise StorageError("a picture to send has become shorter")
    return pybase64.b64encode(data)

"""Takes an answer's body in, its pictures straight to the store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic

from bot.errors import BadAnswer
from bot.providers.base import Kept, Spool
from bot.providers.exchange import Exchange
from bot.providers.scanner import Event, PictureData, PictureEnd, PictureStart, Scanner, Text

_PIECE = 16 * 1024  # scanned at once: 0.1 ms of the event loop, 30 where every byte is a bracket or a quote
_PICTURE_PIECE = 512 * 1024  # where there is nothing but a picture: 0.1 ms
_TURN = 0.002  # seconds of scanning, then others get a turn on the event loop


async def receive_error(chunks: AsyncIterator[bytes], exchange: Exchange) -> bytes:
    """Return the body of an answer that says what went wrong, cut off at the limit."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > exchange.limits.error_bytes:
            break
    return bytes(body[: exchange.limits.error_bytes])


async def receive(chunks: AsyncIterator[bytes], exchange: Exchange) -> bytes:
    """Return the body of an answer with marks in place of pictures; keep the pictures in the store.

    Pictures are kept when the body is complete: of an answer that breaks off nothing stays. Raises
    BadAnswer for what is over the limits or no base64, and what the store raises.
    """
    async with AsyncExitStack() as spools:
        receiver = _Receiver(exchange, spools)
        scanner = Scanner()
        async for chunk in chunks:
            at = 0
            while at < len(chunk):
                async with exchange.turn():
                    exchange.arrived()
                    at, events = _scan(scanner, chunk, at)
                for event in events:
                    await receiver.take(event)
        scanner.close()
        return await receiver.finish()


def _scan(scanner: Scanner, chunk: bytes, at: int) -> tuple[int, list[Event]]:
    """Scan a chunk from `at` on for one turn; return where it ended and what came out."""
    until = monotonic() + _TURN
    events: list[Event] = []
    while at < len(chunk):
        end = _end_of_piece(scanner, chunk, at)
        events += scanner.feed(chunk[at:end])
        at = end
        if monotonic() > until:
            break
    return at, events


def _end_of_piece(scanner: Scanner, chunk: bytes, at: int) -> int:
    end = min(at + _PICTURE_PIECE, len(chunk))
    if scanner.in_picture and chunk.find(b'"', at, end) < 0 and chunk.find(b"\\", at, end) < 0:
        return end
    return min(at + _PIECE, len(chunk))


class _Receiver:
    """Gathers the text and feeds the spools."""

    def __init__(self, exchange: Exchange, spools: AsyncExitStack) -> None:
        self._exchange = exchange
        self._limits = exchange.limits
        self._spools = spools
        self._open: list[Spool] = []
        self._text = bytearray()
        self._picture_bytes = 0

    async def take(self, event: Event) -> None:
        match event:
            case Text(data):
                self._add_text(data)
            case PictureStart():
                await self._begin()
            case PictureData(data):
                await self._add_data(data)
            case PictureEnd():
                pass  # kept with the others, in `finish`

    async def finish(self) -> bytes:
        """Keep the pictures; return the text."""
        for number, spool in enumerate(self._open):
            sha256, size = await spool.commit()
            self._exchange.received[self._exchange.mark_received(number)] = Kept(sha256, size)
        return bytes(self._text)

    def _add_text(self, data: bytes) -> None:
        if len(self._text) + len(data) > self._limits.text_bytes:
            raise BadAnswer(f"the answer's text is over {self._limits.text_bytes} bytes")
        self._text += data

    async def _begin(self) -> None:
        if len(self._open) >= self._limits.pictures:
            raise BadAnswer(f"the answer holds more than {self._limits.pictures} pictures")
        mark = self._exchange.mark_received(len(self._open))
        self._add_text(json.dumps(mark).encode())
        self._open.append(await self._spools.enter_async_context(self._exchange.store.spool()))

    async def _add_data(self, data: bytes) -> None:
        self._picture_bytes += len(data)
        if self._picture_bytes > self._limits.picture_bytes:
            raise BadAnswer(f"the answer's pictures are over {self._limits.picture_bytes} bytes")
        await self._open[-1].write(data)

"""A streaming reader of multipart/form-data: hashes a file while it arrives and copies each byte once.

aiohttp's own reader costs about as much as the upload of the bot itself, which would make the fake a part of
what a benchmark measures; where no bytes are kept, as there, only a file's first ones are hashed. The format
is RFC 2046 (5.1) and RFC 7578, as aiohttp's client writes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from .values import SentFile

HEAD = 64 * 1024
"""How much of a file's beginning is always kept, for its type and pixels."""

_DISPOSITION = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class BadForm(ValueError):
    """The body is not a complete multipart form."""


class Blobs:
    """Uploaded bytes by SHA-256, each kept once: a benchmark posts the same picture hundreds of times."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep
        self._by_digest: dict[str, bytes] = {}

    def intern(self, digest: str, chunks: list[bytes]) -> bytes | None:
        """Return the one kept copy of these bytes, or None when nothing is kept."""
        if not self.keep:
            return None
        if digest not in self._by_digest:
            self._by_digest[digest] = b"".join(chunks)
        return self._by_digest[digest]


@dataclass(slots=True)
class Form:
    """Fields by name, and files in the order of the form."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)


class _Part:
    """One part while it arrives."""

    __slots__ = ("chunks", "content_type", "filename", "hash", "head", "keep", "name", "size")

    def __init__(self, header: bytes, *, keep: bool) -> None:
        lines = dict(
            line.split(": ", 1) for line in header.decode("utf-8", "replace").split("\r\n") if ": " in line
        )
        headers = {name.lower(): value for name, value in lines.items()}
        disposition = dict(_DISPOSITION.findall(headers.get("content-disposition", "")))
        self.name: str = disposition.get("name", "")
        self.filename: str | None = disposition.get("filename")
        self.content_type: str = headers.get("content-type", "application/octet-stream")
        self.keep = keep or self.filename is None
        self.chunks: list[bytes] = []
        self.head = b""
        self.size = 0
        self.hash = hashlib.sha256()

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if not data:
            return
        if self.filename is not None:
            if self.keep or not self.size:
                self.hash.update(data)
            if len(self.head) < HEAD:
                self.head += data[: HEAD - len(self.head)]
        self.size += len(data)
        if self.keep:
            self.chunks.append(data)

    def finish(self, form: Form, blobs: Blobs) -> None:
        """Add the complete part to the form."""
        if self.filename is None:
            form.fields[self.name] = b"".join(self.chunks)
            return
        digest = self.hash.hexdigest()
        kept = blobs.intern(digest, self.chunks)
        form.files.append(
            SentFile(self.name, self.filename, self.content_type, self.size, digest, self.head, kept)
        )


async def read_form(chunks: AsyncIterator[bytes], boundary: str, blobs: Blobs) -> Form:
    """Read a whole form from the chunks of a body.

    Raises `BadForm` when the body ends early or does not begin with the boundary.
    """
    form = Form()
    # The first boundary has no line break before it; giving it one makes all boundaries alike.
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    buffer = b"\r\n"
    part: _Part | None = None
    complete = False
    async for chunk in chunks:
        if complete:
            continue  # the epilogue; read on, so that the connection can be used again
        buffer += chunk
        while not complete:
            if part is None:
                header_end = buffer.find(b"\r\n\r\n", len(delimiter))
                complete = buffer.startswith(delimiter + b"--")
                if complete or header_end < 0:
                    break
                if not buffer.startswith(delimiter):
                    raise BadForm("the body does not begin with the boundary")
                part = _Part(buffer[len(delimiter) : header_end], keep=blobs.keep)
                buffer = buffer[header_end + 4 :]
            found = buffer.find(delimiter)
            if found < 0:
                # What may be the beginning of a boundary waits for the next chunk.
                safe = max(0, len(buffer) - len(delimiter) - 1)
                part.feed(buffer[:safe])
                buffer = buffer[safe:]
                break
            part.feed(buffer[:found])
            part.finish(form, blobs)
            part = None
            buffer = buffer[found:]
    if not complete:
        raise BadForm("the form ended before its last boundary")
    return form

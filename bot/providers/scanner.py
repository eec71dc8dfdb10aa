"""Finds the pictures in a JSON answer while it arrives, so that no picture is ever held as a string.

The scanner is fed pieces of the body, cut anywhere. The value of ``"data"`` in an ``"inlineData"`` object
comes out as decoded bytes, between a `PictureStart` and a `PictureEnd`; all other bytes come out as `Text`,
unchanged and in order. What stands in for a picture in the text is up to the reader. A body that is not
JSON (an error page) is all `Text`; whether the text is valid JSON is for a JSON parser to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import BadAnswer
from bot.providers.base import PICTURE_HOLDERS
from bot.providers.base64_stream import Base64Stream

_LONGEST_KEY = 80  # raw bytes; "inline_data" with every letter escaped has 66
_DEEPEST = 200  # real answers nest about ten levels

_STRUCTURE = re.compile(rb'["{}\[\],]')
_NOT_SPACE = re.compile(rb"[^ \t\r\n]")
_OPEN_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_UNESCAPED = {b"/": b"/", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_NO_BASE64 = b"!"  # stands for every character that base64 cannot have


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes of the body that belong to no picture."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PictureStart:
    """A picture begins in this place of the text."""


@dataclass(frozen=True, slots=True)
class PictureData:
    """Decoded bytes of the picture that began last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PictureEnd:
    """The picture that began last is complete."""


Event = Text | PictureStart | PictureData | PictureEnd


class _State(Enum):
    BEFORE = auto()  # nothing but white space so far
    BETWEEN = auto()  # outside of strings
    KEY = auto()
    VALUE = auto()  # in a string that is no picture
    PICTURE = auto()
    PLAIN = auto()  # this is no JSON; nothing is looked for any more


class Scanner:
    """The scanner of one body. Pure: it reads nothing by itself and keeps no more than a few bytes."""

    def __init__(self) -> None:
        self._state = _State.BEFORE
        self._stack: list[bool | None] = []  # None: an array; else an object, True when it holds a picture
        self._awaits_key = False
        self._key: str | None = None
        self._raw_key = bytearray()
        self._escaped = False  # the last byte was a backslash, in a key or value
        self._tail = b""  # an escape of a picture's string that is not complete yet
        self._base64 = Base64Stream()

    @property
    def in_picture(self) -> bool:
        """Whether the next byte belongs to a picture, or ends it."""
        return self._state is _State.PICTURE

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield what a piece of the body adds. Consume all of it before the next piece.

        Raises BadAnswer for a picture that is not base64 and for endless nesting.
        """
        if self._tail:
            piece, self._tail = self._tail + piece, b""
        at = text_from = 0
        while at < len(piece) and self._state is not _State.PLAIN:
            if self.in_picture:
                at = yield from self._picture(piece, at)
                text_from = at
            elif self._state in (_State.KEY, _State.VALUE):
                at = self._string(piece, at)
            elif self._state is _State.BEFORE:
                at = self._beginning(piece, at)
            else:
                at, picture = self._between(piece, at)
                if picture:
                    if text_from < at - 1:
                        yield Text(piece[text_from : at - 1])  # without the opening quote
                    yield PictureStart()
        if not self.in_picture and text_from < len(piece):
            yield Text(piece[text_from:])

    def close(self) -> None:
        """Say that the body has ended; raises BadAnswer when it ended within a picture."""
        if self.in_picture:
            raise BadAnswer("the answer ends within a picture")

    # --- outside of strings -------------------------------------------------------------------------------

    def _beginning(self, piece: bytes, at: int) -> int:
        found = _NOT_SPACE.search(piece, at)
        if found is None:
            return len(piece)
        self._state = _State.BETWEEN if found.group() in b"{[" else _State.PLAIN
        return found.start()

    def _between(self, piece: bytes, at: int) -> tuple[int, bool]:
        """Go past the next character that matters; also return whether it opened a picture."""
        found = _STRUCTURE.search(piece, at)
        if found is None:
            return len(piece), False
        match found.group():
            case b'"':
                self._open_string()
            case b"{":
                self._open(self._key in PICTURE_HOLDERS)
                self._awaits_key = True
            case b"[":
                self._open(None)
            case b",":
                self._awaits_key = bool(self._stack) and self._stack[-1] is not None
                self._key = None
            case _:
                self._close_bracket()
        return found.end(), self._state is _State.PICTURE

    def _open(self, kind: bool | None) -> None:
        if len(self._stack) >= _DEEPEST:
            raise BadAnswer("the answer is nested too deeply")
        self._stack.append(kind)
        self._awaits_key = False
        self._key = None

    def _close_bracket(self) -> None:
        if not self._stack:
            self._state = _State.PLAIN
            return
        self._stack.pop()
        self._awaits_key = False
        self._key = None

    def _open_string(self) -> None:
        if self._awaits_key:
            self._state = _State.KEY
            self._raw_key.clear()
        elif self._key == "data" and self._stack[-1:] == [True]:
            self._state = _State.PICTURE
            self._base64 = Base64Stream()
        else:
            self._state = _State.VALUE

    # --- within strings -----------------------------------------------------------------------------------

    def _string(self, piece: bytes, at: int) -> int:
        begin = at
        if self._escaped:
            self._escaped = False
            at += 1
        end = _closing_quote(piece, at)
        if self._state is _State.KEY and len(self._raw_key) <= _LONGEST_KEY:
            self._raw_key += piece[begin : min(end, begin + _LONGEST_KEY + 1)]
        if end < len(piece):
            if self._state is _State.KEY:
                self._key = self._decoded_key()
                self._awaits_key = False
            self._state = _State.BETWEEN
            return end + 1
        self._escaped = end > len(piece)
        return len(piece)

    def _decoded_key(self) -> str | None:
        if len(self._raw_key) > _LONGEST_KEY:
            return None
        try:
            return str(json.loads(b'"' + self._raw_key + b'"'))
        except ValueError:
            return None

    def _picture(self, piece: bytes, at: int) -> Generator[Event, None, int]:
        end = _closing_quote(piece, at)
        raw = piece[at:end]
        closed = end < len(piece)
        if b"\\" in raw:
            if not closed and (cut := _OPEN_ESCAPE.search(raw)):
                raw, self._tail = raw[: cut.start()], raw[cut.start() :]
            raw = _ESCAPE.sub(_unescape, raw)
        data = self._base64.feed(raw)
        if closed:
            data += self._base64.close()
        if data:
            yield PictureData(data)
        if not closed:
            return len(piece)
        yield PictureEnd()
        self._state = _State.BETWEEN
        return end + 1


def _closing_quote(piece: bytes, at: int) -> int:
    """Return where the string that `at` is in ends; len(piece) or, after a backslash, one more: not here."""
    quote = -1
    while True:
        if quote < at:
            quote = piece.find(b'"', at)
            if quote < 0:
                quote = len(piece)
        backslash = piece.find(b"\\", at, quote)
        if backslash < 0:
            return quote
        at = backslash + 2
        if at > len(piece):
            return at


def _unescape(escape: re.Match[bytes]) -> bytes:
    code, short = escape.groups()
    if code is None:
        return _UNESCAPED.get(short, _NO_BASE64)
    character = int(code, 16)
    return bytes([character]) if character < 128 else _NO_BASE64

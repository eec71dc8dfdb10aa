"""Base64 that arrives in pieces."""

from __future__ import annotations

import binascii

import pybase64

from bot.errors import BadAnswer

# Protobuf's JSON takes and may send both alphabets, with and without padding
# (https://protobuf.dev/programming-guides/json/, "bytes").
_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")
_WHITE_SPACE = b" \t\r\n"


class Base64Stream:
    """Decodes one base64 text, cut anywhere: both alphabets, white space ignored, padding optional.

    Both methods raise BadAnswer where the text is no base64.
    """

    def __init__(self) -> None:
        self._carry = b""  # up to three characters, of any kind, that wait for their quartet
        self._padding = 0

    def feed(self, text: bytes) -> bytes:
        """Return the bytes that a piece of the text completes."""
        text = self._carry + text
        if not self._padding and b"=" not in text:
            whole = len(text) & ~3
            try:
                data = pybase64.b64decode(text[:whole], validate=True)
            except binascii.Error:
                pass  # what follows takes three times as long, and takes everything
            else:
                self._carry = text[whole:]
                return data
        return self._feed_any(text)

    def _feed_any(self, text: bytes) -> bytes:
        text = text.translate(_ONE_ALPHABET, _WHITE_SPACE)
        body = text.rstrip(b"=")
        if (self._padding and len(body) > len(self._carry)) or b"=" in body:
            raise _fault()  # padding ends the text
        self._padding += len(text) - len(body)
        whole = len(body) & ~3
        self._carry = body[whole:]
        return _decode(body[:whole])

    def close(self) -> bytes:
        """Return the last one or two bytes, if any are left."""
        rest = self._carry.translate(_ONE_ALPHABET, _WHITE_SPACE)
        missing = -len(rest) % 4
        if missing == 3 or self._padding not in (0, missing):
            raise _fault()
        return _decode(rest + b"=" * missing)


def _decode(quartets: bytes) -> bytes:
    try:
        return pybase64.b64decode(quartets, validate=True)
    except binascii.Error:
        raise _fault() from None


def _fault() -> BadAnswer:
    return BadAnswer("the data of a picture is not base64")

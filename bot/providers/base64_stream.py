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
        self._carry = b""  # up to three characters that wait for their quartet
        self._padding = 0

    def feed(self, text: bytes) -> bytes:
        """Return the bytes that a piece of the text completes."""
        text = text.translate(_ONE_ALPHABET, _WHITE_SPACE)
        body = text.rstrip(b"=")
        if body and (self._padding or b"=" in body):
            raise _fault()  # padding ends the text
        self._padding += len(text) - len(body)
        body = self._carry + body
        whole = len(body) & ~3
        self._carry = body[whole:]
        return _decode(body[:whole])

    def close(self) -> bytes:
        """Return the last one or two bytes, if any are left."""
        missing = -len(self._carry) % 4
        if missing == 3 or self._padding not in (0, missing):
            raise _fault()
        return _decode(self._carry + b"=" * missing)


def _decode(quartets: bytes) -> bytes:
    try:
        return pybase64.b64decode(quartets, validate=True)
    except binascii.Error:
        raise _fault() from None


def _fault() -> BadAnswer:
    return BadAnswer("the data of a picture is not base64")

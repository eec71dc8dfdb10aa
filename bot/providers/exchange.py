"""One call on the wire: what stands in for pictures in both directions, and how far the answer came."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bot.errors import StorageError
from bot.providers.base import Kept, Limits, PictureStore
from bot.providers.turns import Turns

_DIGITS = 4  # of the number in a mark
_SHA256 = re.compile("[0-9a-f]{64}")


class Exchange:
    """One request and its answer.

    google-genai only sees short marks where pictures belong. Every exchange has marks of its own that
    nobody can guess, so that nothing that a member or a provider writes is ever taken for one.
    """

    def __init__(
        self, store: PictureStore, limits: Limits, arriving: Callable[[], None], turns: Turns
    ) -> None:
        self.store = store
        self.limits = limits
        self.id = secrets.token_hex(16)
        self.sent: list[str] = []  # SHA-256 of the pictures of the request, by the number in their mark
        self.received: dict[str, Kept] = {}  # pictures of the answer by their mark
        self.status: int | None = None  # of the answer; None: none came
        self.headers: Mapping[str, str] = {}
        self._arriving = arriving
        self._arrived = False
        self._turns = turns
        self._age = turns.age()

    def mark_to_send(self, sha256: str) -> str:
        """Return what stands for a stored picture in the request."""
        if not _SHA256.fullmatch(sha256):
            raise StorageError("a picture to send has no address of a blob")
        self.sent.append(sha256)
        return f"send-{self.id}-{len(self.sent) - 1:0{_DIGITS}d}"

    def split(self, body: bytes) -> list[bytes | Path]:
        """Take a request's body apart: JSON as it is, and the file of each picture where its mark was."""
        head, *others = body.split(b"send-%s-" % self.id.encode())
        pieces: list[bytes | Path] = [head]
        for other in others:
            pieces += [self.store.path(self.sent[int(other[:_DIGITS])]), other[_DIGITS:]]
        return pieces

    def mark_received(self, number: int) -> str:
        """Return what stands for a picture in the answer's text."""
        return f"received-{self.id}-{number}"

    def sending(self) -> None:
        """A request is about to be sent; a listing takes several."""
        self.status = None
        self.headers = {}

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of the answer is there."""
        self.status = status
        self.headers = headers

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A turn to scan: one answer at a time, so that many at once do not block the loop."""
        return self._turns.turn(self._age)

    def arrived(self) -> None:
        """Some of the answer's body is there."""
        if not self._arrived:
            self._arrived = True
            self._arriving()

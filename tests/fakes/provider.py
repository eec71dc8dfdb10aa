"""A provider that says what a test tells it to. Its pictures are real, and kept as real ones are."""

from __future__ import annotations

import io
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.domain.calls import Call, UserContent
from bot.providers.base import PictureStore
from tests.fakes.changes import Changes

TOKENS = Usage(prompt=10, output=1120, output_images=1120, thoughts=0, total=1130)


@lru_cache(maxsize=64)
def jpeg(seed: int = 0, width: int = 64, height: int = 48, quality: int = 90) -> bytes:
    """A picture that compresses badly, the same for the same seed."""
    pixels = random.Random(seed).randbytes(width * height * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture of a reply."""

    data: bytes
    thought: bool = False
    mime: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answers with. `drawn` None: a picture that is different for every call."""

    drawn: tuple[Drawn, ...] | None = None
    verdict: Verdict = Verdict.PICTURE
    text: str = ""
    finish_reason: str = "STOP"
    message: str = ""
    usage: Usage = TOKENS
    response_id: str = ""


def pictures(*data: bytes | Drawn, text: str = "", usage: Usage = TOKENS) -> Reply:
    """A reply with these pictures, in this order."""
    drawn = tuple(item if isinstance(item, Drawn) else Drawn(item) for item in data)
    return Reply(drawn, text=text, usage=usage)


def blocked(message: str = "", *, reason: str = "IMAGE_SAFETY", drawn: tuple[Drawn, ...] = ()) -> Reply:
    """A refusal."""
    return Reply(
        drawn, Verdict.BLOCKED, finish_reason=reason, message=message, usage=Usage(prompt=10, total=10)
    )


def no_image(text: str = "") -> Reply:
    """An answer without a picture."""
    return Reply((), Verdict.NO_IMAGE, text, "NO_IMAGE", usage=Usage(prompt=10, total=10))


Item = Reply | BaseException | Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Made:
    """One call as it came in."""

    call: Call
    timeout: float

    @property
    def prompt(self) -> str:
        """The person's words."""
        content = self.call.contents[-1]
        assert isinstance(content, UserContent)
        return content.texts[-1]


class FakeProvider(Changes):
    """Answers from a queue, and with a fresh picture when the queue is empty."""

    def __init__(self, store: PictureStore) -> None:
        super().__init__()
        self.history: list[Made] = []
        self.inside: list[Made] = []  # calls that are being worked on
        self.most_inside = 0
        self._store = store
        self._queue: deque[Item] = deque()
        self._held = False
        self._let_go: set[int] = set()
        self._answered = 0

    def enqueue(self, *items: Item) -> None:
        """Answer the next calls with these: a reply, an exception that is raised, or a function."""
        self._queue.extend(items)

    def hold(self) -> None:
        """Let every call wait inside from now on."""
        self._held = True

    def release(self) -> None:
        """Let all calls go on."""
        self._held = False
        self.changed()

    async def until_inside(self, calls: int = 1) -> None:
        """Return when so many calls are inside."""
        await self.until(lambda: len(self.inside) >= calls)

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - the protocol's
        arriving: Callable[[], None],
    ) -> Answer:
        made = Made(call, timeout)
        self.history.append(made)
        number = len(self.history)
        item = self._queue.popleft() if self._queue else Reply()
        self.inside.append(made)
        self.most_inside = max(self.most_inside, len(self.inside))
        self.changed()
        try:
            while self._held:
                await self._next.wait()
            if callable(item):
                item = await item(call)
            if isinstance(item, BaseException):
                raise item
            arriving()
            return await self._answer(item, call, number)
        finally:
            self.inside.remove(made)
            self.changed()

    async def _answer(self, reply: Reply, call: Call, number: int) -> Answer:
        drawn = (Drawn(jpeg(number)),) if reply.drawn is None else reply.drawn
        kept = [await self._keep(item) for item in drawn]
        parts: list[dict[str, Any]] = [
            {
                "inlineData": {"mimeType": picture.mime, "data": {"blob": picture.sha256}},
                "thoughtSignature": f"signature-{number}",
            }
            for picture in kept
        ]
        if reply.text:
            parts.append({"text": reply.text})
        return Answer(
            verdict=reply.verdict,
            model=call.model,
            pictures=tuple(kept),
            text=reply.text,
            finish_reason=reply.finish_reason,
            message=reply.message,
            usage=reply.usage,
            response_id=reply.response_id or f"response-{number}",
            model_version=call.model,
            content={"role": "model", "parts": parts} if parts else None,
        )

    async def _keep(self, drawn: Drawn) -> Picture:
        async with self._store.spool() as spool:
            for start in range(0, len(drawn.data), 64 * 1024):
                await spool.write(drawn.data[start : start + 64 * 1024])
            sha256, size = await spool.commit()
        return Picture(sha256, drawn.mime, size, drawn.thought)

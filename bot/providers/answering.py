"""The other end of `bot.providers.process`: takes questions from a pipe and answers them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.errors import PlantainError
from bot.providers import pipe

log = logging.getLogger(__name__)


class Answers(Protocol):
    """What makes the calls (`bot.providers.gemini.Gemini`)."""

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - passed on
        arriving: Callable[[], None],
    ) -> Answer: ...

    async def models(self) -> list[str]: ...


def read(source: BinaryIO) -> Any:
    """Return the next message; None at the end of the pipe, also within a message. Blocks."""
    head = source.read(pipe.LENGTH)
    length = int.from_bytes(head, "big")
    data = source.read(length) if len(head) == pipe.LENGTH else b""
    return pipe.unframed(data) if data and len(data) == length else None


class Answering:
    """Answers everything that comes through `source` at once, into `sink`, until the pipe ends.

    It ends when the process at the other end does, however that ends: then nobody is there for the answers,
    and what is under way is given up, as it is when the bot itself is killed.

    `greeted` is called with whatever is no question: the settings, told anew.

    A thread reads, because not every system lets an event loop wait for a pipe. Writing blocks, which it
    hardly ever does: messages are small, and the other end does little else than reading them.
    """

    def __init__(
        self, provider: Answers, source: BinaryIO, sink: BinaryIO, *, greeted: Callable[[Any], None]
    ) -> None:
        self._provider = provider
        self._greeted = greeted
        self._source = source
        self._sink = sink
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Say that calls can be made, and make them until the pipe ends."""
        self._say(pipe.Ready())
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read_all, args=(loop,), name="questions", daemon=True).start()
        await self._over.wait()
        for task in tuple(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _read_all(self, loop: asyncio.AbstractEventLoop) -> None:
        while (message := read(self._source)) is not None:
            loop.call_soon_threadsafe(self._take, message)
        loop.call_soon_threadsafe(self._over.set)

    def _take(self, message: Any) -> None:
        match message:
            case pipe.GiveUp(number):
                if (task := self._tasks.get(number)) is not None:
                    task.cancel()
            case pipe.Ask(number) | pipe.AskModels(number):
                task = asyncio.create_task(self._answer(message), name=f"call {number}")
                self._tasks[number] = task
                task.add_done_callback(lambda _: self._tasks.pop(number, None))
            case _:
                self._greeted(message)

    async def _answer(self, question: pipe.Ask | pipe.AskModels) -> None:
        number = question.number
        try:
            if isinstance(question, pipe.AskModels):
                self._say(pipe.Done(number, await self._provider.models()))
                return
            answer = await self._provider.generate(
                question.call, timeout=question.timeout, arriving=lambda: self._say(pipe.Arriving(number))
            )
            self._say(pipe.Done(number, answer))
        except PlantainError as error:
            self._say(pipe.Failed(number, error))
        except Exception as error:
            log.exception("a call broke")
            self._say(pipe.Failed(number, type(error).__name__))

    def _say(self, reply: pipe.Reply) -> None:
        try:
            self._sink.write(pipe.framed(reply))
            self._sink.flush()
        except OSError:  # the other end is gone, and the end of our source follows
            self._over.set()

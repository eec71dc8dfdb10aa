"""A provider in a process of its own.

What a call costs is request, TLS, base64, hashing and files: about half of what a job costs, and nearly all
of it holds Python's one lock, or waits for it. In another process it holds up neither the event loop nor
the database's thread. The other end is `bot.providers.answering`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.errors import BadAnswer, Busy, CallLost, PlantainError, ProviderError
from bot.providers import pipe

log = logging.getLogger(__name__)

MODULE = "bot.wiring.provider_main"
# Not for that process: it needs no Discord, and what it needs of the settings comes through the pipe.
WITHHELD = ("DISCORD_", "GEMINI_", "PLANTAIN_")

SECONDS_TO_STOP = 3.0
SECONDS_TO_LIST = 60.0
# A call ends by itself within its timeout; where it does not, something is wrong with the process.
SECONDS_BEYOND = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before it is started again


@dataclass(slots=True, eq=False)
class _Waiting:
    """Somebody who asked, and how to tell them."""

    outcome: asyncio.Future[Answer | Sequence[str]]
    arriving: Callable[[], None]
    begun: bool = False  # whether the answer has begun to come in

    def lost(self, why: str) -> ProviderError:
        """Return what it comes to that the process is no more: an answer that has begun is paid for."""
        return BadAnswer(f"the answer broke off: {why}") if self.begun else CallLost(why)


class ProviderProcess:
    """A provider (`bot.studio.ports.Provider`) behind a pipe. Use with ``async with``.

    `greeting` is the first thing that the process is told: its settings, with the key, which so stands in
    neither its arguments nor its environment. Where the process dies it is started again; calls that were
    under way raise `CallLost`, and `BadAnswer` where their answer was coming in, as where the provider's line
    breaks. The process ends by itself when this one does, however that ends.
    """

    def __init__(self, greeting: object, *, module: str = MODULE) -> None:
        self._greeting = greeting
        self._module = module
        self._numbers = itertools.count(1)
        self._waiting: dict[int, _Waiting] = {}
        self._process: Process | None = None
        self._welcome = asyncio.Event()  # it may be greeted
        self._ready = asyncio.Event()
        self._began = False  # whether one has ever been ready
        self._pause = FIRST_PAUSE
        self.deaths = 0  # how often it ended and was started again
        self._living: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> ProviderProcess:
        self._living = asyncio.create_task(self._live(), name="provider")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def ready(self) -> None:
        """Greet the process, and return when it can make calls; raise what keeps it from that.

        Until then it only loads what it needs, so that other things can be opened meanwhile.
        """
        if self._closing or self._living is None:
            raise RuntimeError("the provider is used outside of `async with`")
        self._welcome.set()
        while not self._ready.is_set():  # again where it has died since it was
            ready = asyncio.create_task(self._ready.wait(), name="provider starts")
            try:
                await asyncio.wait({self._living, ready}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                ready.cancel()
            if self._living.done():
                self._living.result()  # raises what it ended with
                raise RuntimeError("the provider was closed")

    def greet(self, greeting: object) -> None:
        """Tell the process, and every later one, other settings."""
        self._greeting = greeting
        if self._ready.is_set():
            self._send(greeting)

    @property
    def is_ready(self) -> bool:
        """Whether it can make calls now."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - passed on
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call within `timeout` seconds; return its answer with the pictures kept in the store.

        `arriving` is called once when the answer begins to come in. Raises what the provider raises there.
        """
        question = pipe.Ask(next(self._numbers), call, timeout)
        answer = await self._ask(question, timeout + SECONDS_BEYOND, arriving)
        if not isinstance(answer, Answer):
            raise TypeError("the process answered something else")
        return answer

    async def models(self) -> list[str]:
        """Return the ids of the models that this key or project may generate with."""
        question = pipe.AskModels(next(self._numbers))
        try:
            found = await self._ask(question, SECONDS_TO_LIST, lambda: None)
        except CallLost as error:  # a list costs nothing
            raise Busy(error.detail) from None
        if isinstance(found, Answer):
            raise TypeError("the process answered something else")
        return list(found)

    async def _ask(
        self, question: pipe.Ask | pipe.AskModels, seconds: float, arriving: Callable[[], None]
    ) -> Answer | Sequence[str]:
        try:
            async with asyncio.timeout(seconds):
                await self.ready()
        except TimeoutError:
            raise Busy("the provider's process did not start") from None
        process = self._process
        waiting = _Waiting(asyncio.get_running_loop().create_future(), arriving)
        try:
            async with asyncio.timeout(seconds):
                return await self._answered(question, waiting)
        except TimeoutError:
            if process is self._process and self._ready.is_set():
                self._replace()
            raise waiting.lost("the provider's process did not answer") from None

    def _replace(self) -> None:
        """Kill a process that hangs; another is started when its end is noticed."""
        log.error("the provider's process does not answer and is started again")
        self._ready.clear()
        self._kill()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def _answered(
        self, question: pipe.Ask | pipe.AskModels, waiting: _Waiting
    ) -> Answer | Sequence[str]:
        self._waiting[question.number] = waiting
        self._send(question)
        try:
            return await waiting.outcome
        finally:
            if self._waiting.pop(question.number, None) is not None:
                self._send(pipe.GiveUp(question.number))

    def _send(self, message: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(pipe.framed(message))

    # --- the process --------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Run the process, again and again, until it is closed; raise where it does not even start once."""
        while not self._closing:
            try:
                ended = await self._run_once()
            except Exception as error:  # no memory or no file left for it, or nobody understands what it says
                ended = f"is of no use: {error!r}"
                self._kill()
            if self._closing:
                return
            if not self._began:
                raise RuntimeError(f"the provider's process {ended}")
            self.deaths += 1
            log.error("the provider's process %s; another is started", ended)
            await asyncio.sleep(self._pause)
            self._pause = min(LONGEST_PAUSE, self._pause * 2)

    async def _run_once(self) -> str:
        """Start the process and listen to it until it ends; return how it ended."""
        self._process = process = await _start(self._module)
        await self._welcome.wait()
        self._send(self._greeting)
        try:
            await self._listen(process)
        finally:
            self._ready.clear()
            self._let_down()
        return f"ended with {await process.wait()}"

    async def _listen(self, process: Process) -> None:
        """Hand on what the process says until it ends."""
        if process.stdout is None:
            raise RuntimeError("the process has no pipe")
        with suppress(asyncio.IncompleteReadError):
            while True:
                length = int.from_bytes(await process.stdout.readexactly(pipe.LENGTH), "big")
                self._take(pipe.unframed(await process.stdout.readexactly(length)))

    def _take(self, reply: pipe.Reply) -> None:
        match reply:
            case pipe.Ready():
                self._pause, self._began = FIRST_PAUSE, True
                self._ready.set()
            case pipe.Arriving(number):
                if (waiting := self._waiting.get(number)) is not None:
                    waiting.begun = True
                    # Not from here: a fault of whoever is told must not take others' answers along.
                    asyncio.get_running_loop().call_soon(waiting.arriving)
            case pipe.Done(number, result):
                if (waiting := self._waiting.pop(number, None)) is not None and not waiting.outcome.done():
                    waiting.outcome.set_result(result)
            case pipe.Failed(number, error):
                self._fail(number, _as_error(error))

    def _let_down(self) -> None:
        """Tell everybody who waits that nothing will come."""
        for number, waiting in tuple(self._waiting.items()):
            self._fail(number, waiting.lost("the provider's process ended"))

    def _fail(self, number: int, error: Exception) -> None:
        if (waiting := self._waiting.pop(number, None)) is not None and not waiting.outcome.done():
            waiting.outcome.set_exception(error)

    async def _close(self) -> None:
        """End the process; it takes the end of its pipe for the word."""
        self._closing = True
        if self._living is None:
            return
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            if self._began:  # before, nothing was asked of it
                await asyncio.wait({self._living}, timeout=SECONDS_TO_STOP)
            self._kill()
            await process.wait()
        self._living.cancel()
        await asyncio.gather(self._living, return_exceptions=True)


async def _start(module: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        env={**_inherited(os.environ), "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(WITHHELD)}


def _as_error(error: PlantainError | str) -> Exception:
    if isinstance(error, str):
        return RuntimeError(f"{error} in the provider's process")
    return error

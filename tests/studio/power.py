"""Trouble outside, up to death in the middle: all that leaves a process goes by a switch of the test."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.domain.deliveries import Delivery, Way
from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.studio import notifier_ports, ports, store_ports
from tests.fakes.changes import PATIENCE, Changes
from tests.studio.outside import Outside

T = TypeVar("T")


class PowerCut(BaseException):
    """The process is dead: nothing catches this, and nothing works any more."""


class Stuck(Exception):
    """A commit that never ends. Where it waits it holds no database: others' transactions go on."""


@dataclass(slots=True)
class Pause:
    """A step that waits for the test."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_reached(self) -> None:
        """Return when somebody waits there."""
        async with asyncio.timeout(PATIENCE):
            await self.reached.wait()


class Power(Changes):
    """Counts what the program does with the outside; goes off before step number `cut_at` (from 1).

    Or before the step that is called `cut_before`, when it comes for the `times`-th time.
    Step number `hang_at` never ends: whoever takes it can only be cancelled. `fail` lets single steps raise
    an error, as the outside does when it is in trouble. `timeline` may be shared between processes.
    """

    def __init__(
        self,
        cut_at: int | None = None,
        *,
        cut_before: str = "",
        times: int = 1,
        hang_at: int | None = None,
        timeline: list[tuple[str, int]] | None = None,
    ) -> None:
        super().__init__()
        self.steps: list[str] = []
        self.off = False
        self.hangs = False
        # What happened to each picture: called (by its seed), kept (by its position).
        self.timeline = [] if timeline is None else timeline
        self._cut_at = cut_at
        self._cut_before = cut_before
        self._times = times
        self._hang_at = hang_at
        self._pauses: dict[str, Pause] = {}
        self._faults: dict[str, deque[Exception | None]] = defaultdict(deque)

    def fail(self, what: str, *errors: Exception | None) -> None:
        """Let the next steps of this name raise these; None goes on."""
        self._faults[what].extend(errors)

    def pause(self, what: str) -> Pause:
        """Let the next step of this name wait until the test lets it go on."""
        pause = self._pauses[what] = Pause()
        return pause

    def cut(self) -> None:
        self.off = True
        self.changed()

    async def step(self, what: str) -> None:
        """Go on, or die here. A step has the name of its task before its own, as in ``deliver commit``."""
        what = f"{_role()} {what}"
        if self.off:
            raise PowerCut(what)
        self.steps.append(what)
        named = what == self._cut_before and self.steps.count(what) == self._times
        if len(self.steps) == self._cut_at or named:
            self.cut()
            raise PowerCut(what)
        # The claim's commit is the database's business alone, and nobody but the database can hold it up.
        if len(self.steps) == self._hang_at and what != "workers commit":
            self.hangs = True
            self.changed()
            if what.endswith(" commit"):
                raise Stuck
            await asyncio.Event().wait()
        self.changed()
        if pause := self._pauses.pop(what, None):
            pause.reached.set()
            await pause.go_on.wait()
        error = self._faults[what].popleft() if self._faults[what] else None
        if error is not None:
            raise error


def _role() -> str:
    """What the current task is there for: workers, upkeep, job, recover, deliver; else it is somebody's."""
    task = asyncio.current_task()
    word = task.get_name().partition(" ")[0] if task is not None else ""
    return "somebody" if word.startswith("Task-") else word


def _noted(
    keep: Callable[[str, int, Answer], Awaitable[None]], kept: list[int]
) -> Callable[[str, int, Answer], Coroutine[Any, Any, None]]:
    """Keep an answer and note its position."""

    async def keep_and_note(job_id: str, position: int, answer: Answer) -> None:
        await keep(job_id, position, answer)
        kept.append(position)

    return keep_and_note


class PoweredStore:
    """A database that is reached as long as there is power; what was not committed is not there."""

    def __init__(self, store: store_ports.Store, power: Power) -> None:
        self._store = store
        self._power = power

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[store_ports.Transaction]:
        await self._power.step("transaction")
        kept: list[int] = []
        try:
            async with self._store.transaction() as tx:
                tx.answers.keep = _noted(tx.answers.keep, kept)  # type: ignore[method-assign,assignment]
                yield tx
                await self._power.step("commit")
        except Stuck:
            await asyncio.Event().wait()
        self._power.timeline.extend(("kept", position) for position in kept)
        if kept:
            self._power.changed()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[store_ports.Transaction]:
        await self._power.step("reading")
        async with self._store.reading() as tx:
            yield tx
        await self._power.step("has read")

    async def write(self, work: Callable[[store_ports.Transaction], Awaitable[T]]) -> T:
        async with self.transaction() as tx:
            return await work(tx)

    async def read(self, work: Callable[[store_ports.Transaction], Awaitable[T]]) -> T:
        async with self.reading() as tx:
            return await work(tx)

    async def checkpoint(self) -> None:
        await self._power.step("checkpoint")
        await self._store.checkpoint()


class PoweredBlobs:
    """Files that are reached as long as there is power."""

    def __init__(self, blobs: ports.Blobs, power: Power) -> None:
        self._blobs = blobs
        self._power = power

    def path(self, sha256: str) -> Path:
        return self._blobs.path(sha256)

    async def keep_answer(self, job_id: str, position: int, answer: Answer) -> None:
        await self._power.step("keep answer")
        await self._blobs.keep_answer(job_id, position, answer)
        self._power.timeline.append(("kept", position))
        self._power.changed()

    async def kept_answers(self, job_id: str) -> dict[int, Answer]:
        await self._power.step("read answers")
        return await self._blobs.kept_answers(job_id)

    async def ensure_room(self) -> None:
        await self._power.step("ensure room")
        await self._blobs.ensure_room()

    async def drop_answers(self, job_id: str, count: int) -> None:
        await self._power.step("drop answers")
        await self._blobs.drop_answers(job_id, count)


class PoweredProvider:
    """A provider whose answer may find nobody who takes it in."""

    def __init__(self, provider: ports.Provider, power: Power) -> None:
        self._provider = provider
        self._power = power

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - the protocol's
        arriving: Callable[[], None],
    ) -> Answer:
        await self._power.step("call")
        self._power.timeline.append(("called", call.seed or 0))
        answer = await self._provider.generate(call, timeout=timeout, arriving=arriving)
        await self._power.step("answered")
        return answer


class PoweredNotifier:
    """A Discord that may take a message and find nobody who hears of it."""

    def __init__(self, notifier: notifier_ports.Notifier, power: Power) -> None:
        self._notifier = notifier
        self._power = power

    def progress(self, job: Job, stage: Stage, ahead: int = 0, outlook: Outlook = NOTHING_KNOWN) -> None:
        if not self._power.off:
            self._notifier.progress(job, stage, ahead, outlook)

    @property
    def calm(self) -> bool:
        return self._notifier.calm

    async def acknowledged(self) -> None:
        await self._notifier.acknowledged()

    async def deliver(
        self, outcome: notifier_ports.Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> notifier_ports.Posted:
        await self._power.step("deliver")
        posted = await self._notifier.deliver(outcome, way, origin, card_message_id)
        await self._power.step("delivered")
        return posted

    async def update(self, outcome: notifier_ports.Outcome, delivery: Delivery) -> None:
        await self._power.step("update")
        await self._notifier.update(outcome, delivery)


def powered(outside: Outside, power: Power) -> Outside:
    """Put the switch between a process and its outside."""
    return Outside(
        PoweredStore(outside.store, power),
        PoweredBlobs(outside.blobs, power),
        PoweredProvider(outside.provider, power),
        PoweredNotifier(outside.notifier, power),
    )

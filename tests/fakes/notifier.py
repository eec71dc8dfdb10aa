"""A notifier that writes down what people would be told."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from bot.domain.deliveries import Delivery, Way
from bot.domain.drawings import PostedDrawing
from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.studio.notifier_ports import Outcome, Posted
from bot.studio.trees import Drawing
from tests.fakes.changes import Changes

DIRECT_CHANNEL = 9_000


@dataclass(frozen=True, slots=True)
class Told:
    """One call of `progress`."""

    job_id: str
    stage: Stage
    ahead: int
    outlook: Outlook = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Given:
    """One outcome that reached somebody, with the bytes that were posted."""

    outcome: Outcome
    way: Way
    origin: Origin
    card: int | None
    posted: Posted
    files: tuple[bytes, ...]

    @property
    def job_id(self) -> str:
        return self.outcome.job.id


@dataclass(frozen=True, slots=True)
class Tried:
    """One call of `deliver`, whatever came of it."""

    job_id: str
    way: Way
    sizes: tuple[int, ...]  # bytes of each file


@dataclass(frozen=True, slots=True)
class Changed:
    """One call of `update`."""

    outcome: Outcome
    delivery: Delivery
    files: tuple[bytes, ...]


class RecordingNotifier(Changes):
    """Takes everything, until a test closes a way or scripts a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.progressed: list[Told] = []
        self.tried: list[Tried] = []
        self.deliveries: list[Given] = []
        self.updates: list[Changed] = []
        self.redrawn: list[tuple[PostedDrawing, Drawing]] = []
        self._scripted: dict[Way, deque[Exception | None]] = defaultdict(deque)
        self._closed: dict[Way, Exception] = {}
        self._update_failures: deque[Exception] = deque()
        self._held = False
        self._unanswered = False
        self.held_back = False  # somebody waits until all are told
        self.waiting = 0  # deliveries and updates that are held

    # --- what a test says ---------------------------------------------------------------------------------

    def fail(self, way: Way, *errors: Exception | None) -> None:
        """Let the next deliveries by this way fail so; None is one that works."""
        self._scripted[way].extend(errors)

    def close(self, way: Way, error: Exception) -> None:
        """Let every delivery by this way fail so, until `open`."""
        self._closed[way] = error

    def open(self, way: Way) -> None:
        """Let this way work again."""
        self._closed.pop(way, None)

    def fail_updates(self, *errors: Exception) -> None:
        """Let the next updates fail so."""
        self._update_failures.extend(errors)

    @property
    def failures_left(self) -> int:
        """How many of them did not happen, because nobody tried."""
        return len(self._update_failures)

    def hold(self) -> None:
        """Let deliveries and updates wait until `release`."""
        self._held = True

    def release(self) -> None:
        """Let everything go on."""
        self._held = False
        self.changed()

    def burst(self) -> None:
        """Let many wait to be told that they were accepted, until `all_told`."""
        self._unanswered = True

    def all_told(self) -> None:
        """Let nobody wait for that any more."""
        self._unanswered = False
        self.changed()

    async def until_delivered(self, times: int = 1) -> None:
        """Return when so many outcomes have reached somebody."""
        await self.until(lambda: len(self.deliveries) >= times)

    def stages(self, job_id: str) -> list[Stage]:
        """What the card of a job said, one after the other, without repetitions."""
        found: list[Stage] = []
        for told in self.progressed:
            if told.job_id == job_id and told.stage not in found[-1:]:
                found.append(told.stage)
        return found

    # --- the protocol -------------------------------------------------------------------------------------

    def progress(self, job: Job, stage: Stage, ahead: int = 0, outlook: Outlook = NOTHING_KNOWN) -> None:
        self.progressed.append(Told(job.id, stage, ahead, outlook))
        self.changed()

    @property
    def calm(self) -> bool:
        return not self._unanswered

    async def acknowledged(self) -> None:
        self.held_back = self._unanswered
        self.changed()
        await self.until(lambda: not self._unanswered)

    async def deliver(
        self, outcome: Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> Posted:
        files = _files(outcome)
        self.tried.append(Tried(outcome.job.id, way, tuple(map(len, files))))
        await self._pass()
        scripted = self._scripted[way].popleft() if self._scripted[way] else None
        error = scripted or self._closed.get(way)
        if error is not None:
            self.changed()
            raise error
        channel = DIRECT_CHANNEL if way is Way.DIRECT else origin.channel_id
        posted = Posted(channel, 1_000 + len(self.deliveries))
        self.deliveries.append(Given(outcome, way, origin, card_message_id, posted, files))
        self.changed()
        return posted

    async def update(self, outcome: Outcome, delivery: Delivery) -> None:
        files = _files(outcome)
        await self._pass()
        if self._update_failures:
            raise self._update_failures.popleft()
        self.updates.append(Changed(outcome, delivery, files))
        self.changed()

    async def redraw(self, posted: PostedDrawing, drawing: Drawing) -> None:
        await self._pass()
        if self._update_failures:
            raise self._update_failures.popleft()
        self.redrawn.append((posted, drawing))
        self.changed()

    async def _pass(self) -> None:
        self.waiting += 1
        self.changed()
        try:
            while self._held:
                await self._next.wait()
        finally:
            self.waiting -= 1


def _files(outcome: Outcome) -> tuple[bytes, ...]:
    """The bytes that are posted, read at the time of posting as Discord's implementation does."""
    return tuple(
        attachment.path.read_bytes() if attachment.smaller is None else attachment.smaller.data
        for attachment in outcome.attachments
    )

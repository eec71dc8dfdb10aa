"""A studio on real storage, real files and real imaging; only time, provider and notifier are stand-ins.

A `World` is what survives a process: its data and the outside. `World.process` is one run of the program on
it; a test can start several, one after the other.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from bot.catalogue import load_catalogue
from bot.domain.breaker import BreakerPolicy
from bot.domain.calls import build_call
from bot.domain.caps import Period
from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Limits
from bot.domain.jobs import Job, JobState
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Options, Origin, Request
from bot.domain.retry import RetryPolicy
from bot.domain.rules.ruleset import Strictness
from bot.domain.safety import SafetyBounds
from bot.imaging import Imaging
from bot.rules import load_ruleset
from bot.studio.allowances import Allowances
from bot.studio.bounds import Bounds
from bot.studio.consequences import WithheldFiles
from bot.studio.deliver import Deliverer
from bot.studio.intake import Downloads, Intake
from bot.studio.lanes import Lanes
from bot.studio.moderation import Moderation, open_moderation
from bot.studio.observer import UNOBSERVED
from bot.studio.originals import Originals
from bot.studio.perform import Performer
from bot.studio.pictures import Pictures
from bot.studio.service import Studio
from bot.studio.submit import Submissions
from bot.studio.talk import Talk
from bot.studio.work import Workers
from bot.wiring.studio import Given, StudioSettings, studio_of
from storage import Blobs, open_store
from tests.fakes.announcer import RecordingAnnouncer
from tests.fakes.clock import FakeClock
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.provider import FakeProvider, Reply
from tests.studio.ending import end_process
from tests.studio.outside import NoDownloads, ObservedStore, Outside, counted_ids
from tests.studio.power import Power, powered
from tests.studio.records import Records

MEMBER = 101
GUILD = 700
CHANNEL = 600
STANDARD = "gemini-nano-banana-2.1"  # takes no seed
DRAFT = "gemini-3.1-flash-lite-image"  # takes a seed, no size
MEBIBYTE = 1024 * 1024
RULESET = load_ruleset()
ALL_TIME = Period(0, 2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(StudioSettings):
    """What an operator sets."""

    daily_images: int = 1000
    operator: OperatorLimits = OperatorLimits()
    public_url: str = ""
    calls: int = 64
    call_seconds: float = 300.0
    policy: RetryPolicy = RetryPolicy()
    breaker: BreakerPolicy = BreakerPolicy()
    bounds: Bounds = Bounds()
    max_waiting: int = 1000
    max_prompt: int = 4000
    conversations: Limits = Limits()
    most_bytes: int = 90 * MEBIBYTE
    drain_seconds: float = 8.0
    zone: tzinfo = UTC
    sole: bool = True


@dataclass(frozen=True, slots=True)
class Process:
    """One run of the program."""

    studio: Studio
    submissions: Submissions
    workers: Workers
    deliverer: Deliverer
    pictures: Pictures
    performer: Performer
    lanes: Lanes
    talk: Talk


@dataclass
class World(Records):
    """Data, outside, and how a process is put together."""

    observed: ObservedStore
    imaging: Imaging
    clock: FakeClock
    provider: FakeProvider
    notifier: RecordingNotifier
    announcer: RecordingAnnouncer = field(default_factory=RecordingAnnouncer)
    catalogue: Catalogue = field(default_factory=load_catalogue)
    setup: Setup = field(default_factory=Setup)
    new_id: Callable[[], str] = field(default_factory=counted_ids)
    owners: Iterator[int] = field(default_factory=itertools.count)

    @property
    def blobs(self) -> Blobs:
        return self.store.blobs

    @property
    def outside(self) -> Outside:
        return Outside(self.observed, self.blobs, self.provider, self.notifier)

    # --- processes ----------------------------------------------------------------------------------------

    def process(self, outside: Outside | None = None, **changes: Any) -> Process:
        """Put a process together; it does nothing before its studio is entered. `changes` are of `Setup`."""
        outside = outside or self.outside
        setup = replace(self.setup, **changes)
        wired = studio_of(
            Given(
                settings=setup,
                catalogue=self.catalogue,
                store=outside.store,
                blobs=outside.blobs,
                imaging=self.imaging,
                provider=outside.provider,
                notifier=outside.notifier,
                announcer=self.announcer,
                drawing_messages=self.notifier,
                allowances=Allowances(
                    replace(setup.operator, daily_images=setup.daily_images, zone=setup.zone)
                ),
                intake=Intake(NoDownloads(), self.imaging, self.store.blobs, WithheldFiles(self.store)),
                originals=Originals(
                    store=outside.store,
                    blobs=outside.blobs,
                    clock=self.clock,
                    public_url=setup.public_url,
                    key=b"key",
                ),
                moderation=self.moderation(outside),
                observer=UNOBSERVED,
                clock=self.clock,
                waits=self.clock.wait,
                new_id=self.new_id,
                pick=lambda bound: bound - 1,
                owner=f"process-{next(self.owners)}",
            )
        )
        studio = wired.studio
        return Process(
            studio,
            studio.submissions,
            studio.workers,
            studio.deliverer,
            studio.pictures,
            wired.performer,
            studio.lanes,
            wired.talk,
        )

    def moderation(self, outside: Outside | None = None, downloads: Downloads | None = None) -> Moderation:
        """The rules on this world's data."""
        store = self.store if outside is None else outside.store
        return open_moderation(
            store=store,
            blobs=self.blobs,
            hashing=self.imaging,
            downloads=downloads or NoDownloads(),
            pictures=Pictures(store, self.catalogue, self.clock, lambda bound: bound - 1, self.new_id),
            ruleset=RULESET,
            bounds=SafetyBounds(),
            strictness=Strictness.STANDARD,
            evidence_days=30,
            clock=self.clock,
            new_id=self.new_id,
        )

    @asynccontextmanager
    async def running(self, outside: Outside | None = None, **changes: Any) -> AsyncIterator[Process]:
        """Run a process to its orderly end: what it accepted is done and delivered then."""
        process = self.process(outside, **changes)
        async with process.studio:
            try:
                yield process
            except BaseException:
                self.clock.release("drain")  # a test that failed must end, too
                raise
            await self.until_idle()

    @asynccontextmanager
    async def lost(self, outside: Outside | None = None, **changes: Any) -> AsyncIterator[Process]:
        """Run a process that dies at the end of the block: it does nothing more, not even tidy up.

        Nothing is drained, and what its tasks would do when they are cancelled finds no power.
        """
        power = Power()
        process = self.process(powered(outside or self.outside, power), **changes)
        others = asyncio.all_tasks()
        await process.studio.__aenter__()
        try:
            yield process
        finally:
            power.cut()
            await end_process(others)

    async def used(self, member_id: int = MEMBER, period: Period = ALL_TIME) -> int:
        async with self.store.reading() as tx:
            return await tx.ledger.images_used(member_id, since=period.start, until=period.end)

    # --- waiting -------------------------------------------------------------------------------------------

    async def until_idle(self) -> None:
        """Return when no job is unfinished and no delivery pending."""
        await self.observed.until_so(self._is_idle)

    async def _is_idle(self) -> bool:
        async with self.store.reading() as tx:
            return not any((await tx.jobs.unfinished()).values()) and not await tx.deliveries.pending()

    async def until_state(self, job_id: str, *states: JobState) -> None:
        """Return when a job is in one of these states."""

        async def is_there() -> bool:
            return (await self.job(job_id)).state in states

        await self.observed.until_so(is_there)


@asynccontextmanager
async def open_world(folder: Path, **options: Any) -> AsyncIterator[World]:
    """Open the data in a folder; `options` are those of `open_store`."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store("", folder, **options))
        imaging = await stack.enter_async_context(Imaging())
        yield World(
            folder,
            store,
            ObservedStore(store),
            imaging,
            FakeClock(),
            FakeProvider(store.blobs),
            RecordingNotifier(),
        )


async def keep_answer(world: World, job: Job, position: int, reply: Reply, *, on_disk: bool = False) -> None:
    """Keep an answer of a job, as a process does that dies right after it."""
    provider = FakeProvider(world.blobs)
    provider.enqueue(reply)
    answer = await provider.generate(build_call(job.request, position), timeout=1.0, arriving=lambda: None)
    if on_disk:
        await world.blobs.keep_answer(job.id, position, answer)
    else:
        async with world.store.transaction() as tx:
            await tx.answers.keep(job.id, position, answer)


_numbers = itertools.count(1)


def make_origin(**changes: Any) -> Origin:
    """An interaction that has just come in, in a server; each one has a key of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"interaction:{number}",
        "application_id": 900,
        "member_id": MEMBER,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "token": f"token-{number}",
        "token_at": int(FakeClock().now()),
        "upload_limit": 10 * MEBIBYTE,
    }
    return Origin(**(values | changes))


def make_request(prompt: str = "a red lighthouse", **changes: Any) -> Request:
    """A request; changes of options and of the request itself by name."""
    names = {"model", "ratio", "size", "count", "seed"} & changes.keys()
    options: dict[str, Any] = {"model": STANDARD} | {name: changes.pop(name) for name in names}
    values: dict[str, Any] = {"kind": Kind.GENERATE, "prompt": prompt, "options": Options(**options)}
    return Request(**(values | changes))

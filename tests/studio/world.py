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
from bot.domain.jobs import FINAL, Job, JobState
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Options, Origin, Request
from bot.domain.retry import RetryPolicy
from bot.domain.rules.ruleset import Strictness
from bot.domain.safety import SafetyBounds
from bot.imaging import Imaging
from bot.rules import load_ruleset
from bot.studio.allowances import Allowances
from bot.studio.ask import Asker
from bot.studio.cancel import Cancellations
from bot.studio.caps import Caps
from bot.studio.day_gate import QuotaOfDay
from bot.studio.deliver import Deliverer
from bot.studio.delivery_leases import DeliveryLeases
from bot.studio.descriptions import Descriptions
from bot.studio.drawings import Drawings
from bot.studio.gallery import Gallery
from bot.studio.gates import QueueLength
from bot.studio.histories import TurnHistories
from bot.studio.intake import Downloads, Intake
from bot.studio.lanes import Lanes
from bot.studio.moderation import Moderation, open_moderation
from bot.studio.originals import Originals
from bot.studio.outlooks import Outlooks
from bot.studio.perform import Performer
from bot.studio.pictures import Pictures
from bot.studio.screen import PauseAfterBrokenRules
from bot.studio.service import Studio
from bot.studio.settlement import Settlement
from bot.studio.stand_ins import StandIns
from bot.studio.standing import WithheldFiles
from bot.studio.submit import Submissions
from bot.studio.talk import Talk, open_talk
from bot.studio.trees import Trees
from bot.studio.usage import UsageService
from bot.studio.watch import Watch
from bot.studio.work import Bounds, Workers
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


@dataclass(frozen=True, slots=True)
class Setup:
    """What an operator sets."""

    daily_images: int = 1000
    max_waiting: int = 1000
    breaker: BreakerPolicy = BreakerPolicy()
    zone: tzinfo = UTC
    operator: OperatorLimits = OperatorLimits()
    max_prompt: int = 4000
    public_url: str = ""
    policy: RetryPolicy = RetryPolicy()
    calls: int = 64
    call_seconds: float = 300.0
    bounds: Bounds = Bounds()
    sole: bool = True
    drain_seconds: float = 8.0
    conversations: Limits = Limits()
    most_bytes: int = 90 * MEBIBYTE


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
        lanes = Lanes(outside.store, self.clock, self.clock.wait, setup.breaker)
        histories = TurnHistories(outside.store, self.catalogue, self.clock, most_bytes=setup.most_bytes)
        outlooks = Outlooks(self.catalogue, lanes, self.clock, setup.bounds.running)
        watch = Watch(outside.store, self.announcer, self.clock, self.clock.wait, setup.zone)
        asker = Asker(
            blobs=outside.blobs,
            provider=outside.provider,
            catalogue=self.catalogue,
            lanes=lanes,
            histories=histories,
            clock=self.clock,
            waits=self.clock.wait,
            policy=setup.policy,
            calls=setup.calls,
            call_seconds=setup.call_seconds,
            longest_wait=setup.bounds.longest_wait,
        )
        performer = Performer(
            store=outside.store,
            blobs=outside.blobs,
            imaging=self.imaging,
            notifier=outside.notifier,
            asker=asker,
            settlement=Settlement(self.catalogue, histories, self.clock, self.new_id),
            clock=self.clock,
            waits=self.clock.wait,
            blocked=self.moderation(outside).blocked,
        )
        owner = f"process-{next(self.owners)}"
        deliverer = Deliverer(
            leases=DeliveryLeases(owner, self.clock, sole=setup.sole),
            drawings=Drawings(
                store=outside.store,
                trees=Trees(outside.store, outside.blobs, self.imaging),
                messages=self.notifier,
                clock=self.clock,
                waits=self.clock.wait,
            ),
            store=outside.store,
            blobs=outside.blobs,
            imaging=self.imaging,
            notifier=outside.notifier,
            clock=self.clock,
            waits=self.clock.wait,
        )
        workers = Workers(
            store=outside.store,
            performer=performer,
            deliverer=deliverer,
            notifier=outside.notifier,
            lanes=lanes,
            outlooks=outlooks,
            watch=watch,
            clock=self.clock,
            owner=owner,
            waits=self.clock.wait,
            bounds=setup.bounds,
        )
        operator = replace(setup.operator, daily_images=setup.daily_images, zone=setup.zone)
        allowances = Allowances(operator)
        submissions = Submissions(
            store=outside.store,
            catalogue=self.catalogue,
            screening=self.moderation(outside).screen,
            gates=[
                PauseAfterBrokenRules(),
                QueueLength(setup.max_waiting),
                QuotaOfDay(lanes, self.catalogue, allowances),
                Caps(allowances, self.catalogue),
            ],
            max_prompt=setup.max_prompt,
            clock=self.clock,
            new_id=self.new_id,
            wake=workers.wake,
            outlooks=outlooks,
            stand_ins=StandIns(self.catalogue, allowances),
        )
        pictures = Pictures(outside.store, self.catalogue, self.clock, pick=lambda bound: bound - 1)
        gallery = Gallery(
            store=outside.store,
            blobs=outside.blobs,
            sheets=self.imaging,
            pictures=pictures,
            copies=deliverer.copies,
            clock=self.clock,
            zone=setup.zone,
        )
        cancellations = Cancellations(outside.store, workers, self.clock, self.new_id)
        usage = UsageService(
            store=outside.store,
            charts=self.imaging,
            allowances=Allowances(operator),
            clock=self.clock,
            waits=self.clock.wait,
            zone=setup.zone,
        )
        studio = Studio(
            store=outside.store,
            catalogue=self.catalogue,
            submissions=submissions,
            pictures=pictures,
            intake=Intake(NoDownloads(), self.imaging, self.store.blobs, WithheldFiles(self.store)),
            gallery=gallery,
            descriptions=Descriptions(outside.store, setup.max_prompt),
            originals=Originals(
                store=outside.store,
                blobs=outside.blobs,
                clock=self.clock,
                public_url=setup.public_url,
                key=b"key",
            ),
            deliverer=deliverer,
            workers=workers,
            cancellations=cancellations,
            usage=usage,
            lanes=lanes,
            watch=watch,
            clock=self.clock,
            sole=setup.sole,
            drain_seconds=setup.drain_seconds,
        )
        talk = open_talk(
            store=outside.store,
            drawings=deliverer.drawings,
            catalogue=self.catalogue,
            submissions=submissions,
            pictures=pictures,
            clock=self.clock,
            new_id=self.new_id,
            limits=setup.conversations,
            deliver=workers.deliver,
            wake=workers.wake,
        )
        return Process(studio, submissions, workers, deliverer, pictures, performer, lanes, talk)

    def moderation(self, outside: Outside | None = None, downloads: Downloads | None = None) -> Moderation:
        """The rules on this world's data."""
        store = self.store if outside is None else outside.store
        return open_moderation(
            store=store,
            blobs=self.blobs,
            hashing=self.imaging,
            downloads=downloads or NoDownloads(),
            pictures=Pictures(store, self.catalogue, self.clock, pick=lambda bound: bound - 1),
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
            unfinished = [await tx.jobs.in_state(state) for state in JobState if state not in FINAL]
            return not any(unfinished) and not await tx.deliveries.pending()

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


async def keep_answer(world: World, job: Job, position: int, reply: Reply) -> None:
    """Put an answer of a job on disk, as a process does that dies right after it."""
    provider = FakeProvider(world.blobs)
    provider.enqueue(reply)
    answer = await provider.generate(build_call(job.request, position), timeout=1.0, arriving=lambda: None)
    await world.blobs.keep_answer(job.id, position, answer)


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

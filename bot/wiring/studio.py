"""What the bot can do, and the workers behind it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.config_limits import ConversationSettings
from bot.domain.breaker import BreakerPolicy
from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Limits
from bot.domain.retry import RetryPolicy
from bot.imaging import Imaging
from bot.studio.allowances import Allowances
from bot.studio.ask import Asker
from bot.studio.beginning_ports import Beginner
from bot.studio.bounds import Bounds
from bot.studio.cancel import Cancellations
from bot.studio.caps import Caps
from bot.studio.consequences import Consequences, NothingWithheld
from bot.studio.day_gate import QuotaOfDay
from bot.studio.deliver import Deliverer
from bot.studio.delivery_leases import DeliveryLeases
from bot.studio.descriptions import Descriptions
from bot.studio.drawings import DrawingMessages, Drawings
from bot.studio.empty_handed import PauseAfterNothing
from bot.studio.gallery import Gallery
from bot.studio.gates import QueueLength
from bot.studio.histories import TurnHistories
from bot.studio.in_vain import WaitingInVain
from bot.studio.intake import Intake
from bot.studio.kept_answers import KeptAnswers
from bot.studio.lanes import Lanes
from bot.studio.moderation import Moderation
from bot.studio.notifier_ports import Notifier
from bot.studio.observed import ObservedProvider
from bot.studio.observer import Observer
from bot.studio.originals import Originals
from bot.studio.outlooks import Outlooks
from bot.studio.patience import Patience
from bot.studio.perform import Performer
from bot.studio.pictures import Pictures
from bot.studio.ports import Blobs, Clock, Provider, Waits
from bot.studio.queue_progress import QueueProgress
from bot.studio.screen import PauseAfterBrokenRules
from bot.studio.service import Studio
from bot.studio.settlement import Settlement
from bot.studio.stand_ins import StandIns
from bot.studio.store_ports import Store
from bot.studio.submit import Submissions
from bot.studio.talk import Talk, open_talk
from bot.studio.trees import Trees
from bot.studio.upkeep import Upkeep
from bot.studio.usage import UsageService
from bot.studio.watch import Announcer, Watch
from bot.studio.work import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioSettings:
    """What an operator sets of the studio."""

    calls: int  # that run at once
    call_seconds: float
    policy: RetryPolicy
    breaker: BreakerPolicy
    bounds: Bounds
    max_waiting: int
    max_prompt: int
    conversations: Limits
    most_bytes: int  # of one request
    drain_seconds: float
    zone: tzinfo  # where days and months begin
    sole: bool  # no other process works on this data


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is there before the studio: what was set, what was opened, and who is told."""

    settings: StudioSettings
    catalogue: Catalogue
    store: Store
    blobs: Blobs
    imaging: Imaging
    provider: Provider
    notifier: Notifier
    announcer: Announcer
    drawing_messages: DrawingMessages
    allowances: Allowances
    intake: Intake
    originals: Originals
    moderation: Moderation
    observer: Observer
    clock: Clock
    waits: Waits
    new_id: Callable[[], str]
    pick: Callable[[int], int]  # a random number below this one
    owner: str  # this process, among all that ever work on the data


@dataclass(frozen=True, slots=True)
class Wired:
    """The studio, its services for conversations, and what does the work of a job."""

    studio: Studio
    talk: Talk
    performer: Performer


def studio_settings(settings: Settings) -> StudioSettings:
    """Return what the settings say of the studio."""
    limits, gemini = settings.limits, settings.gemini
    # With one provider, its own bound and that for everybody are one.
    calls = min(limits.max_concurrent, gemini.max_concurrent or limits.max_concurrent)
    longest_wait = limits.wait_minutes * 60
    return StudioSettings(
        calls=calls,
        call_seconds=gemini.timeout_seconds,
        policy=RetryPolicy(budget=gemini.retry_seconds),
        breaker=BreakerPolicy(),
        bounds=Bounds(running=calls, per_member=limits.max_per_member, longest_wait=longest_wait),
        max_waiting=limits.max_waiting,
        max_prompt=limits.max_prompt,
        conversations=_limits_of(settings.conversations),
        most_bytes=settings.conversations.max_request_mb * 2**20,
        drain_seconds=limits.shutdown_seconds,
        zone=ZoneInfo(limits.timezone),
        sole=not settings.storage.url,
    )


def fresh_owner() -> str:
    """Return a name for this process that no other has, on whichever machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def studio_of(given: Given) -> Wired:
    """Put together what the bot can do: its own services, and those for conversations."""
    settings, store, catalogue = given.settings, given.store, given.catalogue
    clock, waits = given.clock, given.waits
    lanes = Lanes(store, clock, waits, settings.breaker)
    outlooks = Outlooks(catalogue, lanes, clock, settings.bounds.running)
    watch = Watch(store, given.announcer, clock, waits, settings.zone)
    performer = _performer(given, lanes)
    deliverer = _deliverer(given)
    workers = Workers(
        store=store,
        performer=performer,
        deliverer=deliverer,
        notifier=given.notifier,
        lanes=lanes,
        watch=watch,
        clock=clock,
        owner=given.owner,
        waits=waits,
        bounds=settings.bounds,
    )
    submissions = _submissions(given, lanes, outlooks, workers)
    pictures = Pictures(store, catalogue, clock, given.pick, given.new_id)
    talk = open_talk(
        store=store,
        drawings=deliverer.drawings,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        clock=clock,
        new_id=given.new_id,
        limits=settings.conversations,
        deliver=workers.deliver,
        wake=workers.wake,
    )
    studio = Studio(
        store=store,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        gallery=Gallery(
            store=store,
            blobs=given.blobs,
            sheets=given.imaging,
            pictures=pictures,
            copies=deliverer.copies,
            clock=clock,
            zone=settings.zone,
        ),
        descriptions=Descriptions(store, settings.max_prompt),
        originals=given.originals,
        intake=given.intake,
        deliverer=deliverer,
        workers=workers,
        upkeep=_upkeep(given, workers, performer, lanes, outlooks),
        cancellations=Cancellations(store, workers, clock, given.new_id),
        usage=UsageService(
            store=store,
            charts=given.imaging,
            allowances=given.allowances,
            clock=clock,
            waits=waits,
            zone=settings.zone,
        ),
        lanes=lanes,
        watch=watch,
        clock=clock,
        drain_seconds=settings.drain_seconds,
    )
    return Wired(studio, talk, performer)


def _upkeep(given: Given, workers: Workers, performer: Performer, lanes: Lanes, outlooks: Outlooks) -> Upkeep:
    store, clock, bounds = given.store, given.clock, given.settings.bounds
    return Upkeep(
        workers=workers,
        in_vain=WaitingInVain(
            store=store, performer=performer, lanes=lanes, clock=clock, longest=bounds.longest_wait
        ),
        queue=QueueProgress(store, given.notifier, outlooks, clock, bounds.told_places),
        lanes=lanes,
        store=store,
        clock=clock,
        waits=given.waits,
        bounds=bounds,
    )


def _deliverer(given: Given) -> Deliverer:
    return Deliverer(
        leases=DeliveryLeases(given.owner, given.clock, sole=given.settings.sole),
        drawings=Drawings(
            store=given.store,
            trees=Trees(given.store, given.blobs, given.imaging),
            messages=given.drawing_messages,
            clock=given.clock,
            waits=given.waits,
        ),
        store=given.store,
        blobs=given.blobs,
        imaging=given.imaging,
        notifier=given.notifier,
        clock=given.clock,
        waits=given.waits,
        observer=given.observer,
    )


def _performer(given: Given, lanes: Lanes) -> Performer:
    settings, clock, waits = given.settings, given.clock, given.waits
    histories = TurnHistories(given.store, given.catalogue, clock, most_bytes=settings.most_bytes)
    kept = KeptAnswers(given.store, given.blobs, Patience(clock, waits))
    asker = Asker(
        blobs=given.blobs,
        kept=kept,
        provider=ObservedProvider(given.provider, given.observer, clock),
        catalogue=given.catalogue,
        lanes=lanes,
        histories=histories,
        clock=clock,
        waits=waits,
        policy=settings.policy,
        calls=settings.calls,
        call_seconds=settings.call_seconds,
        longest_wait=settings.bounds.longest_wait,
        observer=given.observer,
    )
    return Performer(
        store=given.store,
        blobs=given.blobs,
        imaging=given.imaging,
        notifier=given.notifier,
        kept=kept,
        asker=asker,
        settlement=Settlement(given.catalogue, histories, clock, given.new_id),
        clock=clock,
        waits=waits,
        blocked=given.moderation.blocked,
        observer=given.observer,
    )


def _submissions(given: Given, lanes: Lanes, outlooks: Outlooks, beginner: Beginner) -> Submissions:
    settings, catalogue, allowances = given.settings, given.catalogue, given.allowances
    return Submissions(
        store=given.store,
        catalogue=catalogue,
        screening=given.moderation.screen,
        gates=[
            Consequences(settings.zone),
            NothingWithheld(),
            PauseAfterBrokenRules(),
            PauseAfterNothing(),
            QueueLength(settings.max_waiting),
            QuotaOfDay(lanes, catalogue, allowances),
            Caps(allowances, catalogue),
        ],
        max_prompt=settings.max_prompt,
        clock=given.clock,
        new_id=given.new_id,
        beginner=beginner,
        observer=given.observer,
        outlooks=outlooks,
        stand_ins=StandIns(catalogue, allowances),
    )


def _limits_of(settings: ConversationSettings) -> Limits:
    return Limits(settings.max_turns, settings.max_days, round(settings.max_dollars * 1_000_000))

"""What the bot can do, and the workers behind it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.config_limits import ConversationSettings
from bot.domain.catalogue import Catalogue
from bot.domain.conversations import Limits
from bot.domain.retry import RetryPolicy
from bot.imaging import Imaging
from bot.metrics import Meters
from bot.providers.gemini import Gemini
from bot.studio.allowances import Allowances
from bot.studio.ask import Asker
from bot.studio.cancel import Cancellations
from bot.studio.caps import Caps
from bot.studio.consequences import Consequences, NothingWithheld
from bot.studio.day_gate import QuotaOfDay
from bot.studio.deliver import Deliverer
from bot.studio.delivery_leases import DeliveryLeases
from bot.studio.descriptions import Descriptions
from bot.studio.gallery import Gallery
from bot.studio.gates import QueueLength
from bot.studio.histories import TurnHistories
from bot.studio.intake import Intake
from bot.studio.lanes import Lanes
from bot.studio.moderation import Moderation
from bot.studio.observed import ObservedProvider
from bot.studio.originals import Originals
from bot.studio.outlooks import Outlooks
from bot.studio.perform import Performer
from bot.studio.pictures import Pictures
from bot.studio.screen import PauseAfterBrokenRules
from bot.studio.service import Studio
from bot.studio.settlement import Settlement
from bot.studio.stand_ins import StandIns
from bot.studio.submit import Submissions
from bot.studio.talk import Talk, open_talk
from bot.studio.usage import UsageService
from bot.studio.watch import Watch
from bot.studio.work import Bounds, Workers
from bot.wiring.outside import Outside, fresh_id
from cogs.announce import DiscordAnnouncer
from cogs.notifier import DiscordNotifier
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is there before the studio: the settings, what was opened, and who is told."""

    settings: Settings
    outside: Outside
    catalogue: Catalogue
    store: Store
    imaging: Imaging
    provider: Gemini
    notifier: DiscordNotifier
    announcer: DiscordAnnouncer
    allowances: Allowances
    intake: Intake
    originals: Originals
    moderation: Moderation
    meters: Meters

    @property
    def at_once(self) -> int:
        """How many calls run at once: with one provider, its own bound and that for everybody are one."""
        most = self.settings.limits.max_concurrent
        return min(most, self.settings.gemini.max_concurrent or most)

    @property
    def zone(self) -> ZoneInfo:
        """Where days and months begin."""
        return ZoneInfo(self.settings.limits.timezone)

    @property
    def sole(self) -> bool:
        """Whether no other process works on this data."""
        return not self.settings.storage.url


def studio_of(given: Given) -> tuple[Studio, Talk]:
    """Return what the bot can do: its own services, and those for conversations."""
    outside, store, catalogue = given.outside, given.store, given.catalogue
    clock, waits = outside.clock, outside.waits
    lanes = Lanes(store, clock, waits)
    outlooks = Outlooks(catalogue, lanes, clock, given.at_once)
    watch = Watch(store, given.announcer, clock, waits, given.zone)
    workers, deliverer = _workers(given, lanes, outlooks, watch)
    submissions = _submissions(given, lanes, outlooks, workers.wake)
    pictures = Pictures(store, catalogue, clock, secrets.randbelow)
    talk = open_talk(
        store=store,
        blobs=store.blobs,
        drawing=given.imaging,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        clock=clock,
        new_id=fresh_id,
        limits=_limits_of(given.settings.conversations),
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
            blobs=store.blobs,
            sheets=given.imaging,
            pictures=pictures,
            copies=deliverer.copies,
            clock=clock,
            zone=given.zone,
        ),
        descriptions=Descriptions(store, given.settings.limits.max_prompt),
        originals=given.originals,
        intake=given.intake,
        deliverer=deliverer,
        workers=workers,
        cancellations=Cancellations(store, workers, clock, fresh_id),
        usage=UsageService(
            store=store,
            charts=given.imaging,
            allowances=given.allowances,
            clock=clock,
            waits=waits,
            zone=given.zone,
        ),
        lanes=lanes,
        watch=watch,
        clock=clock,
        sole=given.sole,
        drain_seconds=given.settings.limits.shutdown_seconds,
    )
    return studio, talk


def _workers(given: Given, lanes: Lanes, outlooks: Outlooks, watch: Watch) -> tuple[Workers, Deliverer]:
    clock, waits, limits = given.outside.clock, given.outside.waits, given.settings.limits
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    deliverer = Deliverer(
        leases=DeliveryLeases(owner, clock, sole=given.sole),
        store=given.store,
        blobs=given.store.blobs,
        imaging=given.imaging,
        notifier=given.notifier,
        clock=clock,
        waits=waits,
        observer=given.meters,
    )
    workers = Workers(
        store=given.store,
        performer=_performer(given, lanes),
        deliverer=deliverer,
        notifier=given.notifier,
        lanes=lanes,
        outlooks=outlooks,
        watch=watch,
        clock=clock,
        owner=owner,
        waits=waits,
        bounds=Bounds(
            running=given.at_once, per_member=limits.max_per_member, longest_wait=limits.wait_minutes * 60
        ),
    )
    return workers, deliverer


def _performer(given: Given, lanes: Lanes) -> Performer:
    clock, waits, settings = given.outside.clock, given.outside.waits, given.settings
    histories = TurnHistories(
        given.store, given.catalogue, clock, most_bytes=settings.conversations.max_request_mb * 2**20
    )
    asker = Asker(
        blobs=given.store.blobs,
        provider=ObservedProvider(given.provider, given.meters, clock),
        catalogue=given.catalogue,
        lanes=lanes,
        histories=histories,
        clock=clock,
        waits=waits,
        policy=RetryPolicy(budget=settings.gemini.retry_seconds),
        calls=given.at_once,
        call_seconds=settings.gemini.timeout_seconds,
        longest_wait=settings.limits.wait_minutes * 60,
        observer=given.meters,
    )
    return Performer(
        store=given.store,
        blobs=given.store.blobs,
        imaging=given.imaging,
        notifier=given.notifier,
        asker=asker,
        settlement=Settlement(given.catalogue, histories, clock, fresh_id),
        clock=clock,
        waits=waits,
        blocked=given.moderation.blocked,
        observer=given.meters,
    )


def _submissions(given: Given, lanes: Lanes, outlooks: Outlooks, wake: Callable[[], None]) -> Submissions:
    catalogue, allowances, limits = given.catalogue, given.allowances, given.settings.limits
    return Submissions(
        store=given.store,
        catalogue=catalogue,
        screening=given.moderation.screen,
        gates=[
            Consequences(given.zone),
            NothingWithheld(),
            PauseAfterBrokenRules(),
            QueueLength(limits.max_waiting),
            QuotaOfDay(lanes, catalogue, allowances),
            Caps(allowances, catalogue),
        ],
        max_prompt=limits.max_prompt,
        clock=given.outside.clock,
        new_id=fresh_id,
        wake=wake,
        observer=given.meters,
        outlooks=outlooks,
        stand_ins=StandIns(catalogue, allowances),
    )


def _limits_of(settings: ConversationSettings) -> Limits:
    return Limits(settings.max_turns, settings.max_days, round(settings.max_dollars * 1_000_000))

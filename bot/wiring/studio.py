"""What the bot can do, and the workers behind it."""

from __future__ import annotations

import os
import secrets
import socket
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.config_sections import ConversationSettings
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
from bot.studio.standing import GoodStanding, NothingWithheld
from bot.studio.submit import Submissions
from bot.studio.talk import Talk, open_talk
from bot.studio.usage import UsageService
from bot.studio.watch import Watch
from bot.studio.work import Bounds, Workers
from bot.wiring.outside import Outside, fresh_id
from cogs.announce import DiscordAnnouncer
from cogs.notifier import DiscordNotifier
from storage.store import Store


def studio_of(
    settings: Settings,
    outside: Outside,
    catalogue: Catalogue,
    *,
    store: Store,
    imaging: Imaging,
    provider: Gemini,
    notifier: DiscordNotifier,
    announcer: DiscordAnnouncer,
    allowances: Allowances,
    intake: Intake,
    originals: Originals,
    moderation: Moderation,
    meters: Meters,
) -> tuple[Studio, Talk]:
    """Return what the bot can do: its own services, and those for conversations."""
    clock, waits = outside.clock, outside.waits
    limits = settings.limits
    zone = ZoneInfo(limits.timezone)
    # One provider: its own bound and that for everybody are the same bound.
    at_once = min(limits.max_concurrent, settings.gemini.max_concurrent or limits.max_concurrent)
    lanes = Lanes(store, clock, waits)
    histories = TurnHistories(
        store, catalogue, clock, most_bytes=settings.conversations.max_request_mb * 2**20
    )
    outlooks = Outlooks(catalogue, lanes, clock, at_once)
    watch = Watch(store, announcer, clock, waits, zone)
    asker = Asker(
        blobs=store.blobs,
        provider=ObservedProvider(provider, meters, clock),
        catalogue=catalogue,
        lanes=lanes,
        histories=histories,
        clock=clock,
        waits=waits,
        policy=RetryPolicy(budget=settings.gemini.retry_seconds),
        calls=at_once,
        call_seconds=settings.gemini.timeout_seconds,
        longest_wait=limits.wait_minutes * 60,
        observer=meters,
    )
    performer = Performer(
        store=store,
        blobs=store.blobs,
        imaging=imaging,
        notifier=notifier,
        asker=asker,
        settlement=Settlement(catalogue, histories, clock, fresh_id),
        clock=clock,
        waits=waits,
        blocked=moderation.blocked,
        observer=meters,
    )
    sole = not settings.storage.url
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    deliverer = Deliverer(
        leases=DeliveryLeases(owner, clock, sole=sole),
        store=store,
        blobs=store.blobs,
        imaging=imaging,
        notifier=notifier,
        clock=clock,
        waits=waits,
        observer=meters,
    )
    workers = Workers(
        store=store,
        performer=performer,
        deliverer=deliverer,
        notifier=notifier,
        lanes=lanes,
        outlooks=outlooks,
        watch=watch,
        clock=clock,
        owner=owner,
        waits=waits,
        bounds=Bounds(
            running=at_once, per_member=limits.max_per_member, longest_wait=limits.wait_minutes * 60
        ),
    )
    submissions = Submissions(
        store=store,
        catalogue=catalogue,
        screening=moderation.screen,
        gates=[
            GoodStanding(zone),
            NothingWithheld(),
            PauseAfterBrokenRules(),
            QueueLength(limits.max_waiting),
            QuotaOfDay(lanes, catalogue, allowances),
            Caps(allowances, catalogue),
        ],
        max_prompt=limits.max_prompt,
        clock=clock,
        new_id=fresh_id,
        wake=workers.wake,
        observer=meters,
        outlooks=outlooks,
        stand_ins=StandIns(catalogue, allowances),
    )
    pictures = Pictures(store, catalogue, clock, secrets.randbelow)
    gallery = Gallery(
        store=store,
        blobs=store.blobs,
        sheets=imaging,
        pictures=pictures,
        copies=deliverer.copies,
        clock=clock,
        zone=zone,
    )
    usage = UsageService(
        store=store,
        charts=imaging,
        allowances=allowances,
        clock=clock,
        waits=waits,
        zone=zone,
    )
    talk = open_talk(
        store=store,
        blobs=store.blobs,
        drawing=imaging,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        clock=clock,
        new_id=fresh_id,
        limits=_limits_of(settings.conversations),
        deliver=workers.deliver,
        wake=workers.wake,
    )
    studio = Studio(
        store=store,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        gallery=gallery,
        descriptions=Descriptions(store, limits.max_prompt),
        originals=originals,
        intake=intake,
        deliverer=deliverer,
        workers=workers,
        cancellations=Cancellations(store, workers, clock, fresh_id),
        usage=usage,
        lanes=lanes,
        watch=watch,
        clock=clock,
        sole=sole,
        drain_seconds=limits.shutdown_seconds,
    )
    return studio, talk


def _limits_of(settings: ConversationSettings) -> Limits:
    return Limits(settings.max_turns, settings.max_days, round(settings.max_dollars * 1_000_000))

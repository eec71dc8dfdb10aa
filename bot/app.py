"""The composition root: the only place where the parts are wired together."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot import __version__
from bot.catalogue import load_catalogue
from bot.client import PlantainClient
from bot.clock import SystemClock
from bot.config import Settings
from bot.config_sections import ConversationSettings
from bot.domain.catalogue import Catalogue, with_assumed_prices
from bot.domain.conversations import Limits
from bot.domain.ids import new_id
from bot.domain.operator_limits import OperatorLimits
from bot.domain.privacy import Retention
from bot.domain.retry import RetryPolicy
from bot.domain.rules.ruleset import Strictness
from bot.domain.safety import Harm, People, SafetyBounds, Threshold
from bot.errors import ConfigurationError, Fault, InvalidRequest, StorageError
from bot.fetching import Downloads
from bot.imaging import Imaging
from bot.limits import operator_limits
from bot.metrics import Meters
from bot.metrics.watching import discord_trace
from bot.presets import load_presets
from bot.providers.base import PictureStore
from bot.providers.gemini import Gemini
from bot.rules import load_ruleset
from bot.studio.allowances import Allowances
from bot.studio.ask import Asker
from bot.studio.cancel import Cancellations
from bot.studio.caps import Caps
from bot.studio.casework import open_casework
from bot.studio.converse import Conversations
from bot.studio.deliver import Deliverer
from bot.studio.descriptions import Descriptions
from bot.studio.desk import open_desk
from bot.studio.gallery import Gallery
from bot.studio.gates import QueueLength
from bot.studio.granting import Granting
from bot.studio.hammering import Hammering
from bot.studio.heads import Heads
from bot.studio.histories import TurnHistories
from bot.studio.intake import Downloads as Fetcher
from bot.studio.intake import Intake
from bot.studio.lanes import Lanes
from bot.studio.limits import LimitsService
from bot.studio.moderation import Moderation, open_moderation
from bot.studio.observed import ObservedProvider
from bot.studio.originals import Originals
from bot.studio.outlooks import Outlooks
from bot.studio.perform import Performer
from bot.studio.pictures import Pictures
from bot.studio.ports import Clock, Waits
from bot.studio.privacy import PrivacyDesk, Receiver, open_privacy
from bot.studio.screen import PauseAfterBrokenRules
from bot.studio.service import Studio
from bot.studio.standing import GoodStanding, NothingWithheld
from bot.studio.submit import Submissions
from bot.studio.talk import Talk
from bot.studio.trees import Trees
from bot.studio.usage import UsageService
from bot.studio.watch import Watch
from bot.studio.work import Bounds, Workers
from cogs.announce import DiscordAnnouncer
from cogs.appeal import AppealButton
from cogs.audience import Audiences
from cogs.buttons import PictureButton
from cogs.cancel import CancelButton
from cogs.cards import Cards
from cogs.commands import cogs_of
from cogs.describe import ImagineButton
from cogs.desk_cards import CaseButton
from cogs.desk_messages import DiscordDeskMessages
from cogs.finish import FinishButton
from cogs.gallery_items import GalleryButton
from cogs.gallery_pages import PageButton
from cogs.guard import Guard
from cogs.language import Languages
from cogs.limit_buttons import LimitButton
from cogs.limit_menus import LimitMenu
from cogs.mod_queue import OpenCase, QueueButton
from cogs.notifier import DiscordNotifier
from cogs.operator import report_errors
from cogs.privacy import EraseButton
from cogs.redo import RedoButton
from cogs.settings import ResetSettings, SettingMenu
from cogs.standing import Acquaintances
from cogs.styles import StylesPage
from cogs.surface import Surface
from cogs.turn_buttons import TurnButton
from storage.keys import kept_key
from storage.store import Store, open_store

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS_FOR_DATABASE = 2.0  # whoever asks whether we are ready does not wait for ever


async def plain_wait(awaitable: Awaitable[T], reason: str) -> T:
    """How the program waits when no test world needs to know what for."""
    return await awaitable


@dataclass(frozen=True, slots=True)
class Outside:
    """What a sandbox or a test replaces: time, and how to wait for it and for others."""

    clock: Clock
    waits: Waits
    downloads: Fetcher | None = None  # None: from Discord, through its proxy


MACHINE = Outside(SystemClock(), plain_wait)


class HasOperatorLimits(Protocol):
    """What asks the operator's limits; they may be set anew while the bot runs."""

    operator: OperatorLimits


@dataclass(frozen=True, slots=True)
class App:
    """A wired bot that is not logged in yet."""

    client: PlantainClient
    studio: Studio
    store: Store
    provider: Gemini
    meters: Meters
    holders: Sequence[HasOperatorLimits]

    def take_over(self, settings: Settings) -> None:
        """Let settings count that may change while the bot runs (`bot.reload.AT_ONCE`)."""
        limits, studio = settings.limits, self.studio
        operator = operator_limits(settings, studio.catalogue)
        for holder in self.holders:
            holder.operator = operator
        studio.submissions.max_prompt = limits.max_prompt
        studio.workers.bounds = replace(studio.workers.bounds, per_member=limits.max_per_member)
        studio.drain_seconds = limits.shutdown_seconds
        studio.workers.wake()

    async def report_errors(self, channel_id: int, text: str) -> None:
        """Tell the operator of errors in a channel."""
        await self.client.began.wait()
        await report_errors(self.client, channel_id, text)

    async def checks(self) -> dict[str, bool]:
        """What has to be true for people to be served."""
        return {
            "gateway": self.client.is_ready(),
            "database": await self._database_answers(),
            "workers": self.studio.working,
        }

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(SECONDS_FOR_DATABASE), self.store.reading() as tx:
                await tx.vitals.get()
        except (StorageError, TimeoutError) as error:
            log.warning("the database does not answer: %r", error)
            return False
        return True


@asynccontextmanager
async def open_app(settings: Settings, outside: Outside = MACHINE) -> AsyncIterator[App]:
    """Open everything that the bot needs and wire it; close it in the opposite order."""
    catalogue = load_catalogue(settings.gemini.catalogue)
    if settings.limits.unpriced == "dearest":
        catalogue = with_assumed_prices(catalogue)
    default_model = default_model_of(settings, catalogue)
    meters = Meters(outside.clock.now, version=__version__)
    allowances = Allowances(operator_limits(settings, catalogue))
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.storage.url, settings.storage.path))
        blobs = store.blobs
        imaging = await stack.enter_async_context(Imaging(cache=settings.storage.path / "cache"))
        downloads = outside.downloads
        if downloads is None:
            folder = settings.storage.path / "incoming"
            downloads = await stack.enter_async_context(
                Downloads(folder, proxy=settings.discord.proxy or None)
            )
        moderation = _moderation(
            settings, outside, store=store, imaging=imaging, catalogue=catalogue, downloads=downloads
        )
        provider = await stack.enter_async_context(provider_of(settings, blobs))
        client = PlantainClient(
            proxy=settings.discord.proxy or None,
            message_content=settings.discord.message_content,
            optional=settings.discord.message_content_optional,
            guild_ids=settings.discord.guild_ids,
            http_trace=discord_trace(meters),
        )
        originals = Originals(
            store=store,
            blobs=blobs,
            clock=outside.clock,
            public_url=settings.server.public_url,
            key=await asyncio.to_thread(kept_key, settings.storage.path),
        )
        languages = Languages.shipped()
        cards = Cards(catalogue, languages, originals.link)
        notifier = DiscordNotifier(
            client,
            cards,
            proxy=settings.discord.proxy or None,
            clock=outside.clock,
            waits=outside.waits,
        )
        studio, talk = _studio(
            settings,
            outside,
            catalogue,
            store=store,
            imaging=imaging,
            provider=provider,
            notifier=notifier,
            announcer=DiscordAnnouncer(client, languages),
            allowances=allowances,
            intake=Intake(downloads, imaging, blobs),
            originals=originals,
            moderation=moderation,
            meters=meters,
        )
        desk = open_desk(
            store=store,
            catalogue=catalogue,
            presets=load_presets(),
            pictures=studio.pictures,
            intake=studio.intake,
            clock=outside.clock,
            new_id=_new_id,
            default_model=default_model,
            rules=moderation.rulebook,
        )
        casework = open_casework(
            store=store,
            blobs=blobs,
            pictures=studio.pictures,
            deliverer=studio.deliverer,
            messages=DiscordDeskMessages(client, languages, desk.settings),
            imaging=imaging,
            charts=imaging,
            clock=outside.clock,
            waits=outside.waits,
            zone=ZoneInfo(settings.limits.timezone),
            new_id=_new_id,
            operators=settings.moderation.operators,
            sole=not settings.storage.url,
            similar=moderation.blocked,
        )
        studio.accompany("notices", casework.worker.run)
        hammering = Hammering(
            outside.clock,
            most=settings.limits.actions_per_minute,
            cooldown=settings.limits.cooldown_seconds,
        )
        audiences = Audiences(languages, desk.settings)
        limits = LimitsService(store, catalogue, allowances.operator, outside.clock, _new_id)
        granting = Granting(store, allowances.operator, outside.clock, _new_id)
        privacy = _privacy(settings, outside, store, studio)
        await privacy.exports.tidy()
        surface = Surface(
            studio,
            cards,
            notifier,
            Guard(hammering),
            default_model,
            desk,
            talk,
            audiences,
            moderation,
            casework,
            limits=limits,
            granting=granting,
            acquaintances=Acquaintances(outside.clock.now),
            privacy=privacy,
        )
        client.attach(
            surface=surface,
            cogs=cogs_of(client),
            items=[
                *(PictureButton, FinishButton, SettingMenu, ResetSettings, StylesPage),
                *(PageButton, GalleryButton, ImagineButton, CancelButton, TurnButton, RedoButton),
                EraseButton,
                *(LimitMenu, LimitButton),
                *(CaseButton, QueueButton, OpenCase, AppealButton),
            ],
        )
        _read_gauges(meters, client, store)
        yield App(client, studio, store, provider, meters, (allowances, limits, granting))


def default_model_of(settings: Settings, catalogue: Catalogue) -> str:
    """Return the id of the model that is used when nobody names one; warn where it was retired."""
    wanted = settings.gemini.default_model
    try:
        found = catalogue.resolve(wanted)
    except InvalidRequest as error:
        known = ", ".join(model.id for model in catalogue.models)
        fault = Fault(
            "gemini.default_model", f"{wanted!r} is not in the model catalogue", f"Write one of: {known}"
        )
        raise ConfigurationError([fault]) from error
    if found.instead_of:
        log.warning(
            "gemini.default_model = %s was shut down on %s; %s is used instead. Write that in the settings.",
            wanted,
            found.instead_of.on,
            found.model.id,
        )
    return found.model.id


def provider_of(settings: Settings, blobs: PictureStore) -> Gemini:
    """Return the provider that the settings name, to be entered."""
    key = settings.gemini_api_key
    return Gemini(
        blobs,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.gemini.base_url or None,
        vertex=settings.gemini.vertex,
        project=settings.gemini.project or None,
        location=settings.gemini.location,
    )


def _studio(
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
        catalogue=catalogue,
        asker=asker,
        histories=histories,
        clock=clock,
        waits=waits,
        new_id=_new_id,
        blocked=moderation.blocked,
        observer=meters,
    )
    deliverer = Deliverer(
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
        owner=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
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
            Caps(allowances, catalogue),
        ],
        max_prompt=limits.max_prompt,
        clock=clock,
        new_id=_new_id,
        wake=workers.wake,
        observer=meters,
        outlooks=outlooks,
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
    conversations = Conversations(
        store=store,
        catalogue=catalogue,
        submissions=submissions,
        pictures=pictures,
        clock=clock,
        new_id=_new_id,
        limits=_limits_of(settings.conversations),
        deliver=workers.deliver,
        wake=workers.wake,
    )
    talk = Talk(conversations, Heads(store, clock), Trees(store, store.blobs, imaging))
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
        cancellations=Cancellations(store, workers, clock, _new_id),
        usage=usage,
        lanes=lanes,
        watch=watch,
        clock=clock,
        sole=not settings.storage.url,
        drain_seconds=limits.shutdown_seconds,
    )
    return studio, talk


def _limits_of(settings: ConversationSettings) -> Limits:
    return Limits(settings.max_turns, settings.max_days, round(settings.max_dollars * 1_000_000))


def _moderation(
    settings: Settings,
    outside: Outside,
    *,
    store: Store,
    imaging: Imaging,
    catalogue: Catalogue,
    downloads: Fetcher,
) -> Moderation:
    wanted = settings.moderation
    return open_moderation(
        store=store,
        blobs=store.blobs,
        hashing=imaging,
        downloads=downloads,
        pictures=Pictures(store, catalogue, outside.clock, secrets.randbelow),
        ruleset=load_ruleset(),
        bounds=SafetyBounds(
            loosest={harm: Threshold(getattr(wanted, f"loosest_{harm}")) for harm in Harm},
            default=None if wanted.safety == "provider" else Threshold(wanted.safety),
            people=None if wanted.people == "provider" else People(wanted.people),
            takes_people=settings.gemini.vertex,
        ),
        strictness=Strictness(wanted.strictness),
        clock=outside.clock,
        new_id=_new_id,
    )


def _read_gauges(meters: Meters, client: PlantainClient, store: Store) -> None:
    async def database() -> None:
        async with store.reading() as tx:
            meters.vitals(await tx.vitals.get())

    async def disk() -> None:
        meters.disk(await store.sizes())

    async def discord() -> None:
        meters.gateway_up.set(client.is_ready())
        if client.is_ready():
            meters.gateway_latency.set(client.latency)
        meters.servers.set(len(client.guilds))

    for name, source in (("database", database), ("disk", disk), ("discord", discord)):
        meters.read_from(name, source)


def _privacy(settings: Settings, outside: Outside, store: Store, studio: Studio) -> PrivacyDesk:
    folder, gemini = settings.storage.path, settings.gemini
    receiver = Receiver.VERTEX if gemini.vertex else Receiver.GEMINI
    desk = open_privacy(
        store=store,
        blobs=store.blobs,
        withdraws=studio.deliverer,
        cancels=studio.cancellations,
        sweeper=store.orphans(),
        retention=Retention(**settings.retention.model_dump()),
        receiver=Receiver.OTHER if gemini.base_url else receiver,
        clock=outside.clock,
        waits=outside.waits,
        folder=folder / "exports",
    )
    studio.accompany("erasures", desk.erasures.run)
    studio.accompany("retention", desk.purges.run)
    return desk


def _new_id() -> str:
    return new_id(secrets.choice)

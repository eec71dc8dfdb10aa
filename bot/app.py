"""The composition root: the only place where the parts are wired together."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from bot import __version__
from bot.catalogue import load_catalogue
from bot.client import PlantainClient
from bot.config import Settings
from bot.domain.catalogue import Catalogue, with_assumed_prices
from bot.domain.operator_limits import OperatorLimits
from bot.errors import StorageError
from bot.fetching import Downloads
from bot.imaging import Imaging
from bot.limits import operator_limits
from bot.metrics import Meters
from bot.metrics.watching import discord_trace
from bot.presets import load_presets
from bot.providers.process import ProviderProcess
from bot.reload import Reloader
from bot.studio.allowances import Allowances
from bot.studio.consequences import WithheldFiles
from bot.studio.granting import Granting
from bot.studio.hammering import Hammering
from bot.studio.intake import Downloads as Fetching
from bot.studio.intake import Intake
from bot.studio.library import open_library
from bot.studio.limits import LimitsService
from bot.studio.originals import Originals
from bot.studio.ports import Clock
from bot.studio.reloading import Reloading
from bot.studio.service import Studio
from bot.studio.settings import SettingsService
from bot.wiring.gauges import read_gauges
from bot.wiring.items import ITEMS
from bot.wiring.moderation import casework_of, moderation_of
from bot.wiring.outside import MACHINE, Outside, fresh_id
from bot.wiring.privacy import privacy_of
from bot.wiring.provider import default_model_of, greeting_of, provider_of
from bot.wiring.studio import Given, fresh_owner, studio_of, studio_settings
from cogs.announce import DiscordAnnouncer
from cogs.audience import Audiences
from cogs.cards import Cards
from cogs.clearing import DiscordThreads
from cogs.commands import cogs_of
from cogs.desk_messages import DiscordDeskMessages
from cogs.drawings import DiscordDrawings
from cogs.guard import Guard
from cogs.language import Languages
from cogs.limit_panels import LimitPanels
from cogs.notifier import DiscordNotifier
from cogs.operator import report_errors
from cogs.standing import Acquaintances
from cogs.surface import Surface
from storage.keys import kept_key
from storage.published import PublishedServers
from storage.store import Store, open_store

log = logging.getLogger(__name__)

SECONDS_FOR_DATABASE = 2.0  # whoever asks whether we are ready does not wait for ever


class HasOperatorLimits(Protocol):
    """What asks the operator's limits; they may be set anew while the bot runs."""

    operator: OperatorLimits


@dataclass(frozen=True, slots=True)
class App:
    """A wired bot that is not logged in yet."""

    client: PlantainClient
    studio: Studio
    store: Store
    provider: ProviderProcess
    meters: Meters
    holders: Sequence[HasOperatorLimits]
    reloader: Reloader

    def take_over(self, settings: Settings) -> None:
        """Let settings count that may change while the bot runs (`bot.reload.AT_ONCE`)."""
        limits, studio = settings.limits, self.studio
        operator = operator_limits(settings, studio.catalogue)
        for holder in self.holders:
            holder.operator = operator
        studio.submissions.max_prompt = limits.max_prompt
        studio.workers.bounds = replace(studio.workers.bounds, per_member=limits.max_per_member)
        studio.drain_seconds = limits.shutdown_seconds
        self.provider.greet(greeting_of(settings, settings.storage.path))
        studio.workers.wake()

    async def report_errors(self, channel_id: int, text: str) -> None:
        """Tell the operator of errors in a channel."""
        await self.client.began.wait()
        await report_errors(self.client, channel_id, text)

    async def checks(self) -> dict[str, bool]:
        """What has to be true for people to be served."""
        return {
            "gateway": self.client.connected,
            "database": await self._database_takes_requests(),
            "workers": self.studio.working,
            "provider": self.provider.is_ready,
        }

    async def _database_takes_requests(self) -> bool:
        """Whether a request could be written: where a lock or a full disk stops that, readers go on."""
        try:
            async with asyncio.timeout(SECONDS_FOR_DATABASE):
                await self.store.write(lambda tx: tx.vitals.ensure_writable())
                await self.store.blobs.ensure_room()
        except (StorageError, TimeoutError) as error:
            log.warning("the database takes no requests: %r", error)
            return False
        return True


@asynccontextmanager
async def open_app(
    settings: Settings, outside: Outside = MACHINE, load: Callable[[], Settings] | None = None
) -> AsyncIterator[App]:
    """Open everything that the bot needs and wire it; close it in the opposite order.

    `load` reads the settings anew; without it they stay what they are.
    """
    catalogue = load_catalogue(settings.gemini.catalogue)
    if settings.limits.unpriced == "dearest":
        catalogue = with_assumed_prices(catalogue)
    default_model_of(settings, catalogue)  # said before anything is opened
    async with _opened(settings, outside) as opened:
        app = await _wired(
            settings, outside, catalogue, opened, Reloader(settings, load or (lambda: settings))
        )
        await opened.provider.ready()
        yield app


@dataclass(frozen=True, slots=True)
class _Opened:
    """What has to be closed again, and the key of signed links."""

    store: Store
    imaging: Imaging
    downloads: Fetching
    provider: ProviderProcess
    key: bytes


@asynccontextmanager
async def _opened(settings: Settings, outside: Outside) -> AsyncIterator[_Opened]:
    folder = settings.storage.path
    async with AsyncExitStack() as stack:
        # First, because it takes the longest to load. It touches nothing before the store is ours.
        provider = await stack.enter_async_context(provider_of(settings, folder))
        store = await stack.enter_async_context(open_store(settings.storage.url, folder))
        imaging = await stack.enter_async_context(Imaging(cache=folder / "cache"))
        downloads = outside.downloads
        if downloads is None:
            downloads = await stack.enter_async_context(
                Downloads(folder / "incoming", proxy=settings.discord.proxy or None)
            )
        yield _Opened(store, imaging, downloads, provider, await asyncio.to_thread(kept_key, folder))


async def _wired(
    settings: Settings, outside: Outside, catalogue: Catalogue, opened: _Opened, reloader: Reloader
) -> App:
    """Put what was opened together."""
    store, imaging, clock = opened.store, opened.imaging, outside.clock
    meters = Meters(clock.now, version=__version__)
    meters.on_offer(model.id for model in catalogue.models)
    allowances = Allowances(operator_limits(settings, catalogue))
    moderation = moderation_of(
        settings, outside, store=store, imaging=imaging, catalogue=catalogue, downloads=opened.downloads
    )
    client = _client_of(settings, meters)
    originals = Originals(
        store=store,
        blobs=store.blobs,
        clock=clock,
        public_url=settings.server.public_url,
        key=opened.key,
    )
    languages = Languages.shipped()
    cards = Cards(catalogue, languages, originals.link)
    notifier = DiscordNotifier(
        client, cards, proxy=settings.discord.proxy or None, clock=clock, waits=outside.waits
    )
    wired = studio_of(
        Given(
            settings=studio_settings(settings),
            catalogue=catalogue,
            store=store,
            blobs=store.blobs,
            imaging=imaging,
            provider=opened.provider,
            notifier=notifier,
            announcer=DiscordAnnouncer(client, languages),
            drawing_messages=DiscordDrawings(client, languages),
            allowances=allowances,
            intake=Intake(opened.downloads, imaging, store.blobs, WithheldFiles(store)),
            originals=originals,
            moderation=moderation,
            observer=meters,
            clock=clock,
            waits=outside.waits,
            new_id=fresh_id,
            pick=secrets.randbelow,
            owner=fresh_owner(),
        )
    )
    studio, talk = wired.studio, wired.talk
    default_model = default_model_of(settings, catalogue)
    settings_service = SettingsService(store, catalogue, clock, fresh_id, moderation.rulebook)
    library = open_library(
        store=store,
        catalogue=catalogue,
        presets=load_presets(),
        pictures=studio.pictures,
        intake=studio.intake,
        clock=clock,
        new_id=fresh_id,
        default_model=default_model,
        rules=moderation.rulebook,
    )
    casework = casework_of(
        settings,
        outside,
        store=store,
        studio=studio,
        imaging=imaging,
        messages=DiscordDeskMessages(client, languages, settings_service),
        moderation=moderation,
    )
    limits = LimitsService(store, catalogue, allowances.operator, clock, fresh_id)
    granting = Granting(store, allowances.operator, clock, fresh_id)
    privacy = privacy_of(settings, outside, store, studio, DiscordThreads(client, languages), talk, casework)
    await privacy.exports.tidy()
    notifier.working.listeners.append(privacy.retractions.messages)
    surface = Surface(
        studio,
        cards,
        notifier,
        Guard(_hammering(settings, clock)),
        default_model,
        settings_service,
        library,
        talk,
        Audiences(languages, settings_service),
        moderation,
        casework,
        limits=limits,
        limit_panels=LimitPanels(catalogue),
        granting=granting,
        acquaintances=Acquaintances(clock.now),
        privacy=privacy,
        reloading=Reloading(
            store=store, authority=casework.authority, clock=clock, new_id=fresh_id, reload=reloader
        ),
    )
    client.attach(surface=surface, cogs=cogs_of(client), items=ITEMS)
    read_gauges(meters, client, store, studio.lanes, opened.provider)
    app = App(client, studio, store, opened.provider, meters, (allowances, limits, granting), reloader)
    reloader.listeners.append(app.take_over)
    return app


def _client_of(settings: Settings, meters: Meters) -> PlantainClient:
    return PlantainClient(
        proxy=settings.discord.proxy or None,
        message_content=settings.discord.message_content,
        optional=settings.discord.message_content_optional,
        guild_ids=settings.discord.guild_ids,
        published=PublishedServers(settings.storage.path),
        http_trace=discord_trace(meters),
    )


def _hammering(settings: Settings, clock: Clock) -> Hammering:
    limits = settings.limits
    return Hammering(clock, most=limits.actions_per_minute, cooldown=limits.cooldown_seconds)

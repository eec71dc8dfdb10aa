"""The composition root: the only place where the parts are wired together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from bot import __version__
from bot.catalogue import load_catalogue
from bot.client import PlantainClient
from bot.config import Settings
from bot.domain.catalogue import with_assumed_prices
from bot.domain.operator_limits import OperatorLimits
from bot.errors import StorageError
from bot.fetching import Downloads
from bot.imaging import Imaging
from bot.limits import operator_limits
from bot.metrics import Meters
from bot.metrics.watching import discord_trace
from bot.presets import load_presets
from bot.providers.gemini import Gemini
from bot.reload import Reloader
from bot.studio.allowances import Allowances
from bot.studio.desk import open_desk
from bot.studio.granting import Granting
from bot.studio.hammering import Hammering
from bot.studio.intake import Intake
from bot.studio.limits import LimitsService
from bot.studio.originals import Originals
from bot.studio.reloading import Reloading
from bot.studio.service import Studio
from bot.wiring.gauges import read_gauges
from bot.wiring.items import ITEMS
from bot.wiring.moderation import casework_of, moderation_of
from bot.wiring.outside import MACHINE, Outside, fresh_id
from bot.wiring.privacy import privacy_of
from bot.wiring.provider import default_model_of, provider_of
from bot.wiring.studio import studio_of
from cogs.announce import DiscordAnnouncer
from cogs.audience import Audiences
from cogs.cards import Cards
from cogs.commands import cogs_of
from cogs.desk_messages import DiscordDeskMessages
from cogs.guard import Guard
from cogs.language import Languages
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
    provider: Gemini
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
async def open_app(
    settings: Settings, outside: Outside = MACHINE, load: Callable[[], Settings] | None = None
) -> AsyncIterator[App]:
    """Open everything that the bot needs and wire it; close it in the opposite order.

    `load` reads the settings anew; without it they stay what they are.
    """
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
        moderation = moderation_of(
            settings, outside, store=store, imaging=imaging, catalogue=catalogue, downloads=downloads
        )
        provider = await stack.enter_async_context(provider_of(settings, blobs))
        client = PlantainClient(
            proxy=settings.discord.proxy or None,
            message_content=settings.discord.message_content,
            optional=settings.discord.message_content_optional,
            guild_ids=settings.discord.guild_ids,
            published=PublishedServers(settings.storage.path),
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
        studio, talk = studio_of(
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
            messages=DiscordDeskMessages(client, languages, desk.settings),
            moderation=moderation,
        )
        hammering = Hammering(
            outside.clock,
            most=settings.limits.actions_per_minute,
            cooldown=settings.limits.cooldown_seconds,
        )
        reloader = Reloader(settings, load or (lambda: settings))
        reloading = Reloading(
            store=store,
            authority=casework.authority,
            clock=outside.clock,
            new_id=fresh_id,
            reload=reloader,
        )
        audiences = Audiences(languages, desk.settings)
        limits = LimitsService(store, catalogue, allowances.operator, outside.clock, fresh_id)
        granting = Granting(store, allowances.operator, outside.clock, fresh_id)
        privacy = privacy_of(settings, outside, store, studio)
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
            reloading=reloading,
        )
        client.attach(
            surface=surface,
            cogs=cogs_of(client),
            items=ITEMS,
        )
        read_gauges(meters, client, store, studio.lanes)
        app = App(client, studio, store, provider, meters, (allowances, limits, granting), reloader)
        reloader.listeners.append(app.take_over)
        yield app

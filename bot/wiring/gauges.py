"""What is asked for at each scrape of the metrics."""

from __future__ import annotations

import math

from bot.client import PlantainClient
from bot.metrics import Meters
from bot.metrics.watching import resident_bytes
from bot.providers.process import ProviderProcess
from bot.studio.lanes import Lanes
from storage.store import Store


def read_gauges(
    meters: Meters, client: PlantainClient, store: Store, lanes: Lanes, provider: ProviderProcess
) -> None:
    """Let the gauges read the database, the disk, the lanes, Discord and the provider's process."""

    async def database() -> None:
        async with store.reading() as tx:
            meters.vitals(await tx.vitals.get())

    async def disk() -> None:
        meters.disk(await store.sizes())

    async def discord() -> None:
        meters.gateway_up.set(client.connected)
        if math.isfinite(client.latency):  # without a connection it is not
            meters.gateway_latency.set(client.latency)
        meters.servers.set(len(client.guilds))

    async def models() -> None:
        meters.lanes(lanes.all)

    async def process() -> None:
        meters.provider_process(provider.is_ready, provider.deaths, resident_bytes(provider.pid))

    for source in (database, disk, discord, models, process):
        meters.read_from(source.__name__, source)

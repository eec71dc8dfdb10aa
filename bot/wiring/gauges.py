"""What is asked for at each scrape of the metrics."""

from __future__ import annotations

from bot.client import PlantainClient
from bot.metrics import Meters
from bot.studio.lanes import Lanes
from storage.store import Store


def read_gauges(meters: Meters, client: PlantainClient, store: Store, lanes: Lanes) -> None:
    """Let the gauges read the database, the disk, the lanes and Discord."""

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

    async def models() -> None:
        meters.lanes(lanes.all)

    for name, source in (("database", database), ("disk", disk), ("discord", discord), ("models", models)):
        meters.read_from(name, source)

"""Forgetting what is too old, what belongs to servers that are left, and files that nobody needs. Daily."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.domain.privacy import DAY_MS, Retention
from bot.errors import StorageError
from bot.studio.erase import Erasures
from bot.studio.ports import Clock, Waits
from bot.studio.privacy_ports import Sweeper
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)

STEP = 100  # rows in one transaction
PAUSE = 0.05  # seconds between them: others write meanwhile
FIRST_SECONDS = 600.0  # after a start: people come first
DAY_SECONDS = 86_400.0


class Purges:
    """Runs the daily purge. `run` goes on until it is cancelled; `now` does one purge."""

    def __init__(
        self,
        *,
        store: Store,
        sweeper: Sweeper,
        erasures: Erasures,
        retention: Retention,
        clock: Clock,
        waits: Waits,
    ) -> None:
        self._store = store
        self._sweeper = sweeper
        self._erasures = erasures
        self.retention = retention
        self._clock = clock
        self._waits = waits

    async def run(self) -> None:
        """Purge soon after the start, then once a day."""
        pause = FIRST_SECONDS
        while True:
            await self._waits(self._clock.sleep(pause), "retention")
            pause = DAY_SECONDS
            try:
                await self.now()
            except StorageError as error:
                log.warning("the purge is put off: %s", error)
                pause = FIRST_SECONDS
            except Exception:
                log.exception("the purge broke and is tried again tomorrow")

    async def now(self) -> None:
        """Forget everything whose time is over."""
        now = self._clock.now()
        cutoffs = self.retention.cutoffs(now)
        async with self._store.reading() as tx:
            kinds = tx.privacy.kinds()
        for kind in kinds:
            await self._steps(partial(self._purge, kind, cutoffs, now), f"{kind} whose time is over")
        await self._forget_servers(now)
        await self._erasures.follow_up()
        # They hold what was forgotten since, as evidence does, and so are kept for as long.
        if copies := await self._sweeper.remove_copies(cutoffs["evidence"]):
            log.info("copies of the database that upgrades made, removed: %d", copies)
        freed, orphans = await self._sweeper.remove_freed(), await self._sweeper.remove_orphans()
        log.info("purged; files removed: %d, of these without an owner: %d", freed + orphans, orphans)

    async def _forget_servers(self, now: int) -> None:
        """Forget what belongs to servers that the bot was removed from long enough ago."""
        if not self.retention.server_days:
            return
        before = now - self.retention.server_days * DAY_MS
        async with self._store.reading() as tx:
            left = await tx.privacy.left_servers(before)
            kinds = tx.privacy.kinds()
        for guild_id in left:
            for kind in kinds:
                await self._steps(
                    partial(self._leave, kind, guild_id, before, now), f"{kind} of server {guild_id}"
                )
            await self._forget_server(guild_id)

    async def _purge(self, kind: str, cutoffs: Mapping[str, int], now: int) -> int:
        return await self._store.write(lambda tx: tx.privacy.purge(kind, cutoffs, now=now, limit=STEP))

    async def _leave(self, kind: str, guild_id: int, before: int, now: int) -> int:
        async def leave(tx: Transaction) -> int:
            if guild_id not in await tx.privacy.left_servers(before):
                return 0  # the bot is back
            return await tx.privacy.leave(kind, guild_id, now=now, limit=STEP)

        return await self._store.write(leave)

    async def _forget_server(self, guild_id: int) -> None:
        await self._store.write(lambda tx: tx.privacy.forget_server(guild_id))

    async def _steps(self, step: Callable[[], Awaitable[int]], what: str) -> None:
        done = 0
        while some := await step():
            done += some
            await self._waits(self._clock.sleep(PAUSE), "purge")
        if done:
            log.info("forgotten: %d %s", done, what)

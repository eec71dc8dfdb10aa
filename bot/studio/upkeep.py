"""What is looked after now and then, beside the work: leases, what was left behind, those who wait."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from functools import partial

from bot.domain.jobs import Job
from bot.errors import StorageError
from bot.studio.bounds import Bounds
from bot.studio.in_vain import WaitingInVain
from bot.studio.lanes import Lanes
from bot.studio.ports import Clock, Waits
from bot.studio.queue_progress import QueueProgress
from bot.studio.store_ports import Store
from bot.studio.work import Workers

log = logging.getLogger(__name__)


class Upkeep:
    """Two loops, which go on until the workers are told to stop."""

    def __init__(
        self,
        *,
        workers: Workers,
        in_vain: WaitingInVain,
        queue: QueueProgress,
        lanes: Lanes,
        store: Store,
        clock: Clock,
        waits: Waits,
        bounds: Bounds,
    ) -> None:
        self._workers = workers
        self._in_vain = in_vain
        self._queue = queue
        self._lanes = lanes
        self._store = store
        self._clock = clock
        self._waits = waits
        self._bounds = bounds

    async def run(self) -> None:
        """Renew leases, take over what was left behind, end what waits in vain; each by itself."""
        workers = self._workers
        while not workers.stopping:
            await self._waits(self._clock.sleep(self._bounds.upkeep_seconds), "upkeep")
            for duty in (
                workers.renew,
                workers.take_over,
                workers.deliver_left,
                workers.cancel_told,
                partial(self._deliver_each, self._in_vain.too_long),
                partial(self._deliver_each, self._in_vain.without_quota),
                self._store.checkpoint,
            ):
                try:
                    await duty()
                except StorageError as error:
                    log.warning("upkeep put off: %s", error)
            workers.wake()

    async def tell_places(self) -> None:
        """Tell those who wait how many are before them and what is known, as that changes."""
        while not self._workers.stopping:
            await self._waits(self._clock.sleep(self._bounds.queue_seconds), "queue")
            if self._lanes.limited:
                self._workers.wake()  # some wait for nothing but time
            elif not self._workers.running:
                continue  # nobody waits where nothing runs
            await self._queue.tell(self._workers.jobs)

    async def _deliver_each(self, ended: Callable[[], AsyncIterator[Job]]) -> None:
        async for job in ended():
            self._workers.deliver(job.id)

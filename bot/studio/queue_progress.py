"""What those who wait are told: how many go before them, and what is known of how long it takes."""

from __future__ import annotations

import logging
from collections.abc import Container

from bot.domain.progress import Stage
from bot.errors import StorageError
from bot.studio.notifier_ports import Notifier
from bot.studio.outlooks import Outlooks
from bot.studio.ports import Clock
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)


class QueueProgress:
    """Tells the first of those who wait their place; `told` is how many."""

    def __init__(self, store: Store, notifier: Notifier, outlooks: Outlooks, clock: Clock, told: int) -> None:
        self._store = store
        self._notifier = notifier
        self._outlooks = outlooks
        self._clock = clock
        self._told = told

    async def tell(self, at_work: Container[str]) -> None:
        """Tell them once. Whoever is `at_work` by then was claimed meanwhile: the card says more."""
        try:
            async with self._store.reading() as tx:
                waiting = await tx.jobs.waiting(self._told, self._clock.now())
                outlooks = await self._outlooks.of_waiting(tx, waiting)
        except StorageError as error:
            log.warning("nobody is told their place: %s", error)
            return
        for ahead, (job, outlook) in enumerate(zip(waiting, outlooks, strict=True)):
            if job.id not in at_work:
                self._notifier.progress(job, Stage.PREPARING, ahead, outlook)

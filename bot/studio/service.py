"""The studio as one thing: its services, and the background work that belongs to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from bot.domain.catalogue import Catalogue
from bot.errors import StorageError
from bot.studio.cancel import Cancellations
from bot.studio.deliver import Deliverer
from bot.studio.descriptions import Descriptions
from bot.studio.gallery import Gallery
from bot.studio.intake import Intake
from bot.studio.lanes import Lanes
from bot.studio.originals import Originals
from bot.studio.pictures import Pictures
from bot.studio.ports import Clock
from bot.studio.reconcile import reconcile
from bot.studio.store_ports import Store
from bot.studio.submit import Submissions
from bot.studio.upkeep import Upkeep
from bot.studio.usage import UsageService
from bot.studio.watch import Watch
from bot.studio.work import Workers

log = logging.getLogger(__name__)


class Studio:
    """What the cogs talk to. As a context it recovers what was left, works, and drains when it ends."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        submissions: Submissions,
        pictures: Pictures,
        intake: Intake,
        gallery: Gallery,
        descriptions: Descriptions,
        originals: Originals,
        deliverer: Deliverer,
        workers: Workers,
        upkeep: Upkeep,
        cancellations: Cancellations,
        usage: UsageService,
        lanes: Lanes,
        watch: Watch,
        clock: Clock,
        drain_seconds: float,
    ) -> None:
        self.catalogue = catalogue
        self.submissions = submissions
        self.pictures = pictures
        self.intake = intake
        self.gallery = gallery
        self.descriptions = descriptions
        self.originals = originals
        self.deliverer = deliverer
        self.cancellations = cancellations
        self.usage = usage
        self.lanes = lanes
        self.watch = watch
        self._store = store
        self.workers = workers
        self._upkeep = upkeep
        self._clock = clock
        self.drain_seconds = drain_seconds  # may be set anew while the bot runs
        self._tasks: list[asyncio.Task[None]] = []
        self._others: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = []

    def accompany(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have other work done in the background for as long as the studio works. Called before that."""
        self._others.append((name, work))

    async def __aenter__(self) -> Self:
        await reconcile(self._store, self._clock)
        try:
            await self.workers.recover()
        except BaseException:
            await self.workers.drain(0)
            raise
        self._tasks = [
            asyncio.create_task(self.workers.run(), name="workers"),
            asyncio.create_task(self._upkeep.run(), name="upkeep"),
            asyncio.create_task(self._upkeep.tell_places(), name="queue places"),
            asyncio.create_task(self.watch.run(), name="watch"),
            *(asyncio.create_task(work(), name=name) for name, work in self._others),
        ]
        for task in self._tasks:
            task.add_done_callback(_log_if_broken)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.workers.drain(self.drain_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def working(self) -> bool:
        """Whether the background work is alive."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def set_card(self, job_id: str, message_id: int) -> None:
        """Remember which message is a job's card, for when its token has ended. Failing is no fault."""
        try:
            await self._store.write(lambda tx: tx.deliveries.set_card(job_id, message_id))
        except StorageError as error:
            log.warning("the card of job %s is not known: %s", job_id, error)


def _log_if_broken(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical(
            "the task %s broke: nothing is worked on until a restart", task.get_name(), exc_info=error
        )

"""Answers of jobs that are not finished: what is kept here is never asked for again."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.domain.answers import Answer
from bot.errors import StaleState, StorageError
from bot.studio.job_tasks import beside
from bot.studio.patience import Patience
from bot.studio.ports import Blobs
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

# A database that is locked says so only after seconds, and until then a crash would lose what was paid for.
SECONDS_TO_WRITE = 0.5


class KeptAnswers:
    """Keeps answers in the database, where those of a burst share a transaction and its flush.

    While the database takes nothing (locked, full, slow) they are kept on disk, each in a file of its own:
    two flushes, a new name in a folder and its removal.
    """

    def __init__(self, store: Store, blobs: Blobs, patiently: Patience) -> None:
        self._store = store
        self._blobs = blobs
        self._patiently = patiently

    async def keep(self, job_id: str, position: int, answer: Answer) -> None:
        """Make an answer durable: when this returns, a crash cannot lose it.

        Raises StaleState where an answer is kept already, by a process that took the job for abandoned: that
        one counts, whoever reads `of`. Raises StorageError where neither place will ever take it.
        """
        await self._patiently(lambda: self._keep_once(job_id, position, answer), "answer")

    async def _keep_once(self, job_id: str, position: int, answer: Answer) -> None:
        async with beside(self._write(job_id, position, answer)) as writing:
            try:
                await asyncio.wait({writing}, timeout=SECONDS_TO_WRITE)
            except asyncio.CancelledError:
                with suppress(StorageError):
                    await self._blobs.keep_answer(job_id, position, answer)
                raise
            reason = writing.exception() if writing.done() else "the database takes its time"
            if reason is None:
                return
            if isinstance(reason, StaleState):
                raise reason
            log.warning("an answer of job %s goes to the disk: %s", job_id, reason)
            await self._blobs.keep_answer(job_id, position, answer)

    async def of(self, job_id: str) -> dict[int, Answer]:
        """Return what is kept for a job, by position."""
        on_disk = await self._blobs.kept_answers(job_id)
        return {**on_disk, **await self._store.read(lambda tx: tx.answers.of_job(job_id))}

    async def _write(self, job_id: str, position: int, answer: Answer) -> None:
        await self._store.write(lambda tx: tx.answers.keep(job_id, position, answer))

"""What becomes of a job whose work did not come to its end: failed, given back, or left to upkeep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.domain.jobs import MAX_ATTEMPTS, FailureCode, Job, JobState
from bot.errors import StaleState, StorageError
from bot.studio.about import tell_job
from bot.studio.perform import Performer
from bot.studio.ports import Clock
from bot.studio.reasons import new_reference
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

# A database that hangs must not keep the program from stopping: the lease ends with the next start.
SECONDS_TO_GIVE_BACK = 1.0

Work = Callable[[Job], Awaitable[bool]]  # says whether the job came to its end


class JobGuard:
    """Runs a job's work. Whatever happens, the job ends finished, failed, given back, or left to upkeep."""

    def __init__(self, store: Store, performer: Performer, clock: Clock) -> None:
        self._store = store
        self._performer = performer
        self._clock = clock

    async def run(self, job: Job, work: Work) -> bool:
        """Return whether the job came to its end, here and now.

        Only then is it delivered: a delivery that finds nothing to deliver yet would stand in the way of
        the one that is due.
        """
        tell_job(job)
        try:
            return await work(job)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(job))
            raise
        except StaleState as error:
            log.warning("job %s went on elsewhere: %s", job.id, error)
        except StorageError as error:
            log.error("job %s is left to upkeep: %s", job.id, error)
        except Exception:
            reference = new_reference()
            log.exception("job %s broke, reference %s", job.id, reference, extra={"reference": reference})
            return await self._give_up(job, reference)
        return False

    async def _give_up(self, job: Job, reference: str) -> bool:
        """Fail a job that broke; return whether that was possible."""
        try:
            async with self._store.reading() as tx:
                current = await tx.jobs.get(job.id)
            if current is None or current.attempts != job.attempts:
                return False
            if not current.is_final:
                await self._performer.fail(current, FailureCode.UNKNOWN, reference)
        except Exception:
            log.exception("job %s could not be failed either, it is left to upkeep", job.id)
            return False
        return True

    async def _give_back(self, job: Job) -> None:
        """Let the next start run a job that this process cannot finish any more.

        Not after its last attempt: recovery ends it then.
        """
        try:
            async with asyncio.timeout(SECONDS_TO_GIVE_BACK), self._store.transaction() as tx:
                current = await tx.jobs.get(job.id)
                if (
                    current is not None
                    and current.state is JobState.RUNNING
                    and current.attempts == job.attempts < MAX_ATTEMPTS
                ):
                    waiting = current.to(JobState.CREATED, self._clock.now())
                    await tx.jobs.save(waiting, JobState.RUNNING, "given back")
        except (StorageError, TimeoutError) as error:
            log.warning("job %s could not be given back, its lease will end: %r", job.id, error)

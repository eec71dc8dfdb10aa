"""One job from RUNNING to its end: provider calls, storing, settlement."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.domain.answers import Answer, Verdict
from bot.domain.images import Inspected
from bot.domain.jobs import MAX_ATTEMPTS, Failure, FailureCode, Job, JobState
from bot.domain.progress import Stage
from bot.errors import BadAnswer, Cancelled, ImageError, PlantainError, StorageError
from bot.studio.ask import Asker
from bot.studio.blocked import Compared, ComparesResults
from bot.studio.consequences import sends_withheld
from bot.studio.job_tasks import beside
from bot.studio.kept_answers import KeptAnswers
from bot.studio.notifier_ports import Notifier
from bot.studio.observer import UNOBSERVED, Observer
from bot.studio.patience import Patience
from bot.studio.ports import Blobs, Clock, Imaging, Waits
from bot.studio.reasons import as_error, failure_of, new_reference, picture_of
from bot.studio.settlement import Made, Settlement
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")

# Between the looks at a picture on a machine that has no memory for it.
MEMORY_PAUSES = (1.0, 5.0, 20.0)


class Performer:
    """Does the work of a job. Nothing here knows who waits for it or how many jobs run beside it."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        imaging: Imaging,
        notifier: Notifier,
        kept: KeptAnswers,
        asker: Asker,
        settlement: Settlement,
        clock: Clock,
        waits: Waits,
        blocked: ComparesResults,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._kept = kept
        self._imaging = imaging
        self._blocked = blocked
        self._notifier = notifier
        self._settlement = settlement
        self._clock = clock
        self._waits = waits
        self._observer = observer
        self._patiently = Patience(clock, waits)
        self._asker = asker

    async def perform(self, job: Job) -> None:
        """Take a RUNNING job to its end. Answers that an earlier attempt kept are not asked for again."""
        answers = await self._kept.of(job.id) if job.attempts > 1 else {}
        missing = [position for position in range(job.request.options.count) if position not in answers]
        if missing and await self._is_withheld(job):
            if not answers:
                await self.fail(job, FailureCode.REMOVED)
                return
            missing = []  # what was made before stays as it is
        errors: list[Exception] = []
        if job.cancelled_at is not None and missing:
            errors.append(Cancelled("cancelled in an earlier run"))
            missing = []
        try:
            for position, outcome in await self._ask_for(job, missing):
                if isinstance(outcome, Answer):
                    answers[position] = outcome
                else:
                    errors.append(outcome)
            if errors:  # what was paid before they came is kept
                kept = await self._patiently(lambda: self._kept.of(job.id), "answers")
                answers = {**kept, **answers}
        finally:
            self._asker.forget(job.id)
        await self.finish(job, answers, errors)

    def cancel(self, job_id: str) -> int:
        """Make no more calls for a job that is performed here; return how many had not begun."""
        return self._asker.cancel(job_id)

    async def finish(self, job: Job, answers: Mapping[int, Answer], errors: Sequence[Exception]) -> None:
        """Store what was made and settle it, or fail the job and release what it held back."""
        async with beside(self._look_through(job, answers)) as looking:
            if any(answer.useful for answer in answers.values()):
                job = await self._storing(job)
            made, broken, compared = await looking
        if made:
            while not await self._settle(job, made, compared, answers):
                compared = await self._compare(job, made, anew=True)
        elif any(answer.verdict is Verdict.TEXT for answer in answers.values()):
            ended = await self._write(lambda tx: self._settlement.succeed(tx, job, {}, answers, 0), "success")
            self._observer.ended(ended, 0)
        else:
            reasons = [*errors, *broken, *filter(None, map(as_error, answers.values()))]
            await self._end_in(failure_of(job, reasons), job, answers)

    async def recover(self, job: Job) -> bool:
        """Continue a job whose worker is gone; return whether it came to its end.

        Where every answer is kept, or no attempt is left, it ends with what there is: nothing that was
        stored is ever asked for again. Otherwise it waits to be claimed once more.
        """
        answers = await self._kept.of(job.id)
        complete = len(answers) == job.request.options.count
        cancelled = job.cancelled_at is not None
        if job.state is JobState.RUNNING and not complete and not cancelled and job.attempts < MAX_ATTEMPTS:
            waiting = job.to(JobState.CREATED, self._clock.now())
            await self._write(lambda tx: tx.jobs.save(waiting, JobState.RUNNING, "recovered"), "recovery")
            return False
        if answers:
            await self.finish(job, answers, ())
        elif job.state is JobState.RUNNING:
            await self.fail(job, FailureCode.CANCELLED if cancelled else FailureCode.INTERRUPTED)
        else:
            reference = new_reference()
            log.error(
                "job %s lost its answers, reference %s",
                job.id,
                reference,
                extra={"reference": reference},
            )
            await self.fail(job, FailureCode.UNKNOWN, reference)
        return True

    async def fail(self, job: Job, code: FailureCode, reference: str = "") -> None:
        """Fail a job for a reason of our own and release what it held back."""
        await self._end_in(Failure(code, reference=reference), job, {})

    async def _is_withheld(self, job: Job) -> bool:
        """Whether moderators or reports have withheld a picture since that this job would send."""
        if not job.request.references:
            return False
        return await self._store.read(lambda tx: sends_withheld(tx, job.request, job.origin))

    # --- asking the provider ------------------------------------------------------------------------------

    async def _ask_for(self, job: Job, missing: Sequence[int]) -> list[tuple[int, Answer | Exception]]:
        """Ask for several pictures at once; what went wrong with one of them does not end the others."""
        if not missing:
            return []
        self._notifier.progress(job, Stage.GENERATING)
        coming = set(missing)
        # Whoever reads the answer may do so in a context of its own (a test world's wait does); what the
        # callback starts belongs to this one.
        context = contextvars.copy_context()

        def arriving(position: int) -> None:
            coming.discard(position)
            if not coming:
                context.run(self._notifier.progress, job, Stage.FINALIZING)

        outcomes = await asyncio.gather(
            *(self._asker.ask(job, position, partial(arriving, position)) for position in missing),
            return_exceptions=True,
        )
        return [
            (position, outcome if isinstance(outcome, Answer) else _usable(job, position, outcome))
            for position, outcome in zip(missing, outcomes, strict=True)
        ]

    # --- storing what came --------------------------------------------------------------------------------

    async def _storing(self, job: Job) -> Job:
        """Write that what was made is being stored: from then on nothing is asked for again."""
        self._notifier.progress(job, Stage.FINALIZING)
        if job.state is not JobState.RUNNING:
            return job
        storing = job.to(JobState.STORING, self._clock.now())
        await self._write(lambda tx: tx.jobs.save(storing, JobState.RUNNING), "storing")
        return storing

    async def _look_through(
        self, job: Job, answers: Mapping[int, Answer]
    ) -> tuple[dict[int, Made], list[PlantainError], Compared]:
        """Return the whole pictures, what was broken, and what looks blocked as far as is known here.

        It does not ask the database: it runs beside what is written meanwhile.
        """
        made, broken = await self._inspect(answers)
        return made, broken, await self._compare(job, made, anew=False)

    async def _inspect(self, answers: Mapping[int, Answer]) -> tuple[dict[int, Made], list[PlantainError]]:
        """Return the whole pictures by position, and an error for each answer whose picture is broken."""
        made: dict[int, Made] = {}
        broken: list[PlantainError] = []
        for position, answer in sorted(answers.items()):
            picture = picture_of(answer)
            if picture is None:
                continue
            try:
                found = await self._look_at(self._blobs.path(picture.sha256))
            except (StorageError, ImageError) as error:
                broken.append(error)
                continue
            if found is None:
                broken.append(BadAnswer("the picture's bytes are no whole picture"))
            else:
                made[position] = Made(picture, found)
        return made, broken

    async def _look_at(self, path: Path) -> Inspected | None:
        """Inspect a picture; a machine that is short of memory for a moment does not cost one that is paid.

        Raises StorageError where the file cannot be read, ImageError where no memory was left in the end.
        """
        for pause in MEMORY_PAUSES:
            try:
                return await self._imaging.inspect(path)
            except MemoryError:
                log.warning("no memory is left to look at a picture; trying again in %.0f s", pause)
            await self._waits(self._clock.sleep(pause), "memory")
        raise ImageError("no memory was left to look at it")

    async def _compare(self, job: Job, made: Mapping[int, Made], *, anew: bool) -> Compared:
        """Compare what was made with what is blocked where it would be shown."""
        sha256s = [item.picture.sha256 for item in made.values()]
        guild_id = job.origin.guild_id
        return await self._patiently(lambda: self._blocked.compare(sha256s, guild_id, anew=anew), "comparing")

    async def _settle(
        self, job: Job, made: Mapping[int, Made], compared: Compared, answers: Mapping[int, Answer]
    ) -> bool:
        """Settle what was made; what looks blocked is paid, and kept with its answer alone.

        False, with nothing written: other pictures are blocked than those that it was compared with.
        """
        shown = {
            position: item for position, item in made.items() if item.picture.sha256 not in compared.blocked
        }

        async def settle(tx: Transaction) -> Job | None:
            if not await compared.holds(tx):
                return None
            if shown:
                return await self._settlement.succeed(tx, job, shown, answers, len(made))
            withheld = Failure(FailureCode.WITHHELD)
            return await self._settlement.fail(tx, job, withheld, answers, len(made))

        ended = await self._write(settle, "settling")
        if ended is None:
            return False
        if not shown:
            log.warning("job %s: what came out looks like a blocked picture and is withheld", job.id)
        self._observer.ended(ended, len(shown))
        return True

    async def _write(self, work: Callable[[Transaction], Awaitable[T]], reason: str) -> T:
        return await self._patiently(lambda: self._store.write(work), reason)

    async def _end_in(self, failure: Failure, job: Job, answers: Mapping[int, Answer]) -> None:
        ended = await self._write(lambda tx: self._settlement.fail(tx, job, failure, answers, 0), "failure")
        self._observer.ended(ended, 0)


def _usable(job: Job, position: int, outcome: BaseException) -> Exception:
    """Return what went wrong with one picture; log what nobody expected."""
    if isinstance(outcome, PlantainError):
        return outcome
    if not isinstance(outcome, Exception | asyncio.CancelledError):
        raise outcome
    log.error("picture %d of job %s broke", position, job.id, exc_info=outcome)
    return outcome if isinstance(outcome, Exception) else RuntimeError("the call was cancelled from inside")

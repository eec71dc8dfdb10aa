"""Asking the provider for one picture: within bounds, again where that may help, and kept on disk at once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.domain.answers import Answer, Verdict
from bot.domain.calls import Call, build_call, said_by
from bot.domain.catalogue import Catalogue, Model
from bot.domain.jobs import Job
from bot.domain.lanes import TroubleKind
from bot.domain.requests import Request
from bot.domain.retry import RetryPolicy
from bot.errors import (
    Busy,
    CallLost,
    Cancelled,
    ModelGone,
    NoImage,
    PlantainError,
    ProviderError,
    SignatureRefused,
    Throttled,
)
from bot.studio.histories import Histories
from bot.studio.kept_answers import KeptAnswers
from bot.studio.lanes import Lanes
from bot.studio.not_begun import NotBegun
from bot.studio.observer import UNOBSERVED, Observer
from bot.studio.patience import Patience
from bot.studio.ports import Blobs, Clock, Provider, Waits
from bot.studio.tries import PaidAnswers, Tries

log = logging.getLogger(__name__)

# After these, a model that may take its place is asked.
OUT_OF_REACH = (Busy, ModelGone)


class Asker:
    """Makes provider calls. An answer that it returns is durable, whatever it says."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        kept: KeptAnswers,
        provider: Provider,
        catalogue: Catalogue,
        lanes: Lanes,
        histories: Histories,
        clock: Clock,
        waits: Waits,
        policy: RetryPolicy,
        calls: int,
        call_seconds: float,
        longest_wait: float,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._histories = histories
        self._blobs = blobs
        self._provider = provider
        self._catalogue = catalogue
        self._lanes = lanes
        self._clock = clock
        self._waits = waits
        self._policy = policy
        self._call_seconds = call_seconds
        self._observer = observer
        self._longest_wait = longest_wait
        self._slots = asyncio.Semaphore(calls)
        self._patiently = Patience(clock, waits)
        self._not_begun = NotBegun()
        self._paid = PaidAnswers(kept, self._not_begun)

    async def ask(self, job: Job, position: int, arriving: Callable[[], None]) -> Answer:
        """Return a kept answer for one picture, or raise what went wrong in the end.

        Where the model is out of reach or gone and the request names another that takes its place, that one
        is asked. Raises Cancelled where nobody wants the picture any more before a call for it has begun.
        """
        try:
            with self._not_begun.waiting(job.id):
                await self._blobs.ensure_room()
            *first, last = self._requests(job)
            tries = Tries()
            for request in first:
                if self._lanes.is_broken(request.options.model):
                    continue
                try:
                    return await self._ask_model(job, request, position, arriving, tries, OUT_OF_REACH)
                except OUT_OF_REACH as error:
                    log.info("job %s: %s does not make it: %s", job.id, request.options.model, error)
                    tries.anew()
            return await self._ask_model(job, last, position, arriving, tries)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._not_begun.is_cancelled(job.id) or task is None:
                raise
            task.uncancel()
            raise Cancelled("cancelled before the call") from None

    def cancel(self, job_id: str) -> int:
        """Make no more calls for a job; return how many had not begun. What is under way goes on."""
        return self._not_begun.cancel(job_id)

    def forget(self, job_id: str) -> None:
        """Forget a job that has ended."""
        self._not_begun.forget(job_id)

    def _requests(self, job: Job) -> list[Request]:
        """The request for each model that may be asked, in this order."""
        request, asked = job.request, job.request.options
        names = [asked.model, request.fallback]
        if self._catalogue.get(asked.model) is None:  # it was taken away while this waited
            names[0] = self._catalogue.successor(asked.model)
        found = [
            asked if name == asked.model else self._catalogue.stand_in(asked, name, len(request.references))
            for name in dict.fromkeys(names)
            if name is not None
        ]
        requests = [request.evolve(options=options) for options in found if options is not None]
        if not requests:
            raise ModelGone(f"{asked.model} is not in the catalogue any more")
        return requests

    async def _ask_model(
        self,
        job: Job,
        request: Request,
        position: int,
        arriving: Callable[[], None],
        tries: Tries,
        passed_on: tuple[type[PlantainError], ...] = (),
    ) -> Answer:
        """Ask one model; after an error that is `passed_on`, the caller asks another one."""
        model = self._catalogue.resolve(request.options.model).model
        asked = replace(job, request=request)
        paid_is_safe = partial(self._paid.safe, job, position, tries, passed_on)
        async with paid_is_safe():
            call = await self._first_call(asked, model, position)
        failed: ProviderError | None = None
        while True:
            answer: Answer | None = None
            async with paid_is_safe():
                with self._not_begun.waiting(job.id):
                    await self._waits(self._turn(job, model, tries, failed), "turn")
            probe = False
            try:
                answer = await self._call(call, model, tries, arriving, job.id)
            except SignatureRefused as error:
                async with paid_is_safe():
                    call = await self._without_history(asked, call, error)
                continue
            except ProviderError as error:
                failed = error
                tries.lost += isinstance(error, CallLost)
                probe = await self._learn(model, job, error)
            else:
                if answer.verdict is not Verdict.NO_IMAGE:
                    return await self._paid.keep(job, position, answer, tries)
                tries.empty += 1
                failed = NoImage(answer.finish_reason, message=answer.message)
            wait = self._wait_after(failed, tries)
            kind = type(failed).__name__
            log.info("job %s try %d: %s (%s), wait %s", job.id, tries.made, kind, failed, wait)
            if (probe and tries.made == 1) or (
                wait is None and await self._is_crowded(job, model, failed, tries)
            ):
                # The service's trouble and not this request's: it goes on waiting for its turn.
                tries.anew()
            elif wait is not None:
                self._observer.retried(call.model, kind)
                if answer is not None and answer.usage.known:
                    tries.charged = (*tries.charged, answer)
                async with paid_is_safe():
                    with self._not_begun.waiting(job.id):
                        await self._waits(self._clock.sleep(wait), "retry")
            elif answer is not None:
                return await self._paid.keep(job, position, answer, tries)
            elif tries.charged and not isinstance(failed, passed_on):
                # What was paid for is kept, although the last word was another failure.
                return await self._paid.keep_earlier(job, position, tries)
            else:
                raise failed

    async def _first_call(self, job: Job, model: Model, position: int) -> Call:
        call = build_call(job.request, position)
        call = replace(call, model=model.id, size=call.size if model.send_size else None)
        if job.request.conversation is None:
            return call
        words = said_by(job.request)
        return replace(
            call, contents=await self._patiently(lambda: self._histories.begin(job, words), "history")
        )

    async def _without_history(self, job: Job, call: Call, error: SignatureRefused) -> Call:
        """Return the call with the head's picture and the words alone; raise where it was that already."""
        if len(call.contents) == 1:
            raise error
        log.warning("job %s: its history was refused (%s), trying without", job.id, error)
        words = said_by(job.request)
        return replace(
            call, contents=await self._patiently(lambda: self._histories.begin_alone(job, words), "history")
        )

    async def _turn(self, job: Job, model: Model, tries: Tries, failed: ProviderError | None) -> None:
        """Return when a call may begin, holding a slot; `failed` is what the call before it came to.

        Raises that where the turn comes too late: somebody waits for final words.
        """
        began = tries.began
        if began is None:
            # Not tried yet, and the card says what is waited for; but not for ever.
            waited = (self._clock.now() - job.created_at) / 1000
            until = self._clock.monotonic() + max(0.0, self._longest_wait - waited)
        else:
            until = began + self._policy.budget
        while True:
            if not await self._lanes.clear(model.id, until):
                raise failed or self._too_late(model)
            await self._slots.acquire()
            late = failed is not None and failed.transient and self._elapsed(tries) > self._policy.budget
            if not late and self._lanes.begin(model.id, job.id):
                return
            self._slots.release()
            if late and failed is not None:
                raise failed

    def _too_late(self, model: Model) -> Busy:
        """What it comes to that a turn did not come in time."""
        trouble = self._lanes.trouble(model.id)
        if trouble is not None and trouble.kind is TroubleKind.DAY_USED_UP:
            return Throttled("the day's quota is used up", daily=True)
        return Busy("waited too long for a turn")

    async def _call(
        self, call: Call, model: Model, tries: Tries, arriving: Callable[[], None], job_id: str
    ) -> Answer:
        """Make one call, and give its slot back."""
        if tries.began is None:
            tries.began = self._clock.monotonic()
        tries.made += 1
        said = False
        try:
            timeout = min(model.timeout, self._call_seconds)
            made = self._provider.generate(call, timeout=timeout, arriving=arriving)
            answer = await self._waits(made, "provider")
            said = True
        except ProviderError:
            said = True
            raise
        finally:
            self._slots.release()
            if not said:
                await self._lanes.abandoned(model.id, job_id)
        await self._lanes.answered(model.id, job_id)
        return answer

    async def _learn(self, model: Model, job: Job, error: ProviderError) -> bool:
        """Let the model's lane know; return whether it was only a probe that failed."""
        if isinstance(error, Throttled):
            return await self._lanes.refused(model.id, job.id, error)
        if isinstance(error, Busy):
            return await self._lanes.failed(model.id, job.id)
        if isinstance(error, CallLost):
            await self._lanes.abandoned(model.id, job.id)
            return False
        await self._lanes.answered(model.id, job.id)
        return False

    async def _is_crowded(self, job: Job, model: Model, failed: ProviderError, tries: Tries) -> bool:
        """Whether it was refused for nothing but our own burst."""
        if not isinstance(failed, Throttled) or failed.daily:
            return False
        with self._not_begun.waiting(job.id):
            return await self._lanes.works(model.id, (tries.began or 0.0) + self._policy.budget)

    def _wait_after(self, failed: ProviderError, tries: Tries) -> float | None:
        if isinstance(failed, Throttled) and failed.daily:
            return None  # not within anybody's patience
        made = tries.made
        if isinstance(failed, NoImage | CallLost):
            made = tries.empty if isinstance(failed, NoImage) else tries.lost
        return self._policy.wait_before_next(
            failed,
            tries=made,
            elapsed=self._elapsed(tries),
            jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        )

    def _elapsed(self, tries: Tries) -> float:
        return 0.0 if tries.began is None else self._clock.monotonic() - tries.began

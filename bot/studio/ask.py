"""Asking the provider for one picture: within bounds, again where that may help, and kept on disk at once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.answers import Answer, Verdict
from bot.domain.calls import Call, build_call
from bot.domain.catalogue import Catalogue, Model
from bot.domain.jobs import Job
from bot.domain.retry import RetryPolicy
from bot.errors import NoImage, ProviderError
from bot.studio.observer import UNOBSERVED, Observer
from bot.studio.patience import Patience
from bot.studio.ports import Blobs, Clock, Provider, Waits

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tries:
    """What was tried for one picture. Waiting for a slot before the first call is not trying."""

    made: int = 0
    empty: int = 0  # answers without an image
    charged: tuple[Answer, ...] = ()  # those whose tokens the provider counted: they cost something
    began: float | None = None  # when the first call began, on the monotonic clock


class Asker:
    """Makes provider calls. An answer that it returns is durable, whatever it says."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        provider: Provider,
        catalogue: Catalogue,
        clock: Clock,
        waits: Waits,
        policy: RetryPolicy,
        calls: int,
        call_seconds: float,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._blobs = blobs
        self._provider = provider
        self._catalogue = catalogue
        self._clock = clock
        self._waits = waits
        self._policy = policy
        self._call_seconds = call_seconds
        self._observer = observer
        self._slots = asyncio.Semaphore(calls)
        self._patiently = Patience(clock, waits)

    async def ask(self, job: Job, position: int, arriving: Callable[[], None]) -> Answer:
        """Return a kept answer for one picture, or raise what went wrong in the end."""
        await self._blobs.ensure_room()
        model = self._catalogue.resolve(job.request.options.model).model
        call = build_call(job.request, position)
        call = replace(call, model=model.id, size=call.size if model.send_size else None)
        tries = _Tries()
        failed: ProviderError | None = None
        while True:
            answer: Answer | None = None
            try:
                answer = await self._waits(self._call(call, model, tries, failed, arriving), "provider")
            except ProviderError as error:
                failed = error
            else:
                if answer.verdict is not Verdict.NO_IMAGE:
                    return await self._keep(job, position, answer, tries)
                tries.empty += 1
                failed = NoImage(answer.finish_reason, message=answer.message)
            wait = self._wait_after(failed, tries)
            kind = type(failed).__name__
            log.info("job %s try %d: %s (%s), wait %s", job.id, tries.made, kind, failed, wait)
            if wait is not None:
                self._observer.retried(call.model, kind)
                await self._waits(self._clock.sleep(wait), "retry")
            elif answer is not None:
                return await self._keep(job, position, answer, tries)
            elif tries.charged:
                # What was paid for is kept, although the last word was another failure.
                *earlier, last = tries.charged
                tries.charged = tuple(earlier)
                return await self._keep(job, position, last, tries)
            else:
                raise failed
            if answer is not None and answer.usage.known:
                tries.charged = (*tries.charged, answer)

    async def _call(
        self,
        call: Call,
        model: Model,
        tries: _Tries,
        failed: ProviderError | None,
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call as soon as a slot is free; `failed` is what the call before it came to."""
        async with self._slots:
            if failed is not None and failed.transient and self._elapsed(tries) > self._policy.budget:
                raise failed  # the slot came too late: somebody waits for final words
            if tries.began is None:
                tries.began = self._clock.monotonic()
            tries.made += 1
            return await self._provider.generate(
                call,
                timeout=min(model.timeout, self._call_seconds),
                arriving=arriving,
            )

    def _wait_after(self, failed: ProviderError, tries: _Tries) -> float | None:
        return self._policy.wait_before_next(
            failed,
            tries=tries.empty if isinstance(failed, NoImage) else tries.made,
            elapsed=self._elapsed(tries),
            jitter=random.random(),  # noqa: S311 - spreads retries, guards nothing
        )

    def _elapsed(self, tries: _Tries) -> float:
        return 0.0 if tries.began is None else self._clock.monotonic() - tries.began

    async def _keep(self, job: Job, position: int, answer: Answer, tries: _Tries) -> Answer:
        answer = replace(answer, earlier=tuple(empty.usage for empty in tries.charged))
        await self._patiently(lambda: self._blobs.keep_answer(job.id, position, answer), "answer")
        return answer

"""A provider whose calls are told to an observer."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.studio.observer import Observer
from bot.studio.ports import Clock, Provider


class ObservedProvider:
    """A `Provider`: it passes calls on, and tells how long each took and what came of it."""

    def __init__(self, provider: Provider, observer: Observer, clock: Clock) -> None:
        self._provider = provider
        self._observer = observer
        self._clock = clock

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - passed on
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call. One that is cancelled came to nothing and is not told."""
        began = self._clock.monotonic()
        try:
            answer = await self._provider.generate(call, timeout=timeout, arriving=arriving)
        except Exception as error:
            self._tell(call, began, type(error).__name__)
            raise
        self._tell(call, began, answer.verdict)
        return answer

    def _tell(self, call: Call, began: float, outcome: str) -> None:
        self._observer.called(call.model, self._clock.monotonic() - began, outcome)

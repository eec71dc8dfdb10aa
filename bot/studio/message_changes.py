"""Changing messages that are posted, while somebody waits for the answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.errors import DeliveryError
from bot.studio.ports import Clock, Waits

log = logging.getLogger(__name__)

PAUSES = (1.0, 3.0)  # seconds between the tries


class MessageChanges:
    """Tries a change again where Discord's fault is a passing one. The change must be safe to repeat."""

    def __init__(self, clock: Clock, waits: Waits) -> None:
        self._clock = clock
        self._waits = waits

    async def __call__(self, change: Callable[[], Awaitable[None]], what: str) -> bool:
        """Make a change; return False where Discord does not let us. `what` stays as it is then."""
        for pause in (*PAUSES, None):
            try:
                await change()
            except DeliveryError as error:
                log.info("%s stays as it is: %s", what, error)
                if pause is None or not error.passing:
                    return False
                await self._waits(self._clock.sleep(pause), "delivery")
            else:
                break
        return True

"""Work in the background that sleeps until somebody wakes it, or its time has come."""

from __future__ import annotations

import asyncio

from bot.studio.ports import Clock


class Waking:
    """Sleeps that can be cut short. Whoever works clears it first, so that nothing said meanwhile is lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._woken.set()

    def clear(self) -> None:
        """Begin to look for what there is: who wakes it from now on is heard by the next sleep."""
        self._woken.clear()

    async def sleep(self, seconds: float | None) -> None:
        """Return when it is woken, or after so long; None: only when it is woken."""
        if seconds is None:
            await self._woken.wait()
            return
        waking = asyncio.ensure_future(self._woken.wait())
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({waking, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (waking, sleeping):
                task.cancel()
            await asyncio.gather(waking, sleeping, return_exceptions=True)

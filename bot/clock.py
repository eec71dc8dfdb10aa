"""The machine's clock, behind `bot.studio.ports.Clock`."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """Time as the machine tells it."""

    def now(self) -> int:
        """UTC milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

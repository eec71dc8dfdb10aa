"""A process like the provider's (`bot.wiring.provider_main`) with a fault of ours in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.providers.answering import Answering, read


class Broken:
    """Makes no calls."""

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - as the real one
        arriving: Callable[[], None],
    ) -> Answer:
        raise KeyError(call.model)

    async def models(self) -> list[str]:
        raise ValueError("no models")


if __name__ == "__main__":
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    read(source)
    asyncio.run(Answering(Broken(), source, sink).run())

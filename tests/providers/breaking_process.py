"""A process like the provider's (`bot.wiring.provider_main`) with faults of ours in it.

It repeats each greeting on standard error. The greeting "babble" makes it write what is no message.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.providers import pipe
from bot.providers.answering import Answering, read

HANGS = "hangs"  # a model that never answers


class Broken:
    """Makes no calls."""

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - as the real one
        arriving: Callable[[], None],
    ) -> Answer:
        if call.model == HANGS:
            await asyncio.Event().wait()
        raise KeyError(call.model)

    async def models(self) -> list[str]:
        raise ValueError("no models")


def greeted(greeting: str) -> None:
    """Say that it was understood, or babble."""
    print("greeted:", greeting, file=sys.stderr, flush=True)
    if greeting == "babble":
        os.write(1, pipe.framed("")[: pipe.LENGTH] + b"?" * 100)


if __name__ == "__main__":
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    greeted(read(source))
    asyncio.run(Answering(Broken(), source, sink, greeted=greeted).run())

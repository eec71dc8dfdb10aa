"""A simulated Discord (SimCord) that a bot can live in: for the sandbox, and for the tests of the cogs.

SimCord waits after each action until the bot has nothing left to do, so it must know which waits are for
the outside. `World.wait` tells it; what is waited for runs in an empty context of its own, so that its
timers and sockets follow the real clock and are not taken for the bot's.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Awaitable
from typing import TypeVar

import simcord

from bot.app import Outside

T = TypeVar("T")


class World:
    """The clock and the waits of a bot inside SimCord. `enter` it before the bot starts."""

    def __init__(self) -> None:
        self._env: simcord.Env | None = None

    @property
    def outside(self) -> Outside:
        """What the bot's composition root takes instead of the machine's own."""
        return Outside(clock=self, waits=self.wait)

    @property
    def env(self) -> simcord.Env:
        """The environment that was entered."""
        if self._env is None:
            raise RuntimeError("the world has no environment yet; call enter() first")
        return self._env

    def enter(self, env: simcord.Env) -> None:
        """Use this environment's time and waits from now on."""
        self._env = env

    def now(self) -> int:
        """UTC milliseconds of the simulation, the same that its interactions carry."""
        return int(self.env.now().timestamp() * 1000)

    def monotonic(self) -> float:
        """Real seconds: SimCord replaces `time.monotonic` by the simulation's."""
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time where it runs inside `wait`, else in the simulation's."""
        await asyncio.sleep(seconds)

    async def wait(self, awaitable: Awaitable[T], reason: str) -> T:
        """Wait for the outside without holding up the simulation."""

        async def run() -> T:
            return await awaitable

        # SimCord takes a task for the bot's by the context in which it is created.
        task = contextvars.Context().run(asyncio.get_running_loop().create_task, run())
        try:
            result: T = await self.env.external_wait(task, reason=reason)
            return result
        finally:
            task.cancel()

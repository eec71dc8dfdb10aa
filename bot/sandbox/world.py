"""A simulated Discord (SimCord) that a bot can live in: for the sandbox, and for the tests of the cogs.

SimCord waits after each action until the bot has nothing left to do, so it must know which waits are for
the outside. `World.wait` tells it; what is waited for runs in an empty context of its own, so that its
timers and sockets follow the real clock and are not taken for the bot's.
"""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import discord
import simcord

from bot.errors import InputProblem, InputRefused
from bot.wiring.outside import Outside

T = TypeVar("T")


class World:
    """The clock and the waits of a bot inside SimCord. `enter` it before the bot starts."""

    def __init__(self) -> None:
        self._env: simcord.Env | None = None

    @property
    def outside(self) -> Outside:
        """What the bot's composition root takes instead of the machine's own."""
        return Outside(clock=self, waits=self.wait, downloads=self)

    @property
    def env(self) -> simcord.Env:
        """The environment that was entered."""
        if self._env is None:
            raise RuntimeError("the world has no environment yet; call enter() first")
        return self._env

    def enter(self, env: simcord.Env) -> None:
        """Use this environment's time and waits from now on."""
        self._env = env

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Path]:
        """Give a file with what somebody attached: the simulation has its pictures in memory."""
        try:
            data = await self.env.bot.http.get_from_cdn(url)
        except discord.HTTPException as error:
            raise InputRefused(InputProblem.EXPIRED) from error
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "attachment")
            await asyncio.to_thread(path.write_bytes, data)
            yield path

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
        """Wait for the outside without holding up the simulation.

        Cancelled, it cancels what it waits for and lets that end, as a plain `await` does.
        """
        # Begun as it is: a coroutine within another one would, if that is cancelled first, never be awaited.
        work = awaitable if asyncio.iscoroutine(awaitable) else _awaiting(awaitable)
        # SimCord takes a task for the bot's by the context in which it is created.
        task = contextvars.Context().run(asyncio.get_running_loop().create_task, work)
        try:
            return await self._parked(task, reason)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _parked(self, task: asyncio.Task[T], reason: str) -> T:
        """Wait for a task in a way that SimCord recognises; only the bot's own work has to tell it."""
        try:
            result: T = await self.env.external_wait(task, reason=reason)
        except simcord.SetupError:
            if task.done():
                raise
            return await task
        return result


async def _awaiting(awaitable: Awaitable[T]) -> T:
    return await awaitable

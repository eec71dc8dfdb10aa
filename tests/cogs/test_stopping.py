"""A bot that is told to stop while it begins, or while somebody is answered."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

import pytest
from discord.ext import commands

from bot.studio.hammering import Hammering
from bot.studio.service import Studio
from cogs.guard import Guard
from tests.cogs.stage import Stage
from tests.fakes.clock import FakeClock


class Slow:
    """A studio that waits before it begins, and notes when it has begun and ended."""

    def __init__(self, studio: Studio, noted: list[str]) -> None:
        self._studio = studio
        self._noted = noted
        self.begins = asyncio.Event()
        self.may_begin = asyncio.Event()

    async def __aenter__(self) -> None:
        self.begins.set()
        await self.may_begin.wait()
        await self._studio.__aenter__()
        self._noted.append("begun")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._studio.__aexit__(kind, error, trace)
        self._noted.append("ended")


async def test_what_begins_while_the_bot_is_told_to_stop_ends_before_it_logs_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.stop()
    await stage.start()
    client = stage.app.client
    noted: list[str] = []
    studio: Any = Slow(client.studio, noted)
    monkeypatch.setattr(client, "studio", studio)
    log_out = commands.Bot.close

    async def logging_out(self: commands.Bot) -> None:
        noted.append("logged out")
        await log_out(self)

    monkeypatch.setattr(commands.Bot, "close", logging_out)
    starting = asyncio.create_task(stage.env.restart_bot(client))
    await studio.begins.wait()
    stopping = asyncio.create_task(client.close())
    await asyncio.sleep(0)  # it has been called
    studio.may_begin.set()
    await stopping
    await asyncio.gather(starting, return_exceptions=True)
    assert noted == ["begun", "ended", "logged out"]


async def test_who_comes_in_while_others_are_answered_is_waited_for_too() -> None:
    guard = Guard(Hammering(FakeClock(), most=10, cooldown=1))
    answered: list[str] = []
    first, second = asyncio.Event(), asyncio.Event()

    async def answering(name: str, may_end: asyncio.Event) -> None:
        guard.enter()
        await may_end.wait()
        answered.append(name)

    async def event() -> None:
        await second.wait()
        answered.append("event")

    tasks = [asyncio.create_task(answering("first", first))]
    await asyncio.sleep(0)
    finishing = asyncio.create_task(guard.finish())
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(answering("second", second)), asyncio.create_task(guard.heed(event()))]
    first.set()
    await asyncio.wait(tasks[:1])
    await asyncio.sleep(0)
    second.set()
    await finishing
    assert answered == ["first", "second", "event"]
    await asyncio.gather(*tasks)

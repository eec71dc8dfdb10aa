"""A bot that is told to stop while it begins."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

import pytest
from discord.ext import commands

from bot.studio.service import Studio
from tests.cogs.stage import Stage


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

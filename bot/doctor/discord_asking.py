"""A bot that asks Discord and is not connected, and what its refusals come down to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.doctor.findings import Finding, fail, warn

AREA = "discord"
SECONDS_FOR_DISCORD = 60.0
TOKEN_REFUSED = "Copy the token again from Discord's developer portal (your application, Bot, Reset Token)"  # noqa: S105 - a sentence


def asking_bot(proxy: str, skews: list[float]) -> commands.Bot:
    """Return a bot that only asks. It notes in `skews` how far ahead Discord's clock is, in seconds."""
    return commands.Bot(
        commands.when_mentioned,
        help_command=None,
        intents=discord.Intents.none(),
        proxy=proxy or None,
        http_trace=_clock_trace(skews),
    )


@asynccontextmanager
async def asking(
    bot: commands.Bot, cogs: Sequence[commands.Cog], translator: app_commands.Translator, token: str
) -> AsyncIterator[None]:
    """Log a bot in without connecting it, with its commands but without publishing them, and out again.

    Raises discord.py's and aiohttp's errors; `login_fault` says what they mean.
    """
    async with asyncio.timeout(SECONDS_FOR_DISCORD), bot:
        for cog in cogs:
            await bot.add_cog(cog)
        await bot.tree.set_translator(translator)
        await bot.login(token)
        yield


async def answered(what: str, ask: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """Ask Discord something; where it refuses, say what was not looked at."""
    try:
        return await ask()
    except discord.HTTPException as error:
        return [
            warn(
                AREA,
                f"{what} could not be looked at: Discord answered {error.status} (code {error.code})",
                "Try again later; with 403 or 404, look whether the bot is still there and what it may see",
            )
        ]


def not_all_looked_at(what: str, most: int, there: int) -> list[Finding]:
    """Say that there are more than are looked at one by one; nothing where there are not."""
    if there <= most:
        return []
    return [
        warn(
            AREA,
            f"only the first {most} {what} were looked at",
            "Nothing is known of the others here; the log says at each start what is wrong with them",
        )
    ]


def login_fault(error: Exception) -> Finding:
    """Return what an error of the login, or of a question, comes down to."""
    match error:
        case discord.LoginFailure():
            return fail(AREA, "Discord does not accept DISCORD_TOKEN", TOKEN_REFUSED)
        case discord.HTTPException():
            return fail(AREA, f"Discord answered {error.status} (code {error.code})", "Try again later")
        case _:
            kind = type(error).__name__
            return fail(AREA, f"Discord is out of reach: {kind}", "Look at the network and discord.proxy")


def _clock_trace(skews: list[float]) -> aiohttp.TraceConfig:
    """Return a trace that notes how far ahead Discord's clock is, from the Date of each answer.

    A Date counts whole seconds, and the answer took its way: half a second is added, half of the way is not.
    """
    trace = aiohttp.TraceConfig()

    async def end(_: Any, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        try:
            theirs = parsedate_to_datetime(params.response.headers["Date"]).timestamp() + 0.5
        except (KeyError, ValueError, TypeError):
            return
        skews.append(theirs - time.time())

    trace.on_request_end.append(end)
    return trace

"""What is measured by looking: the event loop's lag, and every request to Discord."""

from __future__ import annotations

import asyncio
import mmap
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import aiohttp

from bot.metrics.meters import Meters

LAG_INTERVAL = 1.0  # seconds; a block that is shorter is seen with the probability of its share


async def watch_loop(meters: Meters) -> None:
    """Measure for ever how late the event loop's timers are."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_INTERVAL
        await asyncio.sleep(LAG_INTERVAL)
        meters.loop_lag.observe(max(0.0, loop.time() - due))


def resident_bytes(pid: int | None) -> int:
    """Return what a process takes of memory (proc(5), statm); 0 without the process, or without /proc."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * mmap.PAGESIZE
    return 0


def discord_trace(meters: Meters) -> aiohttp.TraceConfig:
    """Return a trace for discord.py's HTTP session (`http_trace`) that counts its requests.

    Paths are not looked at: they hold ids and tokens. The scope of a 429 is what Discord's header says
    (developer documentation, "Rate Limits").
    """
    trace = aiohttp.TraceConfig()
    # Finding the counter of some labels costs more than counting.
    requests, seconds = cache(meters.discord_requests.labels), cache(meters.discord_request_seconds.labels)

    async def start(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.began = asyncio.get_running_loop().time()

    def ended(context: SimpleNamespace, method: str, status: str) -> None:
        requests(method, status).inc()
        seconds(method).observe(asyncio.get_running_loop().time() - context.began)

    async def end(
        _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        response = params.response
        if response.status == 101:  # the gateway: it lasts for hours
            return
        ended(context, params.method, str(response.status))
        if response.status == 429:
            meters.discord_rate_limits.labels(_scope(response.headers.get("X-RateLimit-Scope", ""))).inc()

    async def broke(
        _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        ended(context, params.method, "error")

    trace.on_request_start.append(start)
    trace.on_request_end.append(end)
    trace.on_request_exception.append(broke)
    return trace


def _scope(header: str) -> str:
    return header if header in {"user", "shared", "global"} else "unknown"

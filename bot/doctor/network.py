"""The proxies, and the clock beside other people's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from urllib.parse import urlsplit
from urllib.request import getproxies

from bot.config import Settings
from bot.doctor.findings import Finding, fail, ok, warn

AREA = "network"
SECONDS_TO_CONNECT = 5.0
# Interaction tokens and "resets at" depend on the clock; Discord's signatures of attachments, too.
SKEW_TO_WARN, SKEW_TO_FAIL = 2.0, 60.0


async def look_at_proxies(settings: Settings) -> Sequence[Finding]:
    """Return whether Discord's proxy can be reached, and which one of the environment Gemini uses."""
    findings = []
    if settings.discord.proxy:
        findings.append(await _reach(settings.discord.proxy))
    else:
        findings.append(ok(AREA, "Discord is reached without a proxy"))
    given = getproxies().get("https")
    if given:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        where = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        findings.append(ok(AREA, f"Gemini is reached through the environment's proxy {where}"))
    return findings


def look_at_clock(skews: Sequence[float]) -> list[Finding]:
    """Judge the differences to other clocks, in seconds; the smallest one is ours, the rest took its time."""
    if not skews:
        return []
    skew = min(skews, key=abs)
    seen = f"the clock is {abs(skew):.1f} s {'behind' if skew > 0 else 'ahead of'} Discord's"
    remedy = "Let the machine keep its time with NTP (systemd-timesyncd, chrony)"
    if abs(skew) >= SKEW_TO_FAIL:
        return [fail("clock", seen, remedy)]
    if abs(skew) >= SKEW_TO_WARN:
        return [warn("clock", seen, remedy)]
    return [ok("clock", "the clock agrees with Discord's")]


async def _reach(proxy: str) -> Finding:
    parts = urlsplit(proxy)
    try:
        async with asyncio.timeout(SECONDS_TO_CONNECT):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except (OSError, TimeoutError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return fail(
            AREA, f"discord.proxy {proxy} cannot be reached: {reason}", "Start it, or correct the setting"
        )
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ok(AREA, f"discord.proxy {proxy} can be reached")

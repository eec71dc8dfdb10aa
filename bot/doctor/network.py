"""The proxies, and the clock beside other people's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.config import Settings
from bot.doctor.configuration import is_loopback
from bot.doctor.findings import Finding, fail, ok, warn

AREA = "network"
SECONDS_TO_CONNECT = 5.0
# Interaction tokens and "resets at" depend on the clock; Discord's signatures of attachments, too.
SKEW_TO_WARN, SKEW_TO_FAIL = 2.0, 60.0


async def look_at_proxies(settings: Settings) -> Sequence[Finding]:
    """Return whether Discord's proxy can be reached, and the one of the environment that Gemini uses."""
    findings = []
    if proxy := settings.discord.proxy:
        if reason := await _out_of_reach(proxy):
            remedy = "Start it, or correct the setting"
            findings.append(fail(AREA, f"discord.proxy {proxy} cannot be reached: {reason}", remedy))
        else:
            findings.append(ok(AREA, f"discord.proxy {proxy} can be reached"))
    else:
        findings.append(ok(AREA, "Discord is reached without a proxy"))
    return [*findings, *await _look_at_environment(settings)]


async def _look_at_environment(settings: Settings) -> list[Finding]:
    """What is to be said about HTTPS_PROXY and its like, where there are any."""
    url = urlsplit(_address_of_google(settings))
    host = url.hostname or ""
    proxy = getproxies().get(url.scheme)
    if not proxy or is_loopback(host):
        return []
    if proxy_bypass(host):
        return [ok(AREA, f"Gemini is reached without a proxy: NO_PROXY has {host}")]
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    # Not the whole of it: it may have a password.
    where = parts.netloc.rpartition("@")[2]
    if reason := await _out_of_reach(f"{parts.scheme}://{where}"):
        return [
            fail(
                AREA,
                f"the environment's proxy {where} for Gemini cannot be reached: {reason}",
                f"Start it, correct {url.scheme.upper()}_PROXY, or write {host} into NO_PROXY",
            )
        ]
    return [ok(AREA, f"Gemini is reached through the environment's proxy {where}, and that can be reached")]


def _address_of_google(settings: Settings) -> str:
    gemini = settings.gemini
    if gemini.base_url:
        return gemini.base_url
    if not gemini.vertex:
        return "https://generativelanguage.googleapis.com"
    where = "" if gemini.location == "global" else f"{gemini.location}-"
    return f"https://{where}aiplatform.googleapis.com"


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


async def _out_of_reach(proxy: str) -> str:
    """Why a proxy cannot be reached; empty where it can."""
    try:
        parts = urlsplit(proxy)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "that is no address"
    try:
        async with asyncio.timeout(SECONDS_TO_CONNECT):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ""

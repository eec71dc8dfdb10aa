"""What `doctor` says about proxies is what holds: they are reached, and NO_PROXY counts."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.config import DiscordSettings, GeminiSettings, Settings
from bot.doctor.findings import Finding, Mark
from bot.doctor.network import look_at_proxies

NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def of_gemini(settings: Settings | None = None) -> Finding:
    findings = await look_at_proxies(settings or Settings())
    return findings[-1]


async def test_without_proxies_there_is_little_to_say() -> None:
    assert [finding.seen for finding in await look_at_proxies(Settings())] == [
        "Discord is reached without a proxy"
    ]


async def test_a_dead_proxy_of_the_environment_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:shy-1@127.0.0.1:{port}")
    finding = await of_gemini()
    assert (finding.mark, f"127.0.0.1:{port} for Gemini cannot be reached" in finding.seen) == (
        Mark.FAIL,
        True,
    )
    assert "HTTPS_PROXY" in finding.remedy
    assert "shy-1" not in str(finding)


async def test_a_proxy_of_the_environment_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        finding = await of_gemini()
    assert (finding.mark, "and that can be reached" in finding.seen) == (Mark.OK, True)


@pytest.mark.parametrize(
    ("gemini", "host"),
    [
        (GeminiSettings(), "generativelanguage.googleapis.com"),
        (GeminiSettings(vertex=True, project="p"), "aiplatform.googleapis.com"),
        (GeminiSettings(vertex=True, project="p", location="europe-west4"), "europe-west4-aiplatform"),
    ],
)
async def test_no_proxy_counts(monkeypatch: pytest.MonkeyPatch, gemini: GeminiSettings, host: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("NO_PROXY", ".googleapis.com")
    finding = await of_gemini(Settings(gemini=gemini))
    assert (finding.mark, host in finding.seen) == (Mark.OK, True)


async def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    settings = Settings(gemini=GeminiSettings(base_url="http://127.0.0.1:9"))
    assert (await of_gemini(settings)).mark is Mark.OK


async def test_what_is_no_address_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:abc")
    assert "that is no address" in (await of_gemini()).seen


async def test_discords_proxy_is_reached() -> None:
    settings = Settings(discord=DiscordSettings(proxy=f"http://127.0.0.1:{closed_port()}"))
    finding = (await look_at_proxies(settings))[0]
    assert (finding.mark, "cannot be reached" in finding.seen) == (Mark.FAIL, True)

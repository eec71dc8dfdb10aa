"""/healthz and /readyz, for whoever watches the process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.process import BotProcess, inherited
from tests.wire.plantain import Plantain, refusal, result, until_asked

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port that was free a moment ago: the setting takes no 0 for any."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


async def asked(port: int, path: str) -> tuple[int, str]:
    """The status and the text of an answer."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def status(port: int, path: str) -> int:
    return (await asked(port, path))[0]


async def until_ready(port: int, ready: bool) -> dict[str, bool]:
    """Wait until /readyz says that, and return its parts."""

    parts: dict[str, bool] = {}

    async def so() -> bool:
        number, text = await asked(port, "/readyz")
        parts.update(json.loads(text))
        return (number == 200) is ready

    await until_asked(so, within=60.0)
    return parts


async def watched(plantain: Plantain) -> tuple[BotProcess, int]:
    """Start a bot from which something will be taken, and return it with the port to ask."""
    plantain.breaks = True
    port = free_port()
    plantain.sections["server"]["port"] = port
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    return bot, port


async def test_the_bot_is_alive_before_it_is_ready(plantain: Plantain, discord: FakeDiscord) -> None:
    port = free_port()
    plantain.sections["server"]["port"] = port
    login = discord.hold("GET", "/users/@me")
    bot = await plantain.run()
    await login.arrived()
    assert (await status(port, "/healthz"), await status(port, "/readyz")) == (200, 503)
    login.release()
    await bot.wait_for_line("ready as")
    assert (await status(port, "/healthz"), await status(port, "/readyz")) == (200, 200)
    assert await status(port, "/settings") == 404


async def test_a_gateway_that_is_lost_is_not_ready_until_it_is_back(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    _, port = await watched(plantain)
    discord.shut_proxy()
    await discord.disconnect()
    parts = await until_ready(port, False)
    assert parts == {"gateway": False, "database": True, "workers": True, "provider": True}
    scraped = (await asked(port, "/metrics"))[1]
    assert "plantain_gateway_up 0.0" in scraped
    assert "plantain_gateway_latency_seconds +Inf" not in scraped
    await discord.mend_proxy()
    await until_ready(port, True)
    assert "plantain_gateway_up 1.0" in (await asked(port, "/metrics"))[1]


async def test_a_database_that_takes_no_request_is_not_ready(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    _, port = await watched(plantain)
    async with plantain.locked():
        assert (await until_ready(port, False))["database"] is False
        anna = discord.add_member("anna")
        await refusal(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    await until_ready(port, True)
    scraped = (await asked(port, "/metrics"))[1]
    assert 'plantain_requests_total{kind="generate",outcome="storage"} 1.0' in scraped


@pytest.mark.skipif(sys.platform != "linux", reason="what a process takes is read from /proc")
async def test_the_process_for_provider_calls_is_watched(plantain: Plantain, discord: FakeDiscord) -> None:
    bot, port = await watched(plantain)
    scraped = (await asked(port, "/metrics"))[1]
    assert "plantain_provider_process_up 1.0" in scraped
    (taken,) = re.findall(r"^plantain_provider_process_resident_bytes (\S+)$", scraped, re.MULTILINE)
    assert float(taken) > 10_000_000

    async def noticed() -> bool:
        # Each one, because another is started at once; the pauses between them grow.
        for each in bot.children:
            os.kill(each, signal.SIGKILL)
        number, text = await asked(port, "/readyz")
        return number == 503 and not json.loads(text)["provider"]

    await until_asked(noticed, within=60.0)
    await until_ready(port, True)
    scraped = (await asked(port, "/metrics"))[1]
    (deaths,) = re.findall(r"^plantain_provider_process_deaths_total (\S+)$", scraped, re.MULTILINE)
    assert float(deaths) >= 1


async def test_a_port_that_is_taken_leaves_members_with_the_bot(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        plantain.sections["server"]["port"] = taken.getsockname()[1]
        bot = await plantain.start()
        await bot.wait_for_line("no health checks: .*server.port")
        await result(
            await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
        )


async def test_a_containers_health_check_finds_the_port_in_the_file_that_is_named(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    plantain.sections["server"]["port"] = free_port()
    bot = await plantain.start()
    check = [sys.executable, "-S", str(ROOT / "bot" / "healthcheck.py")]

    async def checked(file: Path) -> int:
        environment = inherited() | {"PLANTAIN_CONFIG": str(file)}
        process = await asyncio.create_subprocess_exec(
            *check, env=environment, cwd=plantain.folder, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    other = plantain.folder / "other.toml"
    other.write_text(f"[server]\nport = {free_port()}\n", encoding="utf-8")
    assert (await checked(plantain.config), await checked(other)) == (0, 1)
    assert await bot.terminate() == 0
    assert await checked(plantain.config) == 1
    other.write_text("[server]\nport = 0\n", encoding="utf-8")
    assert await checked(other) == 0  # there is nothing to ask

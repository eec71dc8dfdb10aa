"""/healthz and /readyz, for whoever watches the process."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import closing
from pathlib import Path

import aiohttp

from tests.fakes.discord import FakeDiscord
from tests.fakes.process import inherited
from tests.wire.plantain import Plantain, result

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port that was free a moment ago: the setting takes no 0 for any."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


async def status(port: int, path: str) -> int:
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status


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

    async def asked(file: Path) -> int:
        environment = inherited() | {"PLANTAIN_CONFIG": str(file)}
        process = await asyncio.create_subprocess_exec(
            *check, env=environment, cwd=plantain.folder, stderr=asyncio.subprocess.DEVNULL
        )
        return await process.wait()

    other = plantain.folder / "other.toml"
    other.write_text(f"[server]\nport = {free_port()}\n", encoding="utf-8")
    assert (await asked(plantain.config), await asked(other)) == (0, 1)
    assert await bot.terminate() == 0
    assert await asked(plantain.config) == 1

"""`python -m bot sandbox` as a command: how it starts, is refused, and ends."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.fakes.process import BotProcess
from tests.sandbox.process import WITHIN, sandbox_process, url_of

TROUBLE = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Task was destroyed|never awaited")


def trouble(process: BotProcess) -> list[str]:
    return [line for line in process.lines if TROUBLE.search(line)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_it_says_what_it_is_and_ends_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    async with sandbox_process(tmp_path) as process:
        url = await url_of(process)
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            assert response.status == 200
        os.kill(process.pid, number)
        assert await process.wait(within=8) == 0
    said = "\n".join(process.stdout)
    assert "Nothing leaves this machine" in said
    assert "/imagine a red lighthouse at dusk" in said
    assert "!refuse" in said
    assert process.stdout[-1] == "Stopping the sandbox."
    assert trouble(process) == []


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with sandbox_process(tmp_path, "--port", str(port)) as process:
            assert await process.wait(within=WITHIN) == 2
    assert f"sandbox.port: port {port} cannot be used" in process.log
    assert "--port N" in process.log
    assert trouble(process) == []


@pytest.mark.parametrize("port", ["70000", "-1"])
async def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    async with sandbox_process(tmp_path, f"--port={port}") as process:
        assert await process.wait(within=WITHIN) == 2
    assert f"port {port} cannot be used" in process.log
    assert trouble(process) == []


@pytest.mark.parametrize("arguments", [(), ("--reset",)], ids=["", "reset"])
async def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    async with sandbox_process(tmp_path) as first:
        await url_of(first)
        async with sandbox_process(tmp_path, *arguments) as second:
            assert await second.wait(within=WITHIN) == 2
        assert "another process works on" in second.log
        assert trouble(second) == []
        assert (tmp_path / "data" / "sandbox" / "database.sqlite3").exists()
        assert await first.terminate() == 0
    assert trouble(first) == []


async def test_reset_removes_data_that_cannot_be_used_any_more(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "sandbox"
    folder.mkdir(parents=True)
    (folder / "database.sqlite3").write_bytes(b"This is no database. " * 500)
    async with sandbox_process(tmp_path) as process:
        assert await process.wait(within=WITHIN) == 2
    async with sandbox_process(tmp_path, "--reset") as process:
        await url_of(process)
        assert await process.terminate() == 0


async def test_reset_touches_nothing_but_the_sandbox(tmp_path: Path) -> None:
    other = tmp_path / "data" / "database.sqlite3"
    other.parent.mkdir()
    other.write_bytes(b"the bot's own")
    for _ in range(2):
        async with sandbox_process(tmp_path, "--reset") as process:
            await url_of(process)
            assert await process.terminate() == 0
    assert other.read_bytes() == b"the bot's own"

"""The image of the Dockerfile in a container engine, between the two fakes, as deploy/compose.yaml runs it.

It needs an image that was built and an engine that works, so it runs where somebody says so:
`PLANTAIN_TEST_IMAGE=plantain:0.1.0 make test ARGS=tests/wire/test_container.py`, with another engine than
Docker `PLANTAIN_TEST_ENGINE=podman`.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import KEY, result, until_asked
from tests.wire.test_health import free_port

IMAGE = os.environ.get("PLANTAIN_TEST_IMAGE", "")
ENGINE = shlex.split(os.environ.get("PLANTAIN_TEST_ENGINE", "docker"))
WITHIN = 120.0  # seconds
# As the service in compose.yaml, but on the machine's own network: that is where the fakes are.
CONFINED = shlex.split(
    "--network host --read-only --tmpfs /tmp:size=256m,mode=1777 --cap-drop ALL"
    " --security-opt no-new-privileges --memory 1g --pids-limit 256"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IMAGE, reason="no image to run is named (PLANTAIN_TEST_IMAGE)"),
]


async def engine(*arguments: str) -> tuple[int, str]:
    """Run a command of the engine; returns its exit code and everything that it said."""
    process = await asyncio.create_subprocess_exec(
        *ENGINE,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


async def well(*arguments: str) -> str:
    """The same for a command that must not fail."""
    code, said = await engine(*arguments)
    assert code == 0, said
    return said


class Containers:
    """Containers of the image that share a volume for data."""

    def __init__(self, environment: dict[str, str], ca_file: Path) -> None:
        self.volume = f"plantain-test-{secrets.token_hex(4)}"
        self.started: list[str] = []
        settings = [part for item in environment.items() for part in ("--env", "=".join(item))]
        trust = ["--volume", f"{ca_file}:/etc/fake-ca.pem:ro", "--env", "SSL_CERT_FILE=/etc/fake-ca.pem"]
        self._options = [*CONFINED, "--volume", f"{self.volume}:/data", *settings, *trust]

    async def start(self) -> str:
        """Run the bot, and wait until it is connected; returns the container's name."""
        name = f"{self.volume}-{len(self.started)}"
        await well("run", "--detach", "--name", name, *self._options, IMAGE)
        self.started.append(name)

        async def ready() -> bool:
            if "ready as" in (said := await well("logs", name)):
                return True
            assert await self.inspect(name, "{{.State.Running}}") == "true", said
            return False

        await until_asked(ready, within=WITHIN)
        return name

    async def until_logged(self, name: str, words: str) -> None:
        """Wait until the log of a container has these words."""

        async def logged() -> bool:
            return words in await well("logs", name)

        await until_asked(logged, within=WITHIN)

    async def once(self, *command: str) -> tuple[int, str]:
        """Run a command of the bot in a container of its own."""
        return await engine("run", "--rm", *self._options, IMAGE, *command)

    async def beside(self, name: str, *command: str) -> tuple[int, str]:
        """Run a program in a container that runs."""
        return await engine("exec", name, *command)

    async def inspect(self, name: str, what: str) -> str:
        """Something that the engine knows about a container."""
        return (await well("inspect", "--format", what, name)).strip()

    async def remove(self) -> None:
        """Leave nothing behind."""
        for name in self.started:
            await engine("rm", "--force", name)
        await engine("volume", "rm", self.volume)


@pytest.fixture
async def containers(discord: FakeDiscord, gemini: ScriptedGemini) -> AsyncIterator[Containers]:
    """Containers between the two fakes."""
    environment = discord.environment() | {
        "GEMINI_API_KEY": KEY,
        "PLANTAIN_GEMINI__BASE_URL": gemini.base_url,
        "PLANTAIN_SERVER__PORT": str(free_port()),
        "PLANTAIN_STORAGE__URL": "",
    }
    del environment["SSL_CERT_FILE"]
    made = Containers(environment, discord.ca_file)
    try:
        yield made
    finally:
        await made.remove()


async def test_the_image_runs_confined_and_keeps_its_data(
    containers: Containers, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    name = await containers.start()
    anna = discord.add_member("anna")
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))

    # Nobody special, with nothing to write to but the volume and /tmp, and no tools to build with.
    code, said = await containers.beside(
        name, "sh", "-c", "id -u; (touch /app/x || touch /x || touch /usr/x) 2>/dev/null || echo read-only"
    )
    assert (code, said.split()[0], said.split()[-1]) == (0, "10001", "read-only")
    assert (await containers.beside(name, "sh", "-c", "command -v pip gcc cc make"))[0] != 0
    assert (await containers.beside(name, "python", "-m", "ensurepip"))[0] != 0

    check = json.loads(await containers.inspect(name, "{{json .Config.Healthcheck.Test}}"))
    assert check[0] == "CMD"
    assert await containers.beside(name, *check[1:]) == (0, "")

    code, said = await containers.beside(name, "python", "-m", "bot", "doctor", "--json")
    looked = json.loads(said[said.index("{") :])
    assert code in {0, 1} and looked, said
    code, said = await containers.beside(name, "python", "-m", "bot", "backup", "/data/plantain.tar")
    assert code == 0 and "verified" in said, said

    # Whoever starts a second one on the same volume is told.
    code, said = await containers.once("run")
    assert code == 2 and "another process works on" in said, said

    # Signals reach it: this one reads the settings anew.
    await well("kill", "--signal", "HUP", name)
    await containers.until_logged(name, "read anew")

    # SIGTERM stops it, and it waits for what it works on.
    working = gemini.hold()
    waiting = await discord.slash(anna, discord.channel, "imagine", prompt="a ship")
    await working.arrived()
    stopping = asyncio.create_task(engine("stop", "--time", "40", name))
    await containers.until_logged(name, "stopping")
    working.release()
    await result(waiting)
    assert (await stopping)[0] == 0
    assert await containers.inspect(name, "{{.State.ExitCode}}") == "0"

    # The backup in the same volume comes back, and the data with it.
    code, said = await containers.once("restore", "/data/plantain.tar", "--force")
    assert code == 0 and "restored 1 pictures" in said, said
    await containers.start()
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="another boat"))
    assert len(gemini.history) == 3

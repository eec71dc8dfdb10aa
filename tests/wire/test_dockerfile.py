"""The Dockerfile's steps in a fresh folder, and the bot that they make: there need be no Docker for that.

The lines are read from the file itself. What is left out is named in `NOT_HERE`: it would change the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini
from tests.fakes.process import BotProcess
from tests.wire.plantain import KEY, result
from tests.wire.test_health import free_port

ROOT = Path(__file__).parents[2]
USER = 10001
NOT_HERE = re.compile(r"apt-get|useradd")  # what the second stage does to the base image

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is Linux")


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile with its arguments, continued lines joined, comments left out."""
    lines = [
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines() if line.strip()]


def only(name: str) -> str:
    """The arguments of the last instruction of that name."""
    return [arguments for found, arguments in instructions() if found == name][-1]


class Image:
    """A folder that stands for the image's file system."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        self.workdir = root
        self.skipped: list[str] = []

    def inside(self, path: str) -> Path:
        """Where an absolute path, or one below the working directory, is here."""
        return self.root / path.lstrip("/") if path.startswith("/") else self.workdir / path

    def follow(self) -> None:
        """Do what the Dockerfile says."""
        for name, arguments in instructions():
            match name:
                case "ENV":
                    self.environment |= dict(item.split("=", 1) for item in shlex.split(arguments))
                case "WORKDIR":
                    self.workdir = self.root / arguments.lstrip("/")
                    self.workdir.mkdir(parents=True, exist_ok=True)
                case "COPY" if not arguments.startswith("--from="):
                    source, target = arguments.split()
                    self.copy(ROOT / source, self.inside(target))
                case "RUN" if NOT_HERE.search(arguments):
                    self.skipped.append(arguments)
                case "RUN":
                    self.run(arguments)

    def copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(source, target / source.name if target.is_dir() else target)

    def run(self, command: str) -> None:
        here = command.replace("/opt/venv", str(self.root / "opt" / "venv"))
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        done = subprocess.run(
            ["/bin/sh", "-euc", here],
            cwd=self.workdir,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode and re.search(
            r"connection|No matching distribution|Temporary failure", done.stderr
        ):
            pytest.skip("the packages cannot be had here")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, made once; not in /tmp, which the bot sees empty."""
    folder = Path(tempfile.mkdtemp(prefix="plantain-image-", dir="/var/tmp"))
    try:
        made = Image(folder)
        made.follow()
        yield made
    finally:
        shutil.rmtree(folder)


def test_the_base_image_is_pinned_and_the_result_is_of_two_stages() -> None:
    bases = [arguments for name, arguments in instructions() if name == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert re.match(r"python:3\.\d+\.\d+-slim-\w+( AS \w+)?$", base), base
    assert only("USER") == f"{USER}:{USER}"
    assert json.loads(only("VOLUME")) == ["/data"]


def test_nothing_secret_or_superfluous_is_in_the_build_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".venv", "config.toml", "data", "tests"} <= {*ignored}
    copied = [
        arguments.split()[0]
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
    ]
    assert copied == ["requirements.run.lock", "bot", "cogs", "storage"]


@pytest.mark.slow
async def test_the_steps_make_a_bot_that_runs_on_a_read_only_file_system(image: Image) -> None:
    assert len(image.skipped) == 2
    installed = distributions(image)
    assert "discord.py" in installed
    assert {"pip", "setuptools", "wheel", "pytest", "simcord", "playwright"} & installed == set()

    data, port = image.root / "data", free_port()
    data.mkdir()
    python = read_only(image, data)
    async with FakeDiscord() as discord, ScriptedGemini() as gemini:
        certificate = shutil.copy(discord.ca_file, image.root)  # /tmp is another one for the bot
        given = {
            **{name: value for name, value in image.environment.items() if name != "PATH"},
            **discord.environment(),
            "SSL_CERT_FILE": str(certificate),
            "GEMINI_API_KEY": KEY,
            "PLANTAIN_GEMINI__BASE_URL": gemini.base_url,
            "PLANTAIN_STORAGE__PATH": str(data),
            "PLANTAIN_STORAGE__URL": "",  # as compose hands it over where nothing is set
            "PLANTAIN_SERVER__PORT": str(port),
        }
        command = [*json.loads(only("ENTRYPOINT")), *json.loads(only("CMD"))]
        assert command[0] == "python"
        before = snapshot(image.root, data)
        async with BotProcess(command[1:], given, cwd=image.workdir, python=python) as bot:
            await bot.wait_for_line("ready as")
            assert json.loads(bot.lines[0])["level"]  # JSON, as the image sets it
            anna = discord.add_member("anna")
            await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
            assert await healthy(image, python, given) == 0
            assert await bot.terminate(within=30) == 0
        assert await healthy(image, python, given) == 1
        assert snapshot(image.root, data) == before


def distributions(image: Image) -> set[str]:
    """The names of the packages that are installed in the image."""
    program = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions()))"
    python = image.inside("/opt/venv/bin/python")
    return {
        *subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    }


def read_only(image: Image, data: Path) -> Path:
    """The image's Python in a file system of which only `data` and an empty /tmp can be written.

    Where we may not mount anything it is the plain Python; that nothing was written is seen afterwards.
    """
    python = image.inside("/opt/venv/bin/python")
    if not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "true"], check=False).returncode:
        return python
    steps = [
        "mount --make-rprivate /",
        f"mount --bind {data} {data}",
        "mount -o remount,bind,ro /",
        "mount -t tmpfs tmpfs /tmp",
        f'exec {python} "$@"',
    ]
    wrapper = image.root / "python-read-only"
    wrapper.write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{' && '.join(steps)}' sh \"$@\"\n")
    wrapper.chmod(0o755)
    return wrapper


async def healthy(image: Image, python: Path, environment: dict[str, str]) -> int:
    """The exit code of the image's own health check."""
    program, *arguments = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    assert program == "python"
    process = await asyncio.create_subprocess_exec(
        python,
        *arguments,
        cwd=image.workdir,
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def snapshot(folder: Path, but: Path) -> set[tuple[str, int]]:
    """Every file with the time of its last change, except those below `but`."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_relative_to(but))
    return {(str(path), path.stat().st_mtime_ns) for path in files}

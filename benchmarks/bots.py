"""The two bots, each as a process of its own with a Discord of its own; one Gemini answers both.

The fakes run in the process of the benchmark, the bots in theirs: what a bot's event loop does is only the
bot's. On two cores that is one for the bot that works and one for the fakes; the other bot stands idle.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.fakes.discord import Channel, FakeDiscord, Member
from tests.fakes.gemini import ScriptedGemini, UniquePictures
from tests.fakes.process import BotProcess

Name = Literal["plantain", "bare"]
NAMES: tuple[Name, Name] = ("plantain", "bare")
ROOT = Path(__file__).parents[1]
MODULES: Mapping[Name, Sequence[str]] = {"plantain": ("-m", "bot", "run"), "bare": ("-m", "benchmarks.bare")}
UNLIMITED = "1000000"


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that runs, is connected, and has registered its command."""

    name: Name
    discord: FakeDiscord
    process: BotProcess
    members: Sequence[Member]
    gaps: Path  # what the probe writes, where there is one

    @property
    def channel(self) -> Channel:
        """Where commands are used."""
        return self.discord.channel


@dataclass(frozen=True, slots=True)
class Pair:
    """Both bots side by side."""

    bots: Mapping[Name, Bot]
    gemini: ScriptedGemini


@asynccontextmanager
async def scripted(picture: bytes, delay: float) -> AsyncIterator[ScriptedGemini]:
    """A Gemini that answers with `picture`, another file each time, after so many seconds."""
    async with ScriptedGemini(UniquePictures(picture), delay=delay) as gemini:
        yield gemini


@asynccontextmanager
async def both(
    picture: bytes,
    delay: float,
    *,
    members: int = 1,
    probed: bool = False,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Pair]:
    """Run both bots; every one of `members` people may ask both. `settings` are Plantain's, as variables."""
    async with AsyncExitStack() as stack:
        gemini = await stack.enter_async_context(scripted(picture, delay))
        bots = {}
        for name in NAMES:
            bots[name] = await stack.enter_async_context(
                running(name, gemini, members=members, probed=probed, settings=settings)
            )
        yield Pair(bots, gemini)


@asynccontextmanager
async def running(
    name: Name,
    gemini: ScriptedGemini,
    *,
    members: int = 1,
    probed: bool = False,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Bot]:
    """Run one bot in an empty folder of its own and wait until it can be asked."""
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        async with FakeDiscord(keep_bytes=False) as discord:
            people = [discord.add_member(f"member {number}") for number in range(members)]
            gaps = Path(folder) / "gaps"
            process = process_of(name, discord, gemini, Path(folder), settings, gaps if probed else None)
            async with process:
                await discord.connected(within=60)
                await discord.until(lambda: "imagine" in discord.commands, within=60)
                yield Bot(name, discord, process, people, gaps)


def process_of(
    name: Name,
    discord: FakeDiscord,
    gemini: ScriptedGemini,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    gaps: Path | None = None,
) -> BotProcess:
    """Return a bot's process, not started. It works in `folder`, so that it reads nobody's settings."""
    environment = {
        **discord.environment(),
        "PYTHONPATH": str(ROOT),
        "GEMINI_API_KEY": "benchmark",
        "PLANTAIN_GEMINI__BASE_URL": gemini.base_url,
    }
    if name == "plantain":
        environment |= {
            "PLANTAIN_STORAGE__PATH": str(folder / "data"),
            "PLANTAIN_LIMITS__DAILY_IMAGES": UNLIMITED,
            "PLANTAIN_SERVER__PORT": "0",
            **(settings or {}),
        }
    arguments = MODULES[name] if gaps is None else ("-m", "benchmarks.probed", name, str(gaps))
    return BotProcess(arguments, environment, cwd=folder)

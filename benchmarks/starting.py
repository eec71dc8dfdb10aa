"""From the start of the process to the bot that Discord sends commands to."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.bots import NAMES, Name, process_of
from benchmarks.pictures import make_picture
from benchmarks.report import Figure, Section
from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini, UniquePictures


async def start(quick: bool) -> Section:
    """Start both bots several times, in turns."""
    times = 2 if quick else 5
    found: dict[Name, list[float]] = {name: [] for name in NAMES}
    async with ScriptedGemini(UniquePictures(make_picture(64, 20_000))) as gemini:
        with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
            for number in range(times + 1):
                for name in NAMES:
                    seconds = await _seconds_to_ready(name, gemini, Path(folder))
                    if number:  # the first start compiles and fills the system's cache of files
                        found[name].append(seconds)
    plantain, bare = (1000 * median(found[name]) for name in NAMES)
    return Section(
        "start",
        "from the start of the process to the connected gateway",
        [Figure("ready, median", "ms", plantain, bare)],
        [f"{times} starts for each bot, in turns; one unmeasured before; Plantain with its database"],
    )


async def _seconds_to_ready(name: Name, gemini: ScriptedGemini, folder: Path) -> float:
    async with FakeDiscord(keep_bytes=False) as discord:
        before = time.monotonic()
        async with process_of(name, discord, gemini, folder):
            await discord.connected(within=60)
            return time.monotonic() - before

"""From the start of a process to its connection: with an empty database, after years, after a crash."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.bots import NAMES, Name, process_of
from benchmarks.pictures import make_picture
from benchmarks.report import Figure, Section
from benchmarks.stored_jobs import fill_ledger, leave_unfinished, left_of_the_dead
from bot.clock import SystemClock
from storage import open_store
from storage.store import DATABASE
from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini, UniquePictures

JOBS = 500_000  # with two entries of the ledger each
UNFINISHED = 1000
LOOK = 0.02  # seconds between two looks at what is recovered
PROVIDER_SECONDS = 2.0


async def start(quick: bool) -> Section:
    """Start both bots several times, in turns; Plantain also on a full database, and on what a crash left."""
    times, jobs = (2, JOBS // 10) if quick else (7, JOBS)
    found: dict[str, list[float]] = {"plantain": [], "bare": [], "full": []}
    picture = UniquePictures(make_picture(64, 20_000))
    async with ScriptedGemini(picture, delay=PROVIDER_SECONDS) as gemini:
        with tempfile.TemporaryDirectory(prefix="bench-start-") as folder:
            empty, full = Path(folder) / "empty", Path(folder) / "full"
            await _fill(full, jobs)
            empty.mkdir()
            for number in range(times + 1):
                for what, name, where in (*((name, name, empty) for name in NAMES), ("full", NAMES[0], full)):
                    seconds = await _seconds_to_ready(name, gemini, where)
                    if number:  # the first start compiles and fills the system's cache of files
                        found[what].append(seconds)
        recovered = [await _recovery(gemini) for _ in range(1 if quick else 3)]
    plantain, bare, late = (1000 * median(found[what]) for what in ("plantain", "bare", "full"))
    return Section(
        "start",
        "from the start of the process to the connected gateway",
        [
            Figure("ready, median", "ms", plantain, bare),
            Figure(f"ready beside {2 * jobs:,} entries of the ledger, median", "ms", late),
            Figure("the same, as a multiple of an empty database", "x", late / plantain, most=1.5),
            Figure(
                f"recovery of {UNFINISHED:,} unfinished jobs, slowest", "ms", 1000 * max(recovered), most=2000
            ),
        ],
        [
            f"{times} starts of each, in turns; one unmeasured before; Plantain with its database",
            f"the full one has {jobs:,} jobs; unfinished ones were with the provider when the bot was killed",
            "recovery: from the first of them to the last that is waiting for a worker again, or at work",
        ],
    )


async def _fill(folder: Path, jobs: int) -> None:
    """Make a database as years of use leave it, where `process_of` has its data."""
    data = folder / "data"
    async with open_store("", data):
        pass
    await asyncio.to_thread(fill_ledger, data / DATABASE, jobs, SystemClock().now())
    async with open_store("", data) as store, store.transaction() as tx:
        await tx.ledger.sum_up_again()


async def _seconds_to_ready(name: Name, gemini: ScriptedGemini, folder: Path) -> float:
    async with FakeDiscord(keep_bytes=False) as discord:
        before = time.monotonic()
        async with process_of(name, discord, gemini, folder):
            await discord.connected(within=60)
            return time.monotonic() - before


async def _recovery(gemini: ScriptedGemini) -> float:
    """Kill a bot with many jobs at work, as it were, and start it again."""
    with tempfile.TemporaryDirectory(prefix="bench-recovery-") as folder:
        database = Path(folder) / "data" / DATABASE
        async with open_store("", database.parent) as store:
            await leave_unfinished(store, database, UNFINISHED, SystemClock().now())
        async with (
            FakeDiscord(keep_bytes=False) as discord,
            process_of("plantain", discord, gemini, Path(folder)) as bot,
        ):
            await bot.wait_for_line("recovering job", within=60)
            began = time.monotonic()
            while await asyncio.to_thread(left_of_the_dead, database):  # noqa: ASYNC110 - others change it
                await asyncio.sleep(LOOK)
            return time.monotonic() - began

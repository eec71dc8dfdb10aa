"""The longest time that a bot's event loop serves nobody while one large picture goes through it."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.asking import ask
from benchmarks.bots import NAMES, Bot, Name, both
from benchmarks.pictures import MB, make_picture
from benchmarks.probe import read_gaps
from benchmarks.report import Figure, Section

SIZE = 8 * MB
SIDE = 4096
PROVIDER_SECONDS = 0.5


async def longest_block(quick: bool) -> Section:
    """One job at a time with a picture of 8 MB."""
    times = 4 if quick else 15
    found: dict[Name, list[float]] = {name: [] for name in NAMES}
    async with both(make_picture(SIDE, SIZE), PROVIDER_SECONDS, probed=True) as pair:
        for name in NAMES:
            await ask(pair.bots[name], SIZE)  # the first job imports and connects
        for _ in range(times):
            for name in NAMES:
                found[name].append(await _longest(pair.bots[name]))
    plantain, bare = found["plantain"], found["bare"]
    return Section(
        "block",
        "the longest block of the event loop during a job with a picture of 8 MB (4096x4096)",
        [
            Figure("of a job, median", "ms", median(plantain), median(bare), most=25),
            Figure("worst of all jobs", "ms", max(plantain), max(bare)),
        ],
        [f"{times} jobs for each bot, in turns; one unmeasured before the first; heartbeat of 1 ms"],
    )


async def _longest(bot: Bot) -> float:
    """Return the longest gap of one job in milliseconds."""
    start = time.monotonic()
    await ask(bot, SIZE)
    gaps = read_gaps(bot.gaps, start, time.monotonic())
    return 1000 * max((gap.seconds for gap in gaps), default=0.0)

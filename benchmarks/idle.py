"""What a bot costs that nobody uses."""

from __future__ import annotations

import asyncio
import time

from benchmarks.bots import NAMES, Name, both
from benchmarks.pictures import MB, make_picture
from benchmarks.report import Figure, Section
from tests.fakes.process import Usage

SETTLING = 10.0  # seconds after the connection, for what belongs to starting
WATCHED = 120.0
MOST_CPU = 0.5  # percent of a core


async def idle(quick: bool) -> Section:
    """Watch both bots do nothing at the same time, connected, with heartbeats."""
    watched = WATCHED / 6 if quick else WATCHED
    async with both(make_picture(64, 20_000), 0) as pair:
        await asyncio.sleep(SETTLING)
        before = {name: pair.bots[name].process.usage() for name in NAMES}
        began = time.monotonic()
        await asyncio.sleep(watched)
        seconds = time.monotonic() - began
        after: dict[Name, Usage] = {name: pair.bots[name].process.usage() for name in NAMES}
    cpu = [100 * (after[name].cpu_seconds - before[name].cpu_seconds) / seconds for name in NAMES]
    resident = [after[name].resident / MB for name in NAMES]
    return Section(
        "idle",
        f"connected and unused for {seconds:.0f} s",
        [
            Figure("CPU, of one core", "%", cpu[0], cpu[1], most=MOST_CPU),
            Figure("resident", "MB", resident[0], resident[1]),
        ],
        ["the system counts CPU in hundredths of a second"],
    )

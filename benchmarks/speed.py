"""From the command to the picture: what everything that Plantain does beside the bare bot costs a member."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.asking import Answered, ask
from benchmarks.bots import NAMES, Name, Pair, both, running, scripted
from benchmarks.pictures import MB, make_picture
from benchmarks.report import Figure, Section
from tests.fakes.process import Usage

SIZE = 3 * MB // 2
SIDE = 1024
PROVIDER_SECONDS = 2.0
MANY = 40

STORM = 300
STORM_SECONDS = 1.0
SETTLING = 5.0  # seconds after a storm, for what a bot gives back

Figured = Callable[[Sequence[Sequence[Answered]]], float]


async def one_command(quick: bool) -> Section:
    """One command at a time."""
    times = 4 if quick else 15
    async with both(make_picture(SIDE, SIZE), PROVIDER_SECONDS) as pair:
        found = await _alternately(pair, times, at_once=1, warm_ups=1)
    return Section(
        "one",
        "one command, a picture of 1.5 MB, the provider takes 2 s",
        [
            Figure("posted, median", "ms", *_both(found, _posted_median), most_times=1.03),
            Figure("acknowledged, median", "ms", *_both(found, _acknowledged_median)),
            Figure("acknowledged, slowest", "ms", *_both(found, _acknowledged_slowest)),
        ],
        [f"{times} commands for each bot, in turns; one unmeasured before the first"],
    )


async def many_commands(quick: bool) -> Section:
    """A burst of commands of different members."""
    times = 2 if quick else 6
    async with both(make_picture(SIDE, SIZE), PROVIDER_SECONDS, members=MANY) as pair:
        found = await _alternately(pair, times, at_once=MANY, warm_ups=times)
    return Section(
        "many",
        f"{MANY} commands at once, of as many members, pictures of 1.5 MB, the provider takes 2 s",
        [
            Figure("posted, median", "ms", *_both(found, _posted_median), most_times=1.05),
            Figure("posted, last of a burst, median", "ms", *_both(found, _posted_last)),
            Figure("acknowledged, median", "ms", *_both(found, _acknowledged_median)),
            Figure("acknowledged, p99", "ms", *_both(found, _acknowledged_p99), most=100),
        ],
        [
            f"{times} bursts for each bot, in turns; an unmeasured burst right before each, which opens the",
            f"connections: after a while, the handshakes of {MANY} new ones take either bot 100 ms",
        ],
    )


async def storm_of_commands(quick: bool) -> Section:
    """Hundreds of commands within a second, as after an announcement in a large server."""
    times = 1 if quick else 3
    # As many calls at once as the bare bot makes. The default is 64, which is looked at by itself.
    settings = {"PLANTAIN_LIMITS__MAX_CONCURRENT": str(STORM)}
    picture = make_picture(SIDE, SIZE)
    async with both(picture, PROVIDER_SECONDS, members=STORM, settings=settings) as pair:
        idle = {name: pair.bots[name].process.usage() for name in NAMES}
        found = await _alternately(pair, times, at_once=STORM, warm_ups=1, over=STORM_SECONDS)
        await asyncio.sleep(SETTLING)
        after = {name: pair.bots[name].process.usage() for name in NAMES}
    async with (
        scripted(picture, PROVIDER_SECONDS) as gemini,
        running("plantain", gemini, members=STORM) as bot,
    ):
        await ask(bot, SIZE, at_once=STORM, over=STORM_SECONDS)
        by_default = [await ask(bot, SIZE, at_once=STORM, over=STORM_SECONDS)]

    def memory(what: str, usages: Mapping[Name, Usage], field: str) -> Figure:
        plantain, bare = (getattr(usages[name], field) / MB for name in NAMES)
        return Figure(what, "MB", plantain, bare)

    return Section(
        "storm",
        f"{STORM} commands within {STORM_SECONDS:g} s, of as many members, pictures of 1.5 MB, the provider"
        f" takes {PROVIDER_SECONDS:g} s",
        [
            Figure("posted", "pictures/s", *_both(found, _rate), least_times=0.9),
            Figure("posted, median", "ms", *_both(found, _posted_median)),
            Figure("acknowledged, median", "ms", *_both(found, _acknowledged_median)),
            Figure("acknowledged, p99", "ms", *_both(found, _acknowledged_p99), most=1000),
            Figure("acknowledged, slowest", "ms", *_both(found, _acknowledged_slowest), most=3000),
            memory("resident when ready", idle, "resident"),
            memory("resident at most", after, "peak"),
            memory("resident afterwards", after, "resident"),
            Figure("with 64 calls at once (the default): posted", "pictures/s", _rate(by_default)),
            Figure("the same: acknowledged, p99", "ms", _acknowledged_p99(by_default), most=1000),
        ],
        [
            f"{times} storms for each bot, in turns; one unmeasured before the first; every command is",
            "acknowledged and gets its picture, or the benchmark breaks",
            f"limits.max_concurrent is {STORM}, as many calls as the bare bot makes, but where 64 is said",
            f"resident afterwards: {SETTLING:g} s after the last picture",
        ],
    )


Found = dict[Name, list[list[Answered]]]
"""For each bot its bursts, each with all of its answers."""


async def _alternately(pair: Pair, times: int, *, at_once: int, warm_ups: int, over: float = 0.0) -> Found:
    """Ask both bots in turns; the first `warm_ups` rounds begin with one that is not measured."""
    found: Found = {name: [] for name in NAMES}
    for number in range(times):
        # Who is first changes, so that a machine that gets slower or faster favours nobody.
        for name in NAMES if number % 2 else reversed(NAMES):
            bot = pair.bots[name]
            if number < warm_ups:
                await ask(bot, SIZE, at_once=at_once, over=over)
            found[name].append(await ask(bot, SIZE, at_once=at_once, over=over))
    return found


def _both(found: Found, figure: Figured) -> tuple[float, float]:
    return figure(found["plantain"]), figure(found["bare"])


def _all(bursts: Sequence[Sequence[Answered]]) -> list[Answered]:
    return [answered for burst in bursts for answered in burst]


def _posted_median(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(answered.posted for answered in _all(bursts))


def _posted_last(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(max(answered.posted for answered in burst) for burst in bursts)


def _rate(bursts: Sequence[Sequence[Answered]]) -> float:
    """Pictures a second, from the first command of a burst to its last picture."""
    return median(len(burst) / max(each.sent + each.posted for each in burst) for burst in bursts)


def _acknowledged_median(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(answered.acknowledged for answered in _all(bursts))


def _acknowledged_slowest(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * max(answered.acknowledged for answered in _all(bursts))


def _acknowledged_p99(bursts: Sequence[Sequence[Answered]]) -> float:
    """The value that 99 of 100 do not exceed (nearest rank)."""
    ordered = sorted(answered.acknowledged for answered in _all(bursts))
    return 1000 * ordered[math.ceil(len(ordered) * 0.99) - 1]

"""From the command to the picture: what everything that Plantain does beside the bare bot costs a member."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.asking import Answered, ask
from benchmarks.bots import NAMES, Name, Pair, both
from benchmarks.pictures import MB, make_picture
from benchmarks.report import Figure, Section

SIZE = 3 * MB // 2
SIDE = 1024
PROVIDER_SECONDS = 2.0
MANY = 40

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


Found = dict[Name, list[list[Answered]]]
"""For each bot its bursts, each with all of its answers."""


async def _alternately(pair: Pair, times: int, *, at_once: int, warm_ups: int) -> Found:
    """Ask both bots in turns; the first `warm_ups` rounds begin with one that is not measured."""
    found: Found = {name: [] for name in NAMES}
    for number in range(times):
        # Who is first changes, so that a machine that gets slower or faster favours nobody.
        for name in NAMES if number % 2 else reversed(NAMES):
            bot = pair.bots[name]
            if number < warm_ups:
                await ask(bot, SIZE, at_once=at_once)
            found[name].append(await ask(bot, SIZE, at_once=at_once))
    return found


def _both(found: Found, figure: Figured) -> tuple[float, float]:
    return figure(found["plantain"]), figure(found["bare"])


def _all(bursts: Sequence[Sequence[Answered]]) -> list[Answered]:
    return [answered for burst in bursts for answered in burst]


def _posted_median(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(answered.posted for answered in _all(bursts))


def _posted_last(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(max(answered.posted for answered in burst) for burst in bursts)


def _acknowledged_median(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * median(answered.acknowledged for answered in _all(bursts))


def _acknowledged_slowest(bursts: Sequence[Sequence[Answered]]) -> float:
    return 1000 * max(answered.acknowledged for answered in _all(bursts))


def _acknowledged_p99(bursts: Sequence[Sequence[Answered]]) -> float:
    """The value that 99 of 100 do not exceed (nearest rank)."""
    ordered = sorted(answered.acknowledged for answered in _all(bursts))
    return 1000 * ordered[math.ceil(len(ordered) * 0.99) - 1]

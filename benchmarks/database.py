"""What the database costs a job, on SQLite in a temporary folder."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

from benchmarks.report import Figure, Section
from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.blocked import BlockedPicture
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Options, Origin, Request
from bot.domain.rules.ruleset import Strictness
from bot.domain.safety import SafetyBounds
from bot.rules import load_ruleset
from bot.studio.allowances import Allowances
from bot.studio.caps import Caps
from bot.studio.gates import QueueLength
from bot.studio.lanes import Lanes
from bot.studio.outlooks import Outlooks
from bot.studio.rules import Rules
from bot.studio.screen import PauseAfterBrokenRules, Screen
from bot.studio.stand_ins import StandIns
from bot.studio.submit import Submissions
from bot.wiring.outside import plain_wait
from storage import Store, open_store
from tests.fakes.accepting import AcceptsOnly

BURST = 300


async def database(quick: bool) -> Section:
    """Submit one after the other, a burst at once, and claim."""
    rounds = 50 if quick else 500
    with tempfile.TemporaryDirectory(prefix="bench-database-") as folder:
        async with open_store("", Path(folder)) as store:
            submit = submitter(store)
            singles = [await seconds_of(submit) for _ in range(rounds)]
            began = time.perf_counter()
            await asyncio.gather(*(submit() for _ in range(BURST)))
            burst = time.perf_counter() - began
            claims = [await seconds_of(lambda: _claim(store)) for _ in range(rounds)]
    return Section(
        "database",
        "what the database costs, on SQLite with synchronous=FULL",
        [
            Figure("submit's transaction, median", "ms", 1000 * median(singles), most=5),
            Figure(f"{BURST} submissions at once", "ms", 1000 * burst),
            Figure(f"claim, {BURST + rounds} waiting, median", "ms", 1000 * median(claims)),
        ],
        [f"{rounds} of each, one after the other; every request of another member"],
    )


class NothingBlocked:
    """The requests of this benchmark bring no pictures."""

    async def which(self, sha256s: Iterable[str], guild_id: int | None) -> Mapping[str, BlockedPicture]:
        """Recognise nothing."""
        return {}


def screen_for(store: Store, new_id: Callable[[], str]) -> Screen:
    """Return the rules that a request is looked at with, as the program puts them together."""
    clock = SystemClock()
    rules = Rules(
        store=store,
        ruleset=load_ruleset(),
        clock=clock,
        new_id=new_id,
        strictness=Strictness.STANDARD,
        evidence_days=30,
    )
    return Screen(store=store, clock=clock, rules=rules, blocked=NothingBlocked(), bounds=SafetyBounds())


def submitter(store: Store) -> Callable[[], Awaitable[object]]:
    """Return what submits a request, each time another one of another member."""
    numbers = itertools.count(1)
    ids = (f"{number:07d}".translate(str.maketrans("01", "zx")) for number in itertools.count())
    catalogue, clock = load_catalogue(None), SystemClock()
    submissions = Submissions(
        store=store,
        catalogue=catalogue,
        screening=screen_for(store, lambda: next(ids)),
        gates=[
            PauseAfterBrokenRules(),
            QueueLength(100_000),
            Caps(Allowances(OperatorLimits()), catalogue),
        ],
        max_prompt=4000,
        clock=clock,
        new_id=lambda: next(ids),
        beginner=AcceptsOnly(store),
        outlooks=Outlooks(catalogue, Lanes(store, clock, plain_wait), clock, 64),
        stand_ins=StandIns(catalogue, Allowances(OperatorLimits())),
    )
    request = Request(Kind.GENERATE, "a red lighthouse at dusk", Options("gemini-nano-banana-2.1"))

    async def submit() -> object:
        number = next(numbers)
        origin = Origin(
            key=f"interaction:{number}",
            application_id=1,
            member_id=number,
            guild_id=1,
            channel_id=1,
            token="token",
            token_at=0,
            upload_limit=10 * 2**20,
        )
        return await submissions.submit(request, origin)

    return submit


async def _claim(store: Store) -> object:
    async with store.transaction() as tx:
        return await tx.jobs.claim("bench", now=1, lease_until=2, max_running=10_000, max_per_member=64)


async def seconds_of(work: Callable[[], Awaitable[object]]) -> float:
    """How long a piece of work takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began

"""What submit costs beside a million entries in the ledger, on SQLite in a temporary folder."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.report import Figure, Section
from benchmarks.stored_jobs import DAYS, MEMBERS, SERVERS, fill_ledger
from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.operator_limits import OperatorLimits
from bot.domain.requests import Kind, Options, Origin, Request
from bot.domain.server_limits import LimitsState, ServerLimits
from bot.domain.server_settings import InForce
from bot.domain.tiers import Tier
from bot.studio.allowances import Allowances
from bot.studio.caps import Caps
from bot.studio.lanes import Lanes
from bot.studio.outlooks import Outlooks
from bot.studio.reconcile import check_sums, reconcile
from bot.studio.stand_ins import StandIns
from bot.studio.submit import Submissions
from bot.wiring.outside import plain_wait
from storage import Store, open_store
from storage.store import DATABASE
from tests.fakes.accepting import AcceptsOnly


class NothingScreened:
    """Lets every request through: what is looked at here comes after the rules about words."""

    async def screen(self, request: Request, origin: Origin, in_force: InForce) -> Request:
        """Return it as it is."""
        return request


async def ledger(quick: bool) -> Section:
    """Fill the ledger with settled jobs, then submit under every cap that there is."""
    jobs, rounds = (50_000, 100) if quick else (500_000, 1_000)
    with tempfile.TemporaryDirectory(prefix="bench-ledger-") as folder:
        async with open_store("", Path(folder)):
            pass
        now = SystemClock().now()
        await asyncio.to_thread(fill_ledger, Path(folder) / DATABASE, jobs, now)
        async with open_store("", Path(folder)) as store:
            async with store.transaction() as tx:
                await tx.ledger.sum_up_again()
            began = time.perf_counter()
            differences = await check_sums(store, repair=False)
            checked = time.perf_counter() - began
            began = time.perf_counter()
            await reconcile(store, SystemClock())
            reconciled = time.perf_counter() - began
            plain = await _submissions(store, OperatorLimits(daily_images=10**6), rounds, "plain")
            await _set_everything(store)
            operator = OperatorLimits(
                daily_images=10**6,
                bot_daily_images=10**8,
                bot_daily_micros=10**12,
                server_monthly_images=10**8,
            )
            capped = await _submissions(store, operator, rounds, "capped")
    if differences:
        raise RuntimeError(f"the sums are wrong: {differences[0]}")
    return Section(
        "ledger",
        f"submit beside {2 * jobs:,} entries in the ledger, on SQLite with synchronous=FULL",
        [
            Figure("submit's transaction, median", "ms", 1000 * median(plain), most=5),
            Figure("the same under every cap there is, median", "ms", 1000 * median(capped), most=5),
            Figure("the same, 95 of 100", "ms", 1000 * sorted(capped)[int(len(capped) * 0.95)]),
            Figure("reconciliation at a start", "ms", 1000 * reconciled),
            Figure("comparing all sums with all entries", "ms", 1000 * checked),
        ],
        [f"{MEMBERS} members, {SERVERS} servers, {DAYS} days; {rounds} submissions one after the other"],
    )


async def _set_everything(store: Store) -> None:
    """Let each server have caps of its own, a tier that carries over, and a rule for channels."""
    tier = Tier("everyone", daily_images=10**6, daily_micros=10**11, carry_over=10)
    limits = ServerLimits(tiers=(tier,), monthly_images=10**8, monthly_micros=10**11)
    for server in range(SERVERS):
        async with store.transaction() as tx:
            await tx.limits.save_server(LimitsState(10_000 + server, limits, 1, 1, 1))


async def _submissions(store: Store, operator: OperatorLimits, rounds: int, name: str) -> list[float]:
    catalogue, clock = load_catalogue(None), SystemClock()
    ids = (f"{name}{number}" for number in itertools.count())
    submissions = Submissions(
        store=store,
        catalogue=catalogue,
        screening=NothingScreened(),
        gates=[Caps(Allowances(operator), catalogue)],
        max_prompt=4000,
        clock=clock,
        new_id=lambda: next(ids),
        beginner=AcceptsOnly(store),
        outlooks=Outlooks(catalogue, Lanes(store, clock, plain_wait), clock, 64),
        stand_ins=StandIns(catalogue, Allowances(operator)),
    )
    request = Request(Kind.GENERATE, "a red lighthouse at dusk", Options("gemini-nano-banana-2.1"))
    took = []
    for number in range(rounds):
        member = 1 + number % MEMBERS
        origin = Origin(f"{name}:{number}", 1, member, 10_000 + member % SERVERS, 1, "token", 0, 10 * 2**20)
        began = time.perf_counter()
        await submissions.submit(request, origin)
        took.append(time.perf_counter() - began)
    return took

"""Any order of submitting, ending, crashing, granting, resetting and days that pass keeps what is promised.

Hypothesis drives the real services on a real database beside the model of `cap_model`. Time begins a day
before the clocks are set back in Berlin.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import tempfile
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.catalogue import load_catalogue
from bot.domain.caps import day_of
from bot.domain.jobs import Failure, FailureCode, JobState
from bot.domain.operator_limits import OperatorLimits
from bot.domain.standing import Standing
from bot.errors import CapReached
from bot.studio.allowances import Allowances
from bot.studio.closing import release_job, settle_job
from bot.studio.granting import Granting
from bot.studio.limits import LimitsService
from bot.studio.pictures import Person
from bot.studio.reconcile import Reconciled, check_sums, reconcile
from bot.studio.submit import Submissions
from storage import Store, open_store
from tests.storage.cap_model import BOT_CAP, SERVER_CAP, ZONE, Model, Work
from tests.storage.capped import GUILD, origin, request, submissions
from tests.storage.samples import open_reservations

MANAGER = Person(1, GUILD, 600, moderator=False, manager=True)
VIP = 55
MEMBERS = st.sampled_from([101, 102])
OPERATOR = OperatorLimits(zone=ZONE, server_monthly_images=SERVER_CAP, bot_daily_images=BOT_CAP)
HOUR = 3_600_000


class SetClock:
    """The time that the machine says it is."""

    def __init__(self) -> None:
        self.at = int(datetime(2026, 10, 24, 20, tzinfo=ZONE).timestamp() * 1000)

    def now(self) -> int:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000

    async def sleep(self, seconds: float) -> None:
        self.at += int(seconds * 1000)


class Machine(RuleBasedStateMachine):
    """Does each thing to the model and to the services."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = SetClock()
        self.model = Model()
        self.folder = tempfile.TemporaryDirectory(prefix="caps-")
        self.numbers = itertools.count(1)
        self.names: dict[str, str] = {}  # of carried grants: ours by the database's
        self.schema = f"model_{secrets.token_hex(6)}"
        self.opened = AsyncExitStack()
        self.store: Store
        self.door: Submissions
        self.limits: LimitsService
        self.granting: Granting
        if self.url:
            self.do(self._sql(f"CREATE SCHEMA {self.schema}"))
        self.do(self._open())

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    async def _sql(self, text: str) -> None:
        import asyncpg

        admin = await asyncpg.connect(self.url)
        try:
            await admin.execute(text)
        finally:
            await admin.close()

    async def _open(self) -> None:
        url = self.url
        if url:
            url += f"{'&' if '?' in url else '?'}search_path={self.schema}"
        self.store = await self.opened.enter_async_context(open_store(url, Path(self.folder.name)))
        self.door = submissions(self.store, OPERATOR, self.clock)
        ids = (f"id{number:05}" for number in itertools.count(next(self.numbers) * 1000))
        self.limits = LimitsService(self.store, load_catalogue(None), OPERATOR, self.clock, lambda: next(ids))
        self.granting = Granting(self.store, OPERATOR, self.clock, lambda: next(ids))

    def teardown(self) -> None:
        self.do(self.opened.aclose())
        if self.url:
            self.do(self._sql(f"DROP SCHEMA {self.schema} CASCADE"))
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def two_tiers(self) -> None:
        self.tier("everyone", daily_images=self.model.cap)
        self.do(self._add_vip())

    async def _add_vip(self) -> None:
        version = (await self.limits.overview(MANAGER)).state.version
        await self.limits.add_tier(MANAGER, version, "vip")
        await self.limits.change_tier(
            MANAGER, version + 1, "vip", roles=[VIP], daily_images=self.model.vip_cap
        )

    def tier(self, name: str, **changes: object) -> None:
        version = self.do(self.limits.overview(MANAGER)).state.version
        self.do(self.limits.change_tier(MANAGER, version, name, **changes))

    # --- what happens -------------------------------------------------------------------------------------

    @rule(member=MEMBERS, count=st.integers(1, 4), vip=st.booleans(), twice=st.booleans())
    def submit(self, member: int, count: int, vip: bool, twice: bool) -> None:
        now = self.clock.now()
        standing = Standing(roles=frozenset({VIP}) if vip else frozenset())
        asked = origin(member, next(self.numbers))
        expected = self.model.accepts(member, count, now, vip=vip)
        try:
            ticket = self.do(self.door.submit(request(count), asked, standing))
        except CapReached:
            assert not expected
            return
        assert expected
        self.model.accept(ticket.job.id, member, count, now, vip=vip)
        if twice:
            again = self.do(self.door.submit(request(count), asked, standing))
            assert (again.repeated, again.job.id) == (True, ticket.job.id)
        self.clock.at += 1

    def _some_open(self, pick: int) -> tuple[str, Work]:
        jobs = [(name, work) for name, work in self.model.work.items() if work.open]
        return jobs[pick % len(jobs)]

    @precondition(lambda self: any(work.open for work in self.model.work.values()))
    @rule(pick=st.integers(0, 50), lacking=st.integers(0, 3))
    def succeed(self, pick: int, lacking: int) -> None:
        name, work = self._some_open(pick)
        made = max(1, work.reserved - lacking)
        self.do(self._end(name, made))
        self.model.end(name, made)

    @precondition(lambda self: any(work.open for work in self.model.work.values()))
    @rule(
        pick=st.integers(0, 50),
        code=st.sampled_from(
            [
                FailureCode.SAFETY,
                FailureCode.CANCELLED,
                FailureCode.INTERRUPTED,
                FailureCode.EXPIRED,
                FailureCode.QUOTA,
                FailureCode.RETIRED,
            ]
        ),
        lost=st.sampled_from([0, 7_000]),
    )
    def fail(self, pick: int, code: FailureCode, lost: int) -> None:
        """Refused, cancelled, or expired: its worker died too often."""
        name, _ = self._some_open(pick)
        self.do(self._end(name, 0, code, lost))
        self.model.end(name, 0)

    async def _end(self, name: str, made: int, code: FailureCode = FailureCode.SAFETY, lost: int = 0) -> None:
        """End a job as the performer does, without pictures."""
        now = self.clock.now()
        async with self.store.transaction() as tx:
            job, reservation = await tx.jobs.get(name), await tx.ledger.reservation_of(name)
            assert job is not None and reservation is not None
            if made:
                await settle_job(tx, reservation, images=made, micros=made * 33_000, now=now)
                running = job.evolve(state=JobState.STORING)
                done = running.to(JobState.SUCCEEDED, now, cost_micros=made * 33_000)
            else:
                await release_job(tx, reservation, now=now, lost_micros=lost)
                done = job.to(JobState.FAILED, now, failure=Failure(code))
            await tx.jobs.save(done, JobState.CREATED)

    @rule()
    def crash(self) -> None:
        """The process is gone between two transactions, and another one starts."""
        self.do(self.opened.aclose())
        self.do(self._open())
        assert self.do(reconcile(self.store, self.clock)) == Reconciled()

    @precondition(lambda self: any(work.open for work in self.model.work.values()))
    @rule(pick=st.integers(0, 50))
    def break_off(self, pick: int) -> None:
        """Half of an ending is as if it had not begun."""
        name, _ = self._some_open(pick)
        with pytest.raises(ZeroDivisionError):
            self.do(self._broken(name))

    async def _broken(self, name: str) -> None:
        async with self.store.transaction() as tx:
            reservation = await tx.ledger.reservation_of(name)
            assert reservation is not None
            await release_job(tx, reservation, now=self.clock.now())
            raise ZeroDivisionError

    @rule(hours=st.sampled_from([1, 3, 5, 12, 24, 49]))
    def time_passes(self, hours: int) -> None:
        self.clock.at += hours * HOUR

    @rule(member=MEMBERS, images=st.integers(1, 5), days=st.sampled_from([None, 1, 2]))
    def grant(self, member: int, images: int, days: int | None) -> None:
        grant = self.do(self.granting.grant(MANAGER, member, images, days, "because"))
        until = None if days is None else self.clock.now() + days * 24 * HOUR
        self.model.give(grant.id, member, images, until)

    @rule(member=MEMBERS)
    def revoke(self, member: int) -> None:
        self.do(self.granting.revoke(MANAGER, member))
        self.model.revoke(member, self.clock.now())

    @rule(member=MEMBERS)
    def reset(self, member: int) -> None:
        self.do(self.granting.reset(MANAGER, member))
        self.clock.at += 1
        self.model.resets[member] = self.clock.now()

    @rule(cap=st.integers(0, 4), carry=st.sampled_from([0, 4, 9]))
    def change_tier(self, cap: int, carry: int) -> None:
        self.tier("everyone", daily_images=cap, carry_over=carry)
        self.model.cap, self.model.carry_over = cap, carry

    # --- what holds ---------------------------------------------------------------------------------------

    @invariant()
    def everything_adds_up(self) -> None:
        self.do(self._check())

    async def _check(self) -> None:
        now, model = self.clock.now(), self.model
        assert await check_sums(self.store, repair=False) == ()
        async with self.store.reading() as tx:
            held = {entry.job_id: entry.reserved_images for entry in await open_reservations(self.store)}
            assert held == {name: work.reserved for name, work in model.work.items() if work.open}
            assert not await tx.ledger.left_open() and not await tx.ledger.unreserved()
            terms = await Allowances(OPERATOR).terms(tx, 101, GUILD, Standing(), now=now)
            for member in (101, 102):
                seen = await Allowances(OPERATOR).balance(tx, member, terms, now=now)
                assert seen.used.images == model.used(member, now)
                expected = sum(grant.left for _, grant in model.open_grants(member, now))
                new = model.carry(member, now, model.cap)
                assert seen.granted == expected + (new.left if new else 0)
            since, until = day_of(now, ZONE).start, day_of(now, ZONE).end
            made = await tx.ledger.images_used(101, since=since, until=until)
            made += await tx.ledger.images_used(102, since=since, until=until)
            assert made == model.of_the_day(now) <= BOT_CAP
        assert model.of_the_month(now) <= SERVER_CAP


def run(url: str, examples: int) -> None:
    machine = type("MachineOnThis", (Machine,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite() -> None:
    run("", 50)


def test_on_postgres(postgres_url: str) -> None:
    run(postgres_url, 6)

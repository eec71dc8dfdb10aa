"""Dying, and being stopped, at every single step that a job takes.

Each case runs a job until the process dies before step n, starts the program again on what is left, delivers
the same interaction once more, and looks whether all that must always hold (docs/architecture.md) does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.calls import Call
from bot.domain.deliveries import DeliveryState, Way
from bot.domain.jobs import MAX_ATTEMPTS, FailureCode, JobState
from bot.domain.requests import Origin, Request
from bot.errors import RequestRefused
from tests.fakes.notifier import RecordingNotifier
from tests.fakes.provider import FakeProvider, Reply, blocked
from tests.studio.ending import end_process, end_tasks
from tests.studio.power import Power, PowerCut, powered
from tests.studio.world import DRAFT, World, make_origin, make_request, open_world

Script = Callable[[Call], Awaitable[Reply]]


async def all_pictures(_: Call) -> Reply:
    return Reply(text="A picture.")


async def first_blocked(call: Call) -> Reply:
    return blocked("No.") if call.seed == 0 else Reply()


async def all_refused(_: Call) -> Reply:
    raise RequestRefused("answered 400")


# What is asked for, and what the provider makes of it: name, count, pictures in the end.
SCENARIOS: dict[str, tuple[Script, int, int]] = {
    "a picture": (all_pictures, 1, 1),
    "two pictures": (all_pictures, 2, 2),
    "one of two": (first_blocked, 2, 1),
    "a refusal": (first_blocked, 1, 0),
    "an error": (all_refused, 1, 0),
}


_members = itertools.count(10_000)


class Case:
    """One job and its misfortunes."""

    def __init__(self, world: World, scenario: str) -> None:
        script, self.count, self.made = SCENARIOS[scenario]
        self.world = world
        world.provider = FakeProvider(world.blobs)
        world.provider.enqueue(*[script] * 50)
        world.notifier = RecordingNotifier()
        self.request: Request = make_request(model=DRAFT, count=self.count, seed=0)
        # Each of another member: whoever gets nothing but refusals would pause after some.
        self.origin: Origin = make_origin(token_at=world.clock.now(), member_id=next(_members))
        self.timeline: list[tuple[str, int]] = []
        self.processes = 0

    async def until_death(self, cut_at: int) -> bool:
        """Run a process that dies before a step; return whether it did, or had nothing left to do."""
        power = Power(cut_at, timeline=self.timeline)
        others = asyncio.all_tasks()
        try:
            with suppress(PowerCut):
                await self._run(power)
        finally:
            power.cut()
            await end_process(others)
        return len(power.steps) == cut_at

    async def until_stopped(self, hang_at: int) -> bool:
        """Run a process that is stopped while a step is going on; return whether it came to that."""
        power = Power(hang_at=hang_at, timeline=self.timeline)
        self.processes += 1
        process = self.world.process(powered(self.world.outside, power), drain_seconds=0)
        entering = asyncio.create_task(process.studio.__aenter__())
        submitting: asyncio.Task[object] | None = None
        hung = asyncio.create_task(power.until(lambda: power.hangs))
        await asyncio.wait({entering, hung}, return_when=asyncio.FIRST_COMPLETED)
        if entering.done():
            submitting = asyncio.create_task(process.submissions.submit(self.request, self.origin))
            await asyncio.wait({submitting, hung}, return_when=asyncio.FIRST_COMPLETED)
            idle = asyncio.create_task(self.world.until_idle())
            await asyncio.wait({idle, hung}, return_when=asyncio.FIRST_COMPLETED)
            await end_tasks({idle, submitting})
        self.world.clock.release("drain")
        await end_tasks({entering, hung})
        await process.studio.__aexit__(None, None, None)
        assert process.workers.running == 0
        return len(power.steps) >= hang_at

    async def to_the_end(self) -> None:
        """Run a process that nothing happens to; it gets the interaction once more."""
        await self._run(Power(timeline=self.timeline), close=True)

    async def _run(self, power: Power, *, close: bool = False) -> None:
        self.processes += 1
        process = self.world.process(powered(self.world.outside, power))
        await process.studio.__aenter__()
        await process.submissions.submit(self.request, self.origin)
        idle = asyncio.create_task(self.world.until_idle())
        dead = asyncio.create_task(power.until(lambda: power.off))
        await asyncio.wait({idle, dead}, return_when=asyncio.FIRST_COMPLETED)
        await end_tasks({idle, dead})
        if close:
            await process.studio.__aexit__(None, None, None)

    async def check(self, where: str) -> JobState:
        """What must always hold, whatever happened."""
        world = self.world
        async with world.store.reading() as tx:
            job = await tx.jobs.by_origin(self.origin.key)
        assert job is not None, where
        assert job.is_final, where
        assert 1 <= job.attempts <= MAX_ATTEMPTS, where

        # The provider is not called again for what was stored, nor for ever.
        for position in range(self.count):
            happened = [what for what, at in self.timeline if at == position]
            assert happened.count("called") <= MAX_ATTEMPTS, where
            assert "called" not in happened[happened.index("kept") :] if "kept" in happened else True, where

        # The ledger is closed exactly once, for exactly what there is.
        images = await world.images(job.id)
        reserved = ("reserve", self.count, 0)
        closed = ("settle", -self.count, len(images)) if images else ("release", -self.count, 0)
        assert sorted(await world.ledger(job.id)) == sorted([reserved, closed]), where
        assert (job.state is JobState.SUCCEEDED) == bool(images), where
        assert await world.open_reservations() == [], where
        assert all(world.blobs.path(image.sha256).is_file() for image in images), where

        # One delivery is recorded, and what was posted last is what there is.
        delivery = await world.delivery(job.id)
        assert (delivery.state, delivery.way) == (DeliveryState.SENT, Way.TOKEN), where
        assert 1 <= len(world.notifier.deliveries) <= self.processes, where
        last = world.notifier.deliveries[-1].outcome
        assert (last.job.state, [item.image for item in last.attachments]) == (job.state, images), where

        assert world.answer_files() == [], where
        return job.state


async def died_once(world: World, scenario: str, cut_at: int) -> bool:
    case = Case(world, scenario)
    died = await case.until_death(cut_at)
    await case.to_the_end()
    state = await case.check(f"{scenario}, dead before step {cut_at}")
    # One death leaves attempts enough: the job ends as it would have.
    assert (state is JobState.SUCCEEDED) == bool(case.made)
    assert len(world.notifier.deliveries[-1].outcome.attachments) == case.made
    return died


async def stopped_once(world: World, scenario: str, hang_at: int) -> bool:
    case = Case(world, scenario)
    hung = await case.until_stopped(hang_at)
    await case.to_the_end()
    state = await case.check(f"{scenario}, stopped in step {hang_at}")
    assert (state is JobState.SUCCEEDED) == bool(case.made)
    return hung


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_dying_before_any_step(world: World, scenario: str) -> None:
    steps = 0
    for steps in itertools.count(1):
        if not await died_once(world, scenario, steps):
            break
    assert steps > 12


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_being_stopped_within_any_step(world: World, scenario: str) -> None:
    steps = 0
    for steps in itertools.count(1):
        if not await stopped_once(world, scenario, steps):
            break
    assert steps > 12


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    scenario=st.sampled_from(sorted(SCENARIOS)),
    deaths=st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=2, max_size=6),
)
def test_dying_and_being_stopped_again_and_again(
    tmp_path_factory: pytest.TempPathFactory, scenario: str, deaths: list[tuple[bool, int]]
) -> None:
    async def run() -> None:
        async with open_world(tmp_path_factory.mktemp("data")) as world:
            case = Case(world, scenario)
            for by_power, step in deaths:
                await (case.until_death(step) if by_power else case.until_stopped(step))
            await case.to_the_end()
            await case.check(f"{scenario}: {deaths}")

    asyncio.run(run())


async def test_a_provider_that_kills_the_process_each_time_is_called_three_times(world: World) -> None:
    case = Case(world, "a picture")
    for _ in range(MAX_ATTEMPTS):
        assert await died_at(case, "answered")
    await case.to_the_end()
    assert await case.check("every time") is JobState.FAILED
    [(failure,)] = await world.rows("SELECT failure_code FROM jobs")
    assert failure == FailureCode.INTERRUPTED
    assert [what for what, _ in case.timeline].count("called") == MAX_ATTEMPTS


async def died_at(case: Case, step: str) -> bool:
    """Let a process die before the first step of that name."""
    power = Power(cut_before=f"somebody {step}", timeline=case.timeline)
    others = asyncio.all_tasks()
    try:
        with suppress(PowerCut):
            await case._run(power)
    finally:
        power.cut()
        await end_process(others)
    return power.steps[-1] == f"somebody {step}"


async def test_being_stopped_each_time_does_not_call_for_ever(world: World) -> None:
    """An operator who restarts the bot again and again pays for three calls at most."""
    case = Case(world, "a picture")
    world.provider.hold()
    for _ in range(MAX_ATTEMPTS + 2):
        process = world.process(powered(world.outside, Power(timeline=case.timeline)), drain_seconds=0)
        world.clock.release("drain")
        async with process.studio:
            await process.submissions.submit(case.request, case.origin)
            settled = asyncio.create_task(world.until_idle())
            inside = asyncio.create_task(world.provider.until_inside())
            await asyncio.wait({settled, inside}, return_when=asyncio.FIRST_COMPLETED)
            await end_tasks({settled, inside})
        case.processes += 1
    assert len(world.provider.history) == MAX_ATTEMPTS
    assert await case.check("stopped every time") is JobState.FAILED

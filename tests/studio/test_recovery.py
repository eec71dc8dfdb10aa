"""What a process that died left behind, state by state, and what the next one makes of it."""

from __future__ import annotations

import pytest

from bot.domain.deliveries import DeliveryState, Way
from bot.domain.jobs import MAX_ATTEMPTS, Failure, FailureCode, JobState
from bot.errors import StorageBusy
from bot.studio.bounds import Bounds
from tests.fakes.provider import Reply, blocked, jpeg
from tests.studio.delivering import DOWN
from tests.studio.killed import killed_while_calling, left_in
from tests.studio.power import Power, powered
from tests.studio.world import World, keep_answer, make_origin, make_request

# --- not begun --------------------------------------------------------------------------------------------


async def test_a_job_that_nobody_claimed_is_run(world: World) -> None:
    job = await left_in(world, JobState.CREATED)
    async with world.running():
        pass
    job = await world.job(job.id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 1, 1)


async def test_a_job_that_was_accepted_before_a_start_is_run(world: World) -> None:
    ticket = await world.process().submissions.submit(make_request(), make_origin())
    async with world.running():
        pass
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED


# --- at work ----------------------------------------------------------------------------------------------


async def test_a_job_without_an_answer_is_run_again_and_the_attempt_counted(world: World) -> None:
    job = await killed_while_calling(world)
    async with world.running():
        pass
    assert (await world.job(job.id)).attempts == 2
    assert (await world.job(job.id)).state is JobState.SUCCEEDED
    assert len(world.provider.history) == 1
    assert await world.events(job.id) == [
        "created", "running", "created", "running", "storing", "succeeded",
    ]  # fmt: skip


async def test_a_job_that_kills_every_process_is_given_up_and_its_owner_told(world: World) -> None:
    world.provider.hold()
    async with world.lost() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
    for _ in range(MAX_ATTEMPTS - 1):
        async with world.lost():
            await world.provider.until_inside()
    async with world.running():
        pass
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert job.failure == Failure(FailureCode.INTERRUPTED)
    assert len(world.provider.history) == MAX_ATTEMPTS
    assert await world.ledger(job.id) == [("release", -1, 0), ("reserve", 1, 0)]
    [given] = world.notifier.deliveries
    assert given.outcome.job == job


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_job_whose_answers_are_all_kept_is_finished_without_a_call(
    world: World, on_disk: bool
) -> None:
    job = await killed_while_calling(world, answered=2, count=2, on_disk=on_disk)
    async with world.running():
        pass
    job = await world.job(job.id)
    assert (job.state, job.attempts, world.provider.history) == (JobState.SUCCEEDED, 1, [])
    [given] = world.notifier.deliveries
    assert given.files == (jpeg(100), jpeg(101))
    assert world.answer_files() == []


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_job_with_some_answers_asks_for_the_others_only(world: World, on_disk: bool) -> None:
    job = await killed_while_calling(world, answered=2, count=4, on_disk=on_disk)
    async with world.running():
        pass
    assert sorted(made.call.seed or 0 for made in world.provider.history) == [2, 3]
    assert await world.ledger(job.id) == [("reserve", 4, 0), ("settle", -4, 4)]
    [given] = world.notifier.deliveries
    assert given.files[:2] == (jpeg(100), jpeg(101))
    assert (len(given.files), given.outcome.short_of) == (4, 0)


async def test_after_the_last_attempt_it_ends_with_what_there_is(world: World) -> None:
    job = await killed_while_calling(world, answered=1, count=4)
    world.provider.hold()
    for _ in range(MAX_ATTEMPTS - 1):
        async with world.lost():
            await world.provider.until_inside(3)
    world.provider.release()
    calls = len(world.provider.history)
    async with world.running():
        pass
    job = await world.job(job.id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 3, calls)
    assert await world.ledger(job.id) == [("reserve", 4, 0), ("settle", -4, 1)]
    [given] = world.notifier.deliveries
    assert (given.files, given.outcome.short_of) == ((jpeg(100),), 3)


async def test_a_refusal_that_is_kept_is_not_asked_for_again(world: World) -> None:
    job = await killed_while_calling(world)
    await keep_answer(world, job, 0, blocked("No."))
    async with world.running():
        pass
    assert (await world.job(job.id)).failure == Failure(FailureCode.SAFETY, "No.")
    assert world.provider.history == []


async def test_several_jobs_are_recovered_and_run_as_bounds_allow(world: World) -> None:
    world.provider.hold()
    async with world.lost() as process:
        for _ in range(6):
            await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside(6)
    world.provider.release()
    world.provider.most_inside = 0
    async with world.running(bounds=Bounds(running=2)):
        pass
    assert world.provider.most_inside <= 2
    assert (await world.used(), len(world.notifier.deliveries)) == (6, 6)


async def test_a_job_that_is_claimed_while_its_recovery_ends_is_held_like_any_other(world: World) -> None:
    """Both are in one commit of the database, so that the new task begins before the old one has ended."""
    job = await killed_while_calling(world)
    world.provider.hold()
    power = Power()
    recovery = power.pause("recover commit")
    async with world.running(powered(world.outside, power)) as process:
        await recovery.reached.wait()
        await power.until(lambda: "workers transaction" in power.steps)
        recovery.go_on.set()
        await world.provider.until_inside()
        assert process.workers.running == 1
        world.provider.release()
    assert (await world.job(job.id)).attempts == 2
    assert len(world.provider.history) == 1


async def test_a_delivery_that_is_due_finds_none_in_its_way(world: World) -> None:
    """Nothing is delivered of a job that was only put back; its delivery begins when it has ended."""
    job = await killed_while_calling(world)
    power = Power()
    delivery = power.pause("deliver has read")
    async with world.running(powered(world.outside, power)):
        await delivery.reached.wait()
        await world.until_state(job.id, JobState.SUCCEEDED)
        delivery.go_on.set()
    assert len(world.notifier.deliveries) == 1


# --- finished, not delivered ------------------------------------------------------------------------------


async def test_a_success_that_nobody_heard_of_is_delivered(world: World) -> None:
    job = await left_in(world, JobState.SUCCEEDED)
    assert await world.delivery_state(job.id) is DeliveryState.PENDING
    async with world.running():
        pass
    assert await world.delivery_state(job.id) is DeliveryState.SENT
    assert (len(world.notifier.deliveries), len(world.provider.history)) == (1, 1)


async def test_a_failure_that_nobody_heard_of_is_told(world: World) -> None:
    world.provider.enqueue(blocked("No."))
    job = await left_in(world, JobState.FAILED)
    async with world.running():
        pass
    [given] = world.notifier.deliveries
    assert given.outcome.job == job
    assert await world.delivery_state(job.id) is DeliveryState.SENT


def refuse_the_database(world: World, power: Power) -> None:
    """Let the next answer be kept on disk."""

    async def then_trouble(_: object) -> Reply:
        power.fail("somebody commit", StorageBusy("locked"))
        return Reply()

    world.provider.enqueue(then_trouble)


@pytest.mark.parametrize("step", ["reading", "deliver", "delivered", "drop answers"])
async def test_a_success_whose_answers_were_not_put_away_leaves_none(world: World, step: str) -> None:
    power = Power(cut_before=f"deliver {step}")
    refuse_the_database(world, power)
    async with world.lost(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await power.until(lambda: power.off)
    assert (await world.job(ticket.job.id)).state is JobState.SUCCEEDED
    assert len(world.answer_files()) == 1
    async with world.running():
        pass
    assert world.answer_files() == []
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT
    assert len(world.provider.history) == 1


async def test_answers_are_put_away_although_discord_is_down(world: World) -> None:
    """What an erasure removes must not wait for Discord."""
    world.notifier.fail(Way.TOKEN, DOWN)
    world.clock.held.add("delivery")
    power = Power()
    refuse_the_database(world, power)
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.clock.until_asleep("delivery")
        assert "somebody keep answer" in power.steps
        assert await world.delivery_state(ticket.job.id) is DeliveryState.PENDING
        assert world.answer_files() == []
        world.clock.release("delivery")
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT


async def test_what_was_delivered_is_not_delivered_again(world: World) -> None:
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
    for _ in range(2):
        async with world.running():
            pass
    assert len(world.notifier.deliveries) == 1
    assert (await world.delivery(ticket.job.id)).tries == 1


async def test_what_was_posted_and_not_recorded_is_posted_by_the_same_way(world: World) -> None:
    """Nobody knows that it was posted; every way is safe to repeat."""
    power = Power(cut_before="deliver delivered")
    async with world.lost(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await power.until(lambda: power.off)
    async with world.running():
        pass
    first, second = world.notifier.deliveries
    assert first.way is second.way is Way.TOKEN
    assert first.files == second.files
    assert await world.delivery_state(ticket.job.id) is DeliveryState.SENT


async def test_a_delivery_that_broke_is_taken_up_again_by_upkeep(world: World) -> None:
    power = Power()
    power.fail("deliver reading", ZeroDivisionError("a bug"))
    async with world.running(powered(world.outside, power)) as process:
        await process.submissions.submit(make_request(), make_origin())
        world.clock.release("upkeep")
    assert len(world.notifier.deliveries) == 1


# --- several processes ------------------------------------------------------------------------------------


async def test_another_process_s_work_is_left_to_it_while_its_lease_lasts(world: World) -> None:
    world.provider.hold()
    async with world.running(sole=False) as first:
        ticket = await first.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        async with world.process(sole=False).studio:
            assert (await world.job(ticket.job.id)).state is JobState.RUNNING
        world.provider.release()
    assert ((await world.job(ticket.job.id)).attempts, len(world.provider.history)) == (1, 1)


async def test_a_dead_process_s_work_is_taken_over_when_its_lease_has_ended(world: World) -> None:
    job = await killed_while_calling(world)
    async with world.process(sole=False).studio:
        await world.clock.until_asleep("upkeep")
        assert (await world.job(job.id)).state is JobState.RUNNING
        for _ in range(4):
            world.clock.advance(20)
            await world.clock.until_asleep("upkeep", len(world.clock.naps("upkeep")) + 1)
        await world.until_idle()
    job = await world.job(job.id)
    assert (job.state, job.attempts, len(world.provider.history)) == (JobState.SUCCEEDED, 2, 1)


async def test_what_another_process_delivers_is_posted_once(world: World) -> None:
    """Started beside it, kept up for long after, and while the first one waits for Discord."""
    world.notifier.hold()
    async with world.running(sole=False) as first:
        await first.submissions.submit(make_request(), make_origin())
        await world.notifier.until(lambda: world.notifier.waiting == 1)
        async with world.process(sole=False).studio:
            for round_ in range(1, 7):
                await world.clock.until_asleep("upkeep", 2 * round_)
                world.clock.advance(20)
            await world.clock.until_asleep("upkeep", 14)
            in_hand = world.notifier.waiting
            world.notifier.release()
            await world.notifier.until_delivered()
    assert (in_hand, len(world.notifier.deliveries)) == (1, 1)


async def test_a_dead_process_s_delivery_is_taken_over_when_its_lease_has_ended(world: World) -> None:
    world.notifier.hold()
    async with world.lost(sole=False) as process:
        await process.submissions.submit(make_request(), make_origin())
        await world.notifier.until(lambda: world.notifier.waiting == 1)
    world.notifier.release()
    async with world.process(sole=False).studio:
        await world.clock.until_asleep("upkeep")
        assert world.notifier.deliveries == []
        for round_ in range(2, 6):
            world.clock.advance(20)
            await world.clock.until_asleep("upkeep", round_)
        await world.until_idle()
    assert len(world.notifier.deliveries) == 1


async def test_a_process_that_stops_gives_its_deliveries_back_at_once(world: World) -> None:
    world.notifier.hold()
    process = world.process(sole=False, drain_seconds=0)
    async with process.studio:
        await process.submissions.submit(make_request(), make_origin())
        await world.notifier.until(lambda: world.notifier.waiting == 1)
        world.clock.release("drain")
    world.notifier.release()
    async with world.running(sole=False):
        await world.notifier.until_delivered()
    assert len(world.notifier.deliveries) == 1


@pytest.mark.parametrize("ends", ["stopped", "answered", "broke"])
async def test_a_process_that_lost_its_job_to_another_leaves_it_alone(world: World, ends: str) -> None:
    """It slept for too long: somebody else has put the job back and claimed it."""
    world.provider.hold()
    world.provider.enqueue(ZeroDivisionError("a bug") if ends == "broke" else Reply())
    process = world.process(sole=False, drain_seconds=0)
    async with process.studio:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.provider.until_inside()
        await claim_elsewhere(world, ticket.job.id)
        if ends == "stopped":
            world.clock.release("drain")
        else:
            world.provider.release()
            await process.workers.drain(60)
    job = await world.job(ticket.job.id)
    assert (job.state, job.attempts, job.lease_owner) == (JobState.RUNNING, 2, "somebody else")
    assert await world.ledger(job.id) == [("reserve", 1, 0)]
    assert world.notifier.deliveries == []


async def test_a_bug_does_not_fail_a_job_that_somebody_else_has_by_now(world: World) -> None:
    power = Power()
    reading = power.pause("job transaction")
    power.fail("job transaction", ZeroDivisionError("a bug"))
    process = world.process(powered(world.outside, power), sole=False)
    async with process.studio:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await reading.reached.wait()
        await claim_elsewhere(world, ticket.job.id)
        reading.go_on.set()
    job = await world.job(ticket.job.id)
    assert (job.state, job.lease_owner) == (JobState.RUNNING, "somebody else")
    assert await world.ledger(job.id) == [("reserve", 1, 0)]


async def claim_elsewhere(world: World, job_id: str) -> None:
    """Take a job over as another process does."""
    async with world.store.transaction() as tx:
        job = await tx.jobs.get(job_id)
        assert job is not None
        now = world.clock.now()
        await tx.jobs.save(job.to(JobState.CREATED, now), JobState.RUNNING)
        await tx.jobs.claim(
            "somebody else", now=now, lease_until=now + 60_000, max_running=64, max_per_member=64
        )

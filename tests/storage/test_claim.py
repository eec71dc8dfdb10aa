"""Admission: who may run next."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.domain.breaker import Breaker
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.lanes import Lane
from bot.domain.pace import Pace
from bot.domain.queue import AGEING, LATELY
from bot.domain.requests import Options
from storage import Store
from tests.storage.conftest import Place
from tests.storage.samples import NOON, failed, make_job, make_request, put, running, select, stored, submit

ANNA, BERT, CARA = 11, 12, 13


async def claim(
    store: Store, *, owner: str = "w", max_running: int = 99, max_per_member: int = 99, now: int = NOON + 500
) -> Job | None:
    async with store.transaction() as tx:
        return await tx.jobs.claim(
            owner,
            now=now,
            lease_until=now + 400,
            max_running=max_running,
            max_per_member=max_per_member,
        )


async def claim_all(store: Store, **how: Any) -> list[str]:
    claimed = []
    while (job := await claim(store, **how)) is not None:
        claimed.append(job.id)
    return claimed


async def test_a_claimed_job_has_a_lease_and_one_more_attempt(store: Store) -> None:
    await put(store, make_job())
    job = await claim(store, owner="me")
    assert job == make_job(
        state=JobState.RUNNING,
        attempts=1,
        lease_owner="me",
        lease_until=NOON + 900,
        started_at=NOON + 500,
        updated_at=NOON + 500,
    )
    assert await stored(store, "job00001") == job
    assert await claim(store) is None


async def test_a_job_that_is_claimed_again_keeps_when_it_was_started(store: Store) -> None:
    await put(store, make_job(attempts=1, started_at=NOON + 5))
    job = await claim(store)
    assert job is not None
    assert (job.attempts, job.started_at) == (2, NOON + 5)


async def test_the_older_job_goes_first(store: Store) -> None:
    await put(store, make_job(3), make_job(1), make_job(2))
    assert await claim_all(store) == ["job00001", "job00002", "job00003"]


async def test_whoever_has_fewer_jobs_at_work_goes_first(store: Store) -> None:
    anna = [make_job(number, member=ANNA) for number in (1, 2, 3)]
    bert = [make_job(number, member=BERT) for number in (4, 5)]
    await put(store, *anna, *bert, make_job(6, member=CARA))
    assert await claim_all(store) == [f"job{number:05}" for number in (1, 4, 6, 2, 5, 3)]


async def test_a_job_that_is_being_stored_counts_as_at_work(store: Store) -> None:
    await put(
        store,
        running(make_job(1, member=ANNA)).to(JobState.STORING, NOON),
        make_job(2, member=ANNA),
        make_job(3, member=BERT),
    )
    assert await claim_all(store, max_per_member=1) == ["job00003"]
    assert await claim_all(store, max_running=2) == []


async def test_bounds_hold_for_all_and_for_one(store: Store) -> None:
    await put(store, *(make_job(number, member=ANNA) for number in range(1, 6)))
    await put(store, *(make_job(number, member=BERT) for number in range(6, 11)))
    claimed = await claim_all(store, max_running=5, max_per_member=3)
    assert claimed == ["job00001", "job00006", "job00002", "job00007", "job00003"]
    assert await claim_all(store, max_running=99, max_per_member=3) == ["job00008"]
    assert await claim_all(store, max_running=0) == []


async def test_many_claimers_at_once_take_each_job_once(store: Store) -> None:
    await put(store, *(make_job(number, member=ANNA + number % 4) for number in range(60)))

    async def work(owner: str) -> list[str]:
        claimed = []
        while (job := await claim(store, owner=owner, max_running=50, max_per_member=13)) is not None:
            assert job.lease_owner == owner
            claimed.append(job.id)
        return claimed

    shares = await asyncio.gather(*(work(f"w{number}") for number in range(10)))
    taken = [job_id for share in shares for job_id in share]
    assert len(taken) == len(set(taken)) == 50
    async with store.reading() as tx:
        assert (await tx.jobs.unfinished())[JobState.RUNNING] == 50
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 10


async def test_bounds_hold_between_processes(postgres_place: Place) -> None:
    """Two stores on one PostgreSQL database are what two processes are."""
    async with postgres_place.open() as one, postgres_place.open() as other:
        await put(one, *(make_job(number, member=number) for number in range(30)))
        claims = [claim(store, max_running=7) for store in (one, other) for _ in range(15)]
        claimed = [job.id for job in await asyncio.gather(*claims) if job is not None]
        assert len(claimed) == len(set(claimed)) == 7


# --- where it is accepted ---------------------------------------------------------------------------------


async def claim_own(store: Store, job: Job, *, max_running: int = 99, max_per_member: int = 99) -> Job | None:
    """Write a job and claim it in the same transaction."""
    async with store.transaction() as tx:
        await submit(tx, job)
        return await tx.jobs.claim(
            "w",
            now=NOON + 500,
            lease_until=NOON + 900,
            max_running=max_running,
            max_per_member=max_per_member,
            only=job.id,
        )


async def test_a_job_is_claimed_by_the_transaction_that_writes_it(store: Store) -> None:
    job = await claim_own(store, make_job(1))
    assert job is not None
    assert (job.state, job.attempts, job.lease_owner) == (JobState.RUNNING, 1, "w")
    assert await stored(store, "job00001") == job
    events = await select(store, "SELECT number, state FROM job_events ORDER BY number", "number", "state")
    assert events == [(1, "created"), (2, "running")]


async def test_nobody_passes_somebody_who_goes_first(store: Store) -> None:
    await put(store, make_job(1, member=ANNA))
    assert await claim_own(store, make_job(2, member=BERT)) is None
    assert await claim_all(store) == ["job00001", "job00002"]


async def test_somebody_who_may_not_run_is_passed(store: Store) -> None:
    await put(store, running(make_job(1, member=ANNA)), make_job(2, member=ANNA))
    assert await claim_own(store, make_job(3, member=BERT), max_per_member=1) is not None
    assert (await stored(store, "job00002")).state is JobState.CREATED


async def test_bounds_hold_where_it_is_accepted(store: Store) -> None:
    assert await claim_own(store, make_job(1, member=ANNA), max_running=1) is not None
    assert await claim_own(store, make_job(2, member=BERT), max_running=1) is None
    assert await claim_own(store, make_job(3, member=ANNA), max_per_member=1) is None
    assert await claim_own(store, make_job(4, member=ANNA, max_running=1)) is None
    await save(store, Lane(STANDARD, pace=Pace(paused_until=NOON + 1_000)))
    assert await claim_own(store, make_job(5, member=CARA)) is None


async def test_whoever_accepts_does_not_wait_for_another_claim(postgres_place: Place) -> None:
    """It holds locks that those may want who hold what the other waits for."""
    async with postgres_place.open() as store:
        await put(store, make_job(1, member=ANNA))
        async with store.transaction() as tx:
            first = await tx.jobs.claim(
                "w", now=NOON + 500, lease_until=NOON + 900, max_running=9, max_per_member=9
            )
            assert first is not None
            assert await claim_own(store, make_job(2, member=BERT)) is None
        assert await claim_all(store) == ["job00002"]


# --- who has had the least lately -------------------------------------------------------------------------


def done(number: int, member: int, *, at: int, count: int = 2) -> Job:
    """A job that began and ended at a time."""
    request = make_request(options=Options("gemini-nano-banana-2.1", count=count))
    job = make_job(number, member=member, request=request)
    return job.evolve(state=JobState.SUCCEEDED, started_at=at, finished_at=at, cost_micros=1)


async def test_whoever_has_had_the_least_lately_goes_first(store: Store) -> None:
    await put(store, done(1, ANNA, at=NOON - 1000), done(2, BERT, at=NOON - 1000, count=4))
    await put(store, make_job(3, member=BERT), make_job(4, member=ANNA), make_job(5, member=CARA))
    assert await claim_all(store) == ["job00005", "job00004", "job00003"]


async def test_what_was_long_ago_counts_less_and_then_not_at_all(store: Store) -> None:
    await put(
        store, done(1, ANNA, at=NOON - LATELY + 60_000, count=4), done(2, BERT, at=NOON - 1000, count=1)
    )
    await put(store, done(3, CARA, at=NOON - 2 * LATELY, count=4))
    await put(store, make_job(4, member=BERT), make_job(5, member=ANNA), make_job(6, member=CARA))
    assert await claim_all(store) == ["job00006", "job00005", "job00004"]


async def test_two_hundred_waiting_requests_delay_nobody_by_more_than_what_runs(store: Store) -> None:
    await put(store, *(make_job(number, member=ANNA) for number in range(1, 201)))
    at_work = [await claim(store, max_running=4) for _ in range(4)]
    await put(store, make_job(300, member=BERT))
    ended = at_work[0]
    assert ended is not None
    async with store.transaction() as tx:
        finished = ended.to(JobState.FAILED, NOON + 600_000, failure=Failure(FailureCode.BUSY))
        await tx.jobs.save(finished, JobState.RUNNING)
    # However long Anna's other jobs have waited by now.
    job = await claim(store, max_running=4, now=NOON + 600_001)
    assert job is not None
    assert job.id == "job00300"


# --- priority ---------------------------------------------------------------------------------------------


async def test_the_higher_priority_goes_first(store: Store) -> None:
    await put(store, make_job(1, member=ANNA), make_job(2, member=BERT, priority=2))
    assert await claim_all(store) == ["job00002", "job00001"]


async def test_waiting_raises_the_priority_so_that_nobody_starves(store: Store) -> None:
    old = make_job(1, member=ANNA, created_at=NOON - 3 * AGEING)
    await put(store, old, make_job(2, member=BERT, priority=2), make_job(3, member=CARA, priority=4))
    assert await claim_all(store) == ["job00003", "job00001", "job00002"]


async def test_a_member_whose_jobs_are_worked_on_does_not_age(store: Store) -> None:
    long_ago = NOON - 5 * AGEING
    await put(
        store, make_job(1, member=ANNA, created_at=long_ago), make_job(2, member=ANNA, created_at=long_ago)
    )
    await put(store, make_job(3, member=BERT, priority=1))
    assert await claim_all(store, max_per_member=1) == ["job00001", "job00003"]
    assert await claim_all(store) == ["job00002"]


async def test_a_tier_bounds_the_jobs_of_its_member(store: Store) -> None:
    await put(store, *(make_job(number, member=ANNA, max_running=2) for number in (1, 2, 3)))
    await put(store, *(make_job(number, member=BERT) for number in (4, 5, 6)))
    assert sorted(await claim_all(store)) == ["job00001", "job00002", *(f"job{n:05}" for n in (4, 5, 6))]


# --- models -----------------------------------------------------------------------------------------------

STANDARD, DRAFT = "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image"
OPEN = Breaker(failures=9, since=NOON, open_until=NOON + 5_000, pause=5_000)


async def save(store: Store, *lanes: Lane) -> None:
    async with store.transaction() as tx:
        for lane in lanes:
            await tx.lanes.save(lane)


async def test_nothing_is_begun_for_a_model_that_is_paused(store: Store) -> None:
    draft = make_request(options=Options(DRAFT))
    await put(store, make_job(1, member=ANNA), make_job(2, member=BERT, request=draft))
    await save(store, Lane(STANDARD, pace=Pace(paused_until=NOON + 1_000)))
    assert await claim_all(store) == ["job00002"]
    assert await claim_all(store, now=NOON + 1_000) == ["job00001"]


async def test_one_at_a_time_finds_out_whether_a_model_works_again(store: Store) -> None:
    await put(store, *(make_job(number, member=number) for number in (1, 2, 3)))
    await save(store, Lane(STANDARD, OPEN))
    assert await claim_all(store) == []
    assert await claim_all(store, now=NOON + 5_000) == ["job00001"]
    await save(store, Lane(STANDARD))
    assert await claim_all(store, now=NOON + 5_001) == ["job00002", "job00003"]


async def test_no_more_pictures_are_begun_in_a_minute_than_a_key_takes(store: Store) -> None:
    await put(store, *(make_job(number, member=number) for number in range(1, 10)))  # two pictures each
    await save(store, Lane(STANDARD, pace=Pace(per_minute=5, changed_at=NOON)))
    assert len(await claim_all(store)) == 3
    assert len(await claim_all(store, now=NOON + 60_000)) == 0
    assert len(await claim_all(store, now=NOON + 60_501)) == 3


async def test_a_job_with_another_model_to_fall_back_on_does_not_wait(store: Store) -> None:
    wanted = make_request(fallback=DRAFT)
    await put(store, make_job(1, member=ANNA, request=wanted), make_job(2, member=BERT))
    await save(store, Lane(STANDARD, OPEN))
    assert await claim_all(store) == ["job00001"]
    await put(store, make_job(3, member=CARA, request=wanted))
    await save(store, Lane(DRAFT, OPEN))
    assert await claim_all(store) == []


# --- places -----------------------------------------------------------------------------------------------


async def test_places_are_those_in_which_admission_takes_them(store: Store) -> None:
    await put(store, done(1, ANNA, at=NOON - 1000), done(2, BERT, at=NOON - 1000, count=1))
    await put(store, *(make_job(number, member=ANNA) for number in range(3, 7)))
    await put(store, *(make_job(number, member=BERT) for number in range(7, 10)))
    await put(store, make_job(10, member=CARA, priority=1), make_job(11, member=ANNA, priority=1))
    now = NOON + 500
    async with store.reading() as tx:
        listed = [job.id for job in await tx.jobs.waiting(99, now)]
        places = {job_id: await tx.jobs.ahead_of(job_id, now) for job_id in listed}
    assert places == {job_id: place for place, job_id in enumerate(listed)}
    assert await claim_all(store) == listed


# --- the provider's day -----------------------------------------------------------------------------------


async def test_the_calls_of_a_day_are_those_that_began_and_those_that_wait(store: Store) -> None:
    many, other = make_request(options=Options("m", count=3)), make_request(options=Options("n"))
    await put(
        store,
        make_job(1, request=many, started_at=NOON + 10, attempts=1),  # given back since
        make_job(2, request=many, started_at=NOON - 10, attempts=1),
        make_job(3, request=many),
        make_job(50, request=many),
        make_job(5, request=other, started_at=NOON + 10, attempts=1),
        running(make_job(6, request=many)),
        failed(running(make_job(7, request=many))),
    )
    async with store.reading() as tx:
        assert await tx.lanes.calls_of("m", NOON) == (9, 6)
        assert await tx.lanes.calls_of("unheard-of", NOON) == (0, 0)
        assert dict(await tx.lanes.begun_since(NOON)) == {"m": 9, "n": 1}
        assert [job.created_at - NOON for job in await tx.lanes.waiting_for("m", NOON + 50)] == [1, 2, 3]
        assert await tx.lanes.waiting_for("n", NOON) == []

"""Admission: who may run next."""

from __future__ import annotations

import asyncio

from bot.domain.jobs import Job, JobState
from storage import Store
from tests.storage.conftest import Place
from tests.storage.samples import NOON, make_job, put, running, stored

ANNA, BERT, CARA = 11, 12, 13


async def claim(
    store: Store, *, owner: str = "w", max_running: int = 99, max_per_member: int = 99
) -> Job | None:
    async with store.transaction() as tx:
        return await tx.jobs.claim(
            owner,
            now=NOON + 500,
            lease_until=NOON + 900,
            max_running=max_running,
            max_per_member=max_per_member,
        )


async def claim_all(store: Store, *, max_running: int = 99, max_per_member: int = 99) -> list[str]:
    claimed = []
    while (job := await claim(store, max_running=max_running, max_per_member=max_per_member)) is not None:
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
        assert await tx.jobs.in_state(JobState.RUNNING) == 50
        assert await tx.jobs.in_state(JobState.CREATED) == 10


async def test_bounds_hold_between_processes(postgres_place: Place) -> None:
    """Two stores on one PostgreSQL database are what two processes are."""
    async with postgres_place.open() as one, postgres_place.open() as other:
        await put(one, *(make_job(number, member=number) for number in range(30)))
        claims = [claim(store, max_running=7) for store in (one, other) for _ in range(15)]
        claimed = [job.id for job in await asyncio.gather(*claims) if job is not None]
        assert len(claimed) == len(set(claimed)) == 7

"""Jobs and their events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.domain.jobs import Job, JobState
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.samples import (
    MEMBER,
    NOON,
    failed,
    make_job,
    make_origin,
    put,
    running,
    select,
    stored,
    submit,
)


async def events(store: Store, job_id: str) -> list[tuple[int, int, str, str]]:
    rows = await select(
        store, "SELECT * FROM job_events ORDER BY job_id, number", "job_id", "number", "at", "state", "note"
    )
    return [(number, at, state, note) for owner, number, at, state, note in rows if owner == job_id]


async def save(store: Store, job: Job, expected: JobState, note: str = "") -> None:
    async with store.transaction() as tx:
        await tx.jobs.save(job, expected, note)


async def test_what_is_not_there_is_none(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.jobs.get("job00001") is None
        assert await tx.jobs.by_origin("interaction:1") is None
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 0
        assert list(await tx.jobs.waiting(10, NOON)) == []
        assert list(await tx.jobs.abandoned(NOON)) == []


async def test_a_job_is_found_by_id_and_by_origin(store: Store) -> None:
    job = make_job()
    await put(store, job)
    async with store.reading() as tx:
        assert await tx.jobs.get(job.id) == job
        assert await tx.jobs.by_origin(job.origin.key) == job


@pytest.mark.parametrize("changes", [{"id": "another"}, {"origin": make_origin(2)}])
async def test_an_id_and_an_origin_exist_once(store: Store, changes: dict[str, Any]) -> None:
    await put(store, make_job())
    with pytest.raises(StaleState):
        await put(store, make_job().evolve(**changes))
    assert await stored(store, "job00001") == make_job()


async def test_the_history_of_a_job_is_kept(store: Store) -> None:
    await put(store, make_job())
    async with store.transaction() as tx:
        job = await tx.jobs.claim("w", now=NOON + 9, lease_until=NOON + 99, max_running=1, max_per_member=1)
    assert job is not None
    storing = job.to(JobState.STORING, NOON + 20)
    await save(store, storing, JobState.RUNNING, "1 answer")
    await save(store, storing.to(JobState.SUCCEEDED, NOON + 30, cost_micros=67), JobState.STORING)
    assert await events(store, job.id) == [
        (1, NOON + 1, "created", ""),
        (2, NOON + 9, "running", "attempt 1"),
        (3, NOON + 20, "storing", "1 answer"),
        (4, NOON + 30, "succeeded", ""),
    ]
    assert (await stored(store, job.id)).cost_micros == 67


async def test_a_change_without_a_new_state_is_no_event_unless_it_has_a_note(store: Store) -> None:
    job = running(make_job())
    await put(store, job)
    await save(store, job.evolve(lease_until=NOON + 70_000), JobState.RUNNING)
    assert len(await events(store, job.id)) == 1
    await save(store, job, JobState.RUNNING, "looked at")
    assert [note for *_, note in await events(store, job.id)] == ["", "looked at"]


async def test_a_change_that_finds_another_state_changes_nothing(store: Store) -> None:
    job = make_job()
    await put(store, job)
    with pytest.raises(StaleState):
        await save(store, running(job).to(JobState.STORING, NOON), JobState.RUNNING)
    assert await stored(store, job.id) == job
    assert len(await events(store, job.id)) == 1


async def test_a_worker_that_lost_its_lease_changes_nothing(store: Store) -> None:
    """Its job is running again, in other hands: the state alone would not tell."""
    await put(store, make_job())
    async with store.transaction() as tx:
        first = await tx.jobs.claim("a", now=NOON, lease_until=NOON, max_running=9, max_per_member=9)
    assert first is not None
    await save(store, first.to(JobState.CREATED, NOON + 1), JobState.RUNNING, "recovered")
    async with store.transaction() as tx:
        second = await tx.jobs.claim("b", now=NOON, lease_until=NOON, max_running=9, max_per_member=9)
    assert second is not None
    with pytest.raises(StaleState):
        await save(store, first.to(JobState.STORING, NOON + 2), JobState.RUNNING)
    await save(store, second.to(JobState.STORING, NOON + 2), JobState.RUNNING)


async def test_of_two_changes_at_once_one_wins(store: Store) -> None:
    job = running(make_job())
    await put(store, job)

    async def move(changed: Job) -> bool:
        try:
            await save(store, changed, JobState.RUNNING)
        except StaleState:
            return False
        return True

    both = [move(job.to(JobState.STORING, NOON)), move(failed(job))]
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert len(await events(store, job.id)) == 2


async def test_a_failed_change_leaves_the_rest_of_its_transaction_undone(store: Store) -> None:
    await put(store, make_job(1))
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.jobs.insert(make_job(2))
            await tx.jobs.save(failed(make_job(1)), JobState.RUNNING)
    async with store.reading() as tx:
        assert await tx.jobs.get("job00002") is None


async def test_leases_are_renewed_for_their_owner_alone(store: Store) -> None:
    await put(
        store,
        running(make_job(1), owner="a", until=NOON),
        running(make_job(2), owner="b", until=NOON),
        running(make_job(3), owner="a", until=NOON).to(JobState.STORING, NOON),
        failed(running(make_job(4), owner="a")),
    )
    async with store.transaction() as tx:
        await tx.jobs.renew_leases("a", until=NOON + 50)
    async with store.reading() as tx:
        assert [job.id for job in await tx.jobs.abandoned(NOON - 1)] == []
        assert [job.id for job in await tx.jobs.abandoned(NOON)] == ["job00002"]
        assert [job.id for job in await tx.jobs.abandoned(NOON + 50)] == ["job00001", "job00002", "job00003"]
    assert (await stored(store, "job00004")).lease_until is None


async def test_the_queue_is_counted_and_listed_by_age(store: Store) -> None:
    twin = make_job(9, id="aaa", created_at=NOON + 2)  # as old as job 2, but before it by its id
    await put(store, make_job(3), make_job(2), twin, make_job(1), running(make_job(4)))
    async with store.reading() as tx:
        assert [job.id for job in await tx.jobs.waiting(3, NOON + 5)] == ["job00001", "aaa", "job00002"]
        assert [await tx.jobs.ahead_of(f"job{number:05}", NOON + 5) for number in (1, 2, 3)] == [0, 2, 3]
        assert await tx.jobs.ahead_of(twin.id, NOON + 5) == 1
        assert (await tx.jobs.unfinished())[JobState.CREATED] == 4
        assert (await tx.jobs.unfinished())[JobState.RUNNING] == 1


async def test_old_tokens_are_forgotten(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        await tx.jobs.forget_tokens(NOON + 2)
    assert (await stored(store, "job00001")).origin.token is None
    assert (await stored(store, "job00002")).origin.token == "token-2"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": JobState.RUNNING},  # at work without a lease: nobody would ever find it again
        {"lease_owner": "w", "lease_until": NOON},  # a lease without work
        {"state": JobState.FAILED, "finished_at": NOON},  # failed for no reason
        {"finished_at": NOON},
        {"attempts": -1},
        {"cost_micros": 5},
    ],
)
async def test_the_database_refuses_a_job_that_makes_no_sense(store: Store, changes: dict[str, Any]) -> None:
    with pytest.raises(StorageError):
        await put(store, make_job(**changes))


async def test_what_a_database_refuses_is_not_quoted(store: Store) -> None:
    """Its message would go to the log; tokens and prompts must not."""
    job = make_job(attempts=-1, origin=make_origin(1, token="hush-hush"))
    with pytest.raises(StorageError) as caught:
        await put(store, job)
    link: BaseException | None = caught.value
    while link is not None:
        assert "hush" not in str(link)
        assert "lighthouse" not in str(link)
        link = link.__cause__ or link.__context__


async def test_what_waits_of_a_member_in_a_server_and_everywhere(store: Store) -> None:
    async with store.transaction() as tx:
        for number, guild_id in ((1, 700), (2, 701), (3, None)):
            await submit(tx, make_job(number, origin=make_origin(number, guild_id=guild_id)))
        await submit(tx, make_job(4, member=MEMBER + 1))
        await submit(tx, running(make_job(5)))
        for guild_id, expected in ((700, [1]), (701, [2]), (0, [1, 2, 3]), (702, [])):
            found = await tx.jobs.waiting_of(MEMBER, guild_id)
            assert [job.id for job in found] == [f"job{number:05}" for number in expected]

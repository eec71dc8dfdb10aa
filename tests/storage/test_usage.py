"""Usage, lanes and notes: sums over what is in the ledger, on both databases."""

from __future__ import annotations

from bot.domain.breaker import Breaker
from bot.domain.caps import Period
from bot.domain.day_quota import DayQuota
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.lanes import Lane
from bot.domain.ledger import Account, lose, release, settle
from bot.domain.pace import Pace
from bot.domain.requests import Options
from bot.domain.spending_notes import NoteKind, SpendingNote
from bot.domain.usage import DAY_MS, QUARTER, Spent
from storage import Store
from tests.storage.samples import NOON, make_job, make_origin, make_request, put

ANNA, BERT = 11, 12
HERE, THERE = 700, 701
STANDARD, DRAFT = "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image"
ALL = Period(0, 2**62)


async def finished(
    store: Store,
    number: int,
    *,
    member: int = ANNA,
    guild: int | None = HERE,
    micros: int = 100,
    images: int = 1,
    model: str = STANDARD,
    failure: FailureCode | None = None,
    took: int = 12_000,
    at: int = NOON,
    lost: int = 0,
) -> Job:
    """Write a job that has ended, with its ledger."""
    job = make_job(
        number,
        origin=make_origin(number, member_id=member, guild_id=guild),
        request=make_request(options=Options(model, count=images)),
        created_at=at,
    )
    await put(store, job)
    running = job.evolve(state=JobState.RUNNING, started_at=at, lease_owner="w", lease_until=at)
    async with store.transaction() as tx:
        reservation = await tx.ledger.reservation_of(job.id)
        assert reservation is not None
        if failure is None:
            stored = running.to(JobState.STORING, at).to(JobState.SUCCEEDED, at + took, cost_micros=micros)
            await tx.ledger.append(settle(reservation, images=images, micros=micros, now=at + took))
        else:
            stored = running.to(JobState.FAILED, at + took, failure=Failure(failure))
            await tx.ledger.append(release(reservation, now=at + took))
            if lost:
                await tx.ledger.append_loss(lose(reservation, micros=lost, now=at + took))
        await tx.jobs.save(stored, JobState.CREATED)
    return stored


async def test_sums_of_members_servers_models_and_quarters(store: Store) -> None:
    await finished(store, 1, micros=100)
    await finished(store, 2, micros=200, member=BERT, model=DRAFT)
    await finished(store, 3, micros=400, guild=THERE, at=NOON + QUARTER)
    await finished(store, 4, micros=800, at=NOON + QUARTER)
    await finished(store, 5, failure=FailureCode.SAFETY)
    await put(store, make_job(6, origin=make_origin(6, member_id=ANNA, guild_id=HERE)))  # only reserved
    async with store.reading() as tx:
        assert await tx.usage.of_member(ANNA, ALL) == Spent(3, 1300)
        assert await tx.usage.of_member(ANNA, Period(NOON, NOON + 1)) == Spent(1, 100)
        assert await tx.usage.of_server(HERE, ALL) == Spent(3, 1100)
        assert await tx.usage.of_server(999, ALL) == Spent()
        assert list(await tx.usage.by_model(HERE, ALL)) == [(STANDARD, Spent(2, 900)), (DRAFT, Spent(1, 200))]
        assert list(await tx.usage.by_member(HERE, ALL, 10)) == [(ANNA, Spent(2, 900)), (BERT, Spent(1, 200))]
        assert list(await tx.usage.by_member(HERE, ALL, 1)) == [(ANNA, Spent(2, 900))]
        first = NOON // QUARTER * QUARTER
        assert list(await tx.usage.by_quarter(HERE, ALL)) == [
            (first, Spent(2, 300)),
            (first + QUARTER, Spent(1, 800)),
        ]


async def test_what_was_paid_for_nothing_is_in_the_dollars(store: Store) -> None:
    await finished(store, 1, micros=100)
    await finished(store, 2, micros=200, member=BERT, model=DRAFT)
    await finished(store, 3, failure=FailureCode.SAFETY, lost=50)
    await finished(store, 4, failure=FailureCode.NO_IMAGE, lost=7, guild=THERE)
    await finished(store, 5, failure=FailureCode.SAFETY, lost=9, at=NOON + DAY_MS)
    today = Period(NOON - NOON % QUARTER, NOON + 1)
    async with store.reading() as tx:
        assert await tx.usage.of_member(ANNA, today) == Spent(1, 157)
        assert await tx.usage.of_server(HERE, today) == Spent(2, 350)
        assert await tx.usage.of_server(HERE, ALL) == Spent(2, 359)
        assert list(await tx.usage.by_model(HERE, today)) == [
            (DRAFT, Spent(1, 200)),
            (STANDARD, Spent(1, 150)),
        ]
        assert list(await tx.usage.by_member(HERE, today, 1)) == [(BERT, Spent(1, 200))]
        assert list(await tx.usage.by_member(HERE, today, 9))[1] == (ANNA, Spent(1, 150))
        assert list(await tx.usage.by_quarter(HERE, today)) == [(today.start, Spent(2, 350))]
        assert await tx.usage.days_of_member(HERE, ANNA, today) == {0: 150}
        assert sorted(await tx.usage.days_of_members(HERE, today)) == [150, 200]
        lines = await tx.usage.lines_of_server(HERE, ALL, (0, ""), 10)
        # What caps look at stays without it.
        assert await tx.ledger.images_used(ANNA, since=0, until=2**62) == 1
        assert (await tx.ledger.use_of(Account.MEMBER, ANNA, since=0, until=2**62)).micros == 100
    assert [(line.job_id, line.images, line.micros) for line in lines] == [
        ("job00001", 1, 100),
        ("job00002", 1, 200),
        ("job00003", 0, 50),
        ("job00005", 0, 9),
    ]


async def test_what_became_of_requests_and_how_long_they_took(store: Store) -> None:
    await finished(store, 1, took=12_040)
    await finished(store, 2, took=12_099)
    await finished(store, 3, failure=FailureCode.SAFETY, took=1)
    await finished(store, 4, guild=THERE)
    async with store.reading() as tx:
        assert dict(await tx.usage.outcomes(HERE, ALL)) == {("succeeded", None): 2, ("failed", "safety"): 1}
        assert dict(await tx.usage.latencies(HERE, ALL, 100)) == {120: 2}
        assert list(await tx.jobs.latencies(STANDARD, "", since=0, limit=10)) == [12_099, 12_040, 12_000]
        assert list(await tx.jobs.latencies(STANDARD, "2K", since=0, limit=10)) == []


async def test_days_are_counted_from_the_period_and_empty_ones_left_out(store: Store) -> None:
    start = NOON - 3 * DAY_MS
    await finished(store, 1, micros=100, at=start)
    await finished(store, 2, micros=50, at=start + DAY_MS - 1)
    await finished(store, 3, micros=7, at=start + 2 * DAY_MS)
    await finished(store, 4, micros=9, at=start + 2 * DAY_MS, member=BERT)
    period = Period(start, NOON)
    async with store.reading() as tx:
        assert await tx.usage.days_of_member(HERE, ANNA, period) == {0: 150, 2: 7}
        assert await tx.usage.days_of_member(THERE, ANNA, period) == {}
        assert sorted(await tx.usage.days_of_members(HERE, period)) == [7, 9, 150]


async def test_lines_come_in_pages_and_in_order(store: Store) -> None:
    for number in range(1, 8):
        failure = FailureCode.BUSY if number % 3 == 0 else None
        await finished(
            store, number, at=NOON + number // 2, failure=failure, guild=HERE if number < 7 else THERE
        )
    seen: list[str] = []
    after = (0, "")
    async with store.reading() as tx:
        while page := await tx.usage.lines_of_server(HERE, ALL, after, 2):
            seen += [line.job_id for line in page]
            after = (page[-1].asked_at, page[-1].job_id)
        failures = await tx.usage.lines_in_state("failed", ALL, (0, ""), 10)
        successes = await tx.usage.lines_in_state("succeeded", ALL, (0, ""), 10)
    assert seen == [f"job{number:05}" for number in range(1, 7)]
    assert [(line.job_id, line.failure, line.images, line.micros) for line in failures] == [
        ("job00003", "busy", 0, 0),
        ("job00006", "busy", 0, 0),
    ]
    assert [line.seconds for line in successes] == [12.0] * 5


async def test_what_is_known_about_a_model_comes_back(store: Store) -> None:
    lane = Lane(
        STANDARD,
        Breaker(failures=7, jobs=("a",), since=1, open_until=NOON, pause=5),
        Pace(per_minute=9),
        DayQuota(limit=250, named=True, since=1, until=NOON, probe_at=5, pause=6),
    )
    async with store.transaction() as tx:
        await tx.lanes.save(Lane(STANDARD))
        await tx.lanes.save(lane)
    async with store.reading() as tx:
        assert list(await tx.lanes.all()) == [lane]


async def test_a_note_is_kept_and_sent_once(store: Store) -> None:
    note = SpendingNote(HERE, NoteKind.BUDGET, "2026-11:50", NOON, {"mark": 50})
    async with store.transaction() as tx:
        assert await tx.spending_notes.insert(note)
        assert not await tx.spending_notes.insert(note)
        assert list(await tx.spending_notes.unsent(10)) == [note]
        await tx.spending_notes.mark_sent(note, NOON)
        assert not await tx.spending_notes.insert(note)
        assert list(await tx.spending_notes.unsent(10)) == []


async def test_what_is_at_work_is_told_to_stop_once(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        job = await tx.jobs.claim("w", now=NOON + 9, lease_until=NOON + 99, max_running=9, max_per_member=9)
        assert job is not None
        assert await tx.jobs.cancel_running("job00002", NOON) is None  # it waits
        noted = await tx.jobs.cancel_running(job.id, NOON + 10)
        assert noted is not None
        assert noted.cancelled_at == NOON + 10
        assert await tx.jobs.cancel_running(job.id, NOON + 11) is None
        assert list(await tx.jobs.cancelled_of("w")) == [job.id]
        assert list(await tx.jobs.cancelled_of("other")) == []
        assert [found.id for found in await tx.jobs.waiting_since(NOON + 3)] == ["job00002"]

"""Looking at the data from beside the bot, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.cases import Action
from bot.domain.jobs import Failure, FailureCode, JobState
from bot.domain.ledger import release, settle
from bot.domain.requests import Reference
from bot.domain.vitals import Vitals
from bot.errors import StorageError
from storage import Store
from storage.disk_state import look_at_disk
from storage.inspection import Inspector
from storage.migrate import known_migrations, migrate
from storage.safety import BEGAN, STAGING
from storage.store import DATABASE
from tests.storage.conftest import Place
from tests.storage.moderation_samples import make_case
from tests.storage.samples import NOON, keep, make_answer, make_image, make_job, make_request, put
from tests.storage.server_samples import make_state


def inspector(place: Place) -> Inspector:
    return Inspector(place.url, place.folder, place.folder / DATABASE)


async def test_a_picture_counts_as_named_wherever_its_name_stands(place: Place, store: Store) -> None:
    names = {what: await keep(store, what.encode()) for what in ("image", "input", "answer", "nobody's")}
    request = make_request(references=(Reference(names["input"], "image/png", 5),))
    await put(store, make_job(1, request=request))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", sha256=names["image"]))
    content = {"parts": [{"inlineData": {"blob": names["answer"]}}]}
    await store.blobs.keep_answer("job00001", 0, make_answer(pictures=(), content=content))
    async with inspector(place) as looking:
        state = await looking.blobs()
    assert state.count == state.looked_at == 4
    assert [path.name for path in state.orphans] == [names["nobody's"]]
    assert (state.missing, state.damaged) == ((), ())


async def test_what_is_shown_and_gone_or_damaged_is_found(place: Place, store: Store) -> None:
    gone, broken = await keep(store, b"gone"), await keep(store, b"broken")
    await put(store, make_job(1))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", 0, sha256=gone, size=4))
        await tx.images.insert(make_image("job00001", 1, sha256=broken, size=6))
    store.blobs.path(gone).unlink()
    store.blobs.path(broken).write_bytes(b"brakon")
    async with inspector(place) as looking:
        state = await looking.blobs()
    assert (state.missing, state.damaged, state.orphans) == ((gone,), (broken,), ())


async def test_whatever_is_cut_off_is_found_without_luck(
    place: Place, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.blob_state.SAMPLE", 0)
    names = [await keep(store, data) for data in (b"emptied", b"cut off", b"whole", b"deleted")]
    await put(store, make_job(1))
    async with store.transaction() as tx:
        for position, (digest, size) in enumerate(zip(names, (7, 7, 5, 7), strict=True)):
            await tx.images.insert(make_image("job00001", position, sha256=digest, size=size))
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE images SET deleted_at = 1, deleted_by = 1 WHERE position = 3")
    store.blobs.path(names[0]).write_bytes(b"")
    store.blobs.path(names[1]).write_bytes(b"cut")
    store.blobs.path(names[3]).write_bytes(b"")
    async with inspector(place) as looking:
        state = await looking.blobs()
    assert (state.cut_off, state.damaged) == (tuple(sorted(names[:2])), ())


async def test_the_ledger_is_reconciled(place: Place, store: Store) -> None:
    await put(store, *(make_job(number) for number in range(1, 5)))
    async with store.transaction() as tx:
        for number in (1, 2, 3):
            job = await tx.jobs.get(f"job{number:05}")
            assert job is not None
            reservation = await tx.ledger.reservation_of(job.id)
            assert reservation is not None
            if number == 1:
                await tx.ledger.append(release(reservation, now=NOON))
            if number == 2:  # settled for a picture that it does not have
                await tx.ledger.append(settle(reservation, images=1, micros=1, now=NOON))
            failed = job.to(JobState.FAILED, NOON + 9, failure=Failure(FailureCode.SAFETY))
            await tx.jobs.save(failed, JobState.CREATED)
        await tx.jobs.insert(make_job(5))
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE ledger_sums SET images = images + 5 WHERE account = 'server'")
    async with inspector(place) as looking:
        state = await looking.ledger()
    assert (state.unclosed, state.unreserved, state.miscounted, state.bereft) == (
        ("job00003",),
        ("job00005",),
        ("job00002",),
        (),
    )


async def test_jobs_whose_entries_are_gone_are_named(place: Place, store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        job = await tx.jobs.get("job00001")
        reservation = await tx.ledger.reservation_of("job00001")
        assert job is not None
        assert reservation is not None
        await tx.ledger.append(release(reservation, now=NOON))
        failed = job.to(JobState.FAILED, NOON + 9, failure=Failure(FailureCode.SAFETY))
        await tx.jobs.save(failed, JobState.CREATED)
    async with store.engine.transaction() as connection:
        suffix = "" if store.engine.dialect == "sqlite" else " ON ledger"
        await connection.execute(f"DROP TRIGGER ledger_keeps_entries{suffix}")
        await connection.execute("DELETE FROM ledger WHERE job_id = 'job00001'")
    async with inspector(place) as looking:
        state = await looking.ledger()
    assert (state.bereft, state.unclosed, state.unreserved) == (("job00001",), (), ())


async def test_version_and_wholeness(place: Place, store: Store) -> None:
    async with inspector(place) as looking:
        state = await looking.database(thorough=True)
        assert await looking.is_current()
    assert state.server.startswith("PostgreSQL " if place.url else "SQLite ")
    assert (state.behind, state.ahead, state.faults) == (0, False, ())
    assert (state.refused, state.gaps, state.journal) == ("", (), "" if place.url else "wal")
    async with store.engine.transaction() as connection:
        await connection.execute("INSERT INTO schema_migrations VALUES (99, '0099_future', 'x', 0)")
    async with inspector(place) as looking:
        assert (await looking.database(thorough=False)).ahead
        assert not await looking.is_current()


async def test_migrations_that_are_others_or_gone(place: Place, store: Store) -> None:
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE schema_migrations SET checksum = 'x' WHERE number = 3")
        await connection.execute("DELETE FROM schema_migrations WHERE number = 5")
    async with inspector(place) as looking:
        state = await looking.database(thorough=False)
    assert "the migration 0003_gallery is not the one" in state.refused
    assert state.gaps == ("0005_rules",)
    with pytest.raises(StorageError, match="0003_gallery"):
        await migrate(store.engine, known_migrations())


async def test_pictures_without_their_database_are_no_orphans(place: Place) -> None:
    async with place.open() as store:
        digest = await keep(store, b"somebody's")
        async with inspector(place) as looking:
            assert not (await looking.blobs()).used
        await put(store, make_job())
        async with inspector(place) as looking:
            assert (await looking.blobs()).used
        if place.url:
            return
    (place.folder / DATABASE).unlink()
    for made in (False, True):
        if made:
            (place.folder / DATABASE).touch()
        with pytest.raises(StorageError, match=r"not \(any more\)"):
            async with inspector(place):
                pass
    assert (place.folder / "blobs" / digest[:2] / digest).is_file()


async def test_a_folder_that_is_half_restored_is_not_looked_at(place: Place) -> None:
    async with place.open():
        pass
    (place.folder / STAGING).mkdir()
    async with inspector(place):
        pass
    (place.folder / STAGING / BEGAN).touch()
    with pytest.raises(StorageError, match="was interrupted"):
        async with inspector(place):
            pass
    with pytest.raises(StorageError, match="was interrupted"):
        async with place.open():
            pass


async def test_there_is_nothing_to_look_at_yet(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        async with Inspector("", tmp_path, tmp_path / DATABASE):
            pass


async def test_channels_that_servers_have_set(place: Place, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.settings.save_server(make_state(guild_id=700, desk_channel=5, log_channel=6))
        await tx.settings.save_server(make_state(guild_id=701))
        await tx.settings.save_server(make_state(guild_id=702, desk_channel=7))
        await tx.privacy.leave_server(702, now=NOON)
    async with inspector(place) as looking:
        assert await looking.set_channels() == [(700, "desk_channel", 5), (700, "log_channel", 6)]


def test_a_folder_that_is_not_there_yet_is_looked_at_by_its_parent(tmp_path: Path) -> None:
    state = look_at_disk(tmp_path / "data" / "deep", (DATABASE,), f"{DATABASE}-wal")
    assert (state.free > 0, state.wal, state.closed) == (True, 0, ())


async def test_vitals_count_what_is_not_done(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.vitals.get() == Vitals(0, 0, 0, None, 0, 0)
    await put(store, make_job(2), make_job(1), make_job(3))
    async with store.transaction() as tx:
        await tx.jobs.claim("me", now=NOON, lease_until=NOON, max_running=9, max_per_member=9)
    async with store.reading() as tx:
        assert await tx.vitals.get() == Vitals(2, 1, 0, NOON + 2, 0, 0)
    # One case that is open, and one that was decided.
    async with store.transaction() as tx:
        for number in (1, 2):
            await tx.images.insert(make_image(f"job{number:05d}"))
        await tx.cases.insert(make_case("job00001p0", 1, opened_at=NOON + 5))
        decided = make_case("job00002p0", 2, opened_at=NOON)
        await tx.cases.insert(decided)
        await tx.cases.save(decided.after(Action.DISMISS, by=1, now=NOON, seen=0), expected=0)
    async with store.reading() as tx:
        vitals = await tx.vitals.get()
    assert (vitals.open_cases, vitals.oldest_case_at) == (1, NOON + 5)

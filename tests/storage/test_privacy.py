"""What is kept of people, on both databases: forgotten in steps, and nothing else with it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.domain.cases import Action, Case, CaseState
from bot.domain.images import Sender, Withheld
from bot.domain.privacy import DAY_MS, EXPORT_PAUSE_MS, Erasure, Retention
from bot.errors import StorageError
from storage import Store
from storage.orphans import LISTS
from storage.store import Transaction
from tests.storage.conftest import Place
from tests.storage.history import fill
from tests.storage.moderation_samples import make_case
from tests.storage.samples import MEMBER, NOON, keep, make_image, make_job, select, submit
from tests.storage.server_samples import GUILD, MANAGER, make_entry

LATER = NOON + 40 * DAY_MS  # no cap looks back so far
WISH = Erasure(-77, MEMBER, NOON + DAY_MS)
STILL_HOLDS = {"strikes", "bans", "member_notes"}  # a strike that counts, and what is known with it
# What else is told by a digest, and what lost somebody already.
HASHED = {
    *("schema_migrations", "blocked_pictures", "audit", "audit_head", "retractions", "freed_files"),
}
DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
TEXT = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


async def erase(store: Store, wish: Erasure = WISH, now: int = LATER, limit: int = 1) -> None:
    """Forget everything, in steps as small as can be."""
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        while await store.write(partial(_erase, kind, wish, now, limit)):
            pass


async def _erase(kind: str, wish: Erasure, now: int, limit: int, tx: Transaction) -> int:
    return await tx.privacy.erase(kind, wish, now=now, limit=limit)


async def _purge(kind: str, cutoffs: Mapping[str, int], now: int, tx: Transaction) -> int:
    return await tx.privacy.purge(kind, cutoffs, now=now, limit=1)


async def purge(store: Store, now: int, **days: int) -> None:
    cutoffs = replace(Retention(), **days).cutoffs(now)
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        while await store.write(partial(_purge, kind, cutoffs, now)):
            pass


async def texts(store: Store) -> str:
    """Everything in an SQLite database as one text."""
    found = []
    async with store.engine.reading() as connection:
        for table in await connection.fetch_all(TEXT):
            rows: list[Any] = list(await connection.fetch_all(f"SELECT * FROM {table['name']}"))
            found += [f"{table['name']} {tuple(row)}" for row in rows]
    return "\n".join(found)


async def test_everything_of_a_member_goes(sqlite_place: Place) -> None:
    """No table is named here: one that is added and forgets nobody is found by what it holds."""
    await fill(sqlite_place.folder)
    async with sqlite_place.open() as store:
        async with store.engine.transaction() as connection:  # nobody is at work any more
            await connection.execute(
                "UPDATE jobs SET state = 'failed', failure_code = 'unknown', finished_at = 1, "
                "lease_owner = NULL, lease_until = NULL WHERE state NOT IN ('succeeded', 'failed')"
            )
        before = await texts(store)
        assert str(MEMBER) in before and "lighthouse" in before
        await erase(store)
        left = await texts(store)
        named = [line for line in left.splitlines() if str(MEMBER) in line or "lighthouse" in line]
        assert [line for line in named if line.partition(" ")[0] not in STILL_HOLDS] == []
        assert str(MANAGER) in left  # whose style and settings stay


async def test_sums_and_others_stay(store: Store) -> None:
    async with store.transaction() as tx:
        for number, member in ((1, MEMBER), (2, MEMBER + 1)):
            await submit(tx, make_job(number, member=member))
            await tx.images.insert(make_image(f"job0000{number}", owner_id=member))
    sums = (
        "SELECT guild_id, SUM(reserved_images) AS images, COUNT(*) AS entries FROM ledger GROUP BY guild_id"
    )
    before = await select(store, sums, "guild_id", "images", "entries")
    await erase(store)
    assert await select(store, sums, "guild_id", "images", "entries") == before
    owners = await select(store, "SELECT DISTINCT member_id AS m FROM ledger ORDER BY 1", "m")
    assert owners == [(WISH.id,), (MEMBER + 1,)]
    async with store.reading() as tx:
        other = await tx.images.get("job00002p0")
        assert other is not None and other == make_image("job00002", owner_id=MEMBER + 1)


async def test_what_counts_against_caps_stays_by_name_until_their_time_is_over(store: Store) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job(1))
    await erase(store, now=NOON + DAY_MS)
    async with store.reading() as tx:
        assert await tx.ledger.images_used(MEMBER, since=0, until=2**62) == 1
    await erase(store, now=LATER)
    async with store.reading() as tx:
        assert await tx.ledger.images_used(MEMBER, since=0, until=2**62) == 0
        assert await tx.ledger.images_used(WISH.id, since=0, until=2**62) == 1


async def test_what_is_younger_than_the_wish_stays(store: Store) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job(1, created_at=WISH.asked_at + 1))
        await tx.images.insert(make_image("job00001", created_at=WISH.asked_at + 1))
    await erase(store)
    async with store.reading() as tx:
        job, image = await tx.jobs.get("job00001"), await tx.images.get("job00001p0")
    assert job is not None and job.request.prompt and job.origin.member_id == MEMBER
    assert image is not None and image.owner_id == MEMBER


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger SET member_id = 5",
        "UPDATE ledger SET member_id = -5, reserved_images = 0",
        "UPDATE ledger SET member_id = -5, at = 1",
        "DELETE FROM ledger",
        "UPDATE audit SET actor_id = 5",
        "UPDATE audit SET actor_id = -5, action = 'other'",
        "UPDATE audit SET actor_id = -5, data = '{\"x\": 1}'",
        "DELETE FROM audit",
    ],
)
async def test_nothing_else_of_the_record_can_be_changed(place: Place, sql: str) -> None:
    if not place.url:
        await fill(place.folder)
    async with place.open() as store:
        if place.url:
            async with store.transaction() as tx:
                await submit(tx, make_job(1))
                await tx.audit.append(make_entry())
        with pytest.raises(StorageError, match="append-only"):
            async with store.engine.transaction() as connection:
                await connection.execute(sql)


async def test_a_term_ends_and_not_before(store: Store) -> None:
    async with store.transaction() as tx:
        for number in (1, 2):
            job = make_job(number)
            await submit(tx, job)
            await tx.images.insert(make_image(job.id, sha256=f"{number}" * 64))
        await tx.images.mark_deleted("job00001p0", now=NOON, by=MEMBER)
    async with store.engine.transaction() as connection:
        await connection.execute(
            "UPDATE jobs SET state = 'failed', failure_code = 'unknown', finished_at = created_at"
        )

    async def kept() -> list[tuple[Any, ...]]:
        return await select(
            store, "SELECT id, forgotten_at IS NULL AS kept FROM images ORDER BY id", "id", "kept"
        )

    await purge(store, NOON + 30 * DAY_MS - 1)
    assert [bool(row[1]) for row in await kept()] == [True, True]
    await purge(store, NOON + 30 * DAY_MS + 1)
    assert [bool(row[1]) for row in await kept()] == [False, True]
    await purge(store, NOON + 1000 * DAY_MS, images_days=0)
    assert [bool(row[1]) for row in await kept()] == [False, True]
    await purge(store, NOON + 366 * DAY_MS)
    assert [bool(row[1]) for row in await kept()] == [False, False]
    async with store.reading() as tx:
        forgotten = await tx.jobs.get("job00001")
    assert forgotten is not None and (forgotten.request.prompt, forgotten.origin.channel_id) == ("", 0)


async def removed(store: Store, number: int, *, decided_at: int, created_at: int = NOON) -> Case:
    """A picture that moderators removed."""
    job = make_job(number, created_at=created_at)
    digest = f"{number}" * 64
    case = make_case(f"{job.id}p0", number, opened_at=created_at, updated_at=created_at)
    async with store.transaction() as tx:
        await submit(tx, job)
        await tx.images.insert(make_image(job.id, sha256=digest, created_at=created_at, guild_id=GUILD))
        assert await tx.cases.insert(case)
        decided = case.after(Action.REMOVE, by=MANAGER, now=decided_at, seen=0)
        await tx.cases.save(decided, expected=0)
        await tx.images.withhold(case.image_id, Withheld.REMOVED)
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE jobs SET state = 'succeeded', finished_at = created_at")
    return decided


async def there(store: Store, case: Case) -> bool:
    rows = await select(
        store, "SELECT id, forgotten_at IS NULL AS kept FROM images ORDER BY id", "id", "kept"
    )
    return bool(dict(rows)[case.image_id])


@pytest.mark.parametrize(
    ("days", "lasts"),
    [
        ({}, 180),
        ({"images_days": 0}, 180),  # without an end is for what nobody removed
        ({"cases_days": 20}, 30),  # a case lasts no less than evidence
        ({"cases_days": 1, "evidence_days": 400, "images_days": 10}, 400),
        ({"images_days": 1}, 180),
    ],
)
async def test_what_moderators_removed_is_evidence_for_its_time(
    store: Store, days: dict[str, int], lasts: int
) -> None:
    decided = NOON + 5 * DAY_MS
    case = await removed(store, 1, decided_at=decided)
    await purge(store, decided + lasts * DAY_MS, **days)
    assert await there(store, case)
    async with store.reading() as tx:
        job = await tx.jobs.get("job00001")
    assert job is not None and job.request.prompt
    await purge(store, decided + lasts * DAY_MS + 1, **days)
    assert not await there(store, case)
    async with store.reading() as tx:
        job = await tx.jobs.get("job00001")
        assert await tx.images.is_withheld(
            "1" * 64, Sender(GUILD, MEMBER)
        )  # it does not come back under another name
        assert await tx.cases.get(case.id) is not None
    assert job is not None and not job.request.prompt


async def test_what_was_removed_is_evidence_as_long_as_its_case_is_open_again(store: Store) -> None:
    case = await removed(store, 1, decided_at=NOON)
    async with store.transaction() as tx:
        again = case.evolve(state=CaseState.OPEN, turn=case.turn + 1)
        await tx.cases.save(again, expected=case.turn)
    await purge(store, NOON + 3000 * DAY_MS)
    assert await there(store, case)


async def test_what_was_deleted_on_its_last_day_is_evidence_for_its_whole_time(store: Store) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job(1))
        await tx.images.insert(make_image("job00001"))
        await tx.images.mark_deleted("job00001p0", now=NOON + 364 * DAY_MS, by=MEMBER)
    sql = "SELECT forgotten_at IS NULL AS kept FROM images"
    await purge(store, NOON + 380 * DAY_MS)
    assert await select(store, sql, "kept") == [(True,)]
    await purge(store, NOON + 395 * DAY_MS)
    assert await select(store, sql, "kept") == [(False,)]


async def test_a_server_is_forgotten_alone(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.privacy.leave_server(GUILD, now=NOON)
        await tx.privacy.leave_server(GUILD, now=NOON + 5)  # known already
    async with store.transaction() as tx:
        assert list(await tx.privacy.left_servers(NOON)) == []
        assert list(await tx.privacy.left_servers(NOON + 1)) == [GUILD]
        assert await tx.privacy.enter_server(GUILD)
        assert not await tx.privacy.enter_server(GUILD)
        assert list(await tx.privacy.left_servers()) == []


async def test_exports_have_a_pause_between_them(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.privacy.begin_export(MEMBER, now=NOON, pause=EXPORT_PAUSE_MS) is None
        assert await tx.privacy.begin_export(MEMBER, now=NOON + 5, pause=EXPORT_PAUSE_MS) == NOON
        assert await tx.privacy.begin_export(MEMBER + 1, now=NOON + 5, pause=EXPORT_PAUSE_MS) is None
        later = NOON + EXPORT_PAUSE_MS
        assert await tx.privacy.begin_export(MEMBER, now=later, pause=EXPORT_PAUSE_MS) is None


async def test_every_page_of_an_export_follows_the_one_before(store: Store) -> None:
    async with store.transaction() as tx:
        for number in range(1, 8):
            await submit(tx, make_job(number))
    found: list[str] = []
    after: str | None = ""
    async with store.reading() as tx:
        while after is not None:
            page = await tx.privacy.export("requests", MEMBER, after, 3)
            found += [row["id"] for row in page.rows]
            after = page.after
    assert found == [f"job{number:05}" for number in range(1, 8)]


# --- files ------------------------------------------------------------------------------------------------


async def test_a_file_goes_with_the_last_row_that_needs_it(place: Place) -> None:
    async with place.open() as store:
        shared, own = await keep(store, b"shared"), await keep(store, b"own")
        async with store.transaction() as tx:
            for number, member in ((1, MEMBER), (2, MEMBER + 1)):
                await submit(tx, make_job(number, member=member))
                for position, digest in enumerate((shared, own) if member == MEMBER else (shared,)):
                    image = make_image(f"job0000{number}", position, owner_id=member, sha256=digest)
                    await tx.images.insert(image)
        async with store.engine.transaction() as connection:
            await connection.execute(
                "UPDATE jobs SET state = 'failed', failure_code = 'unknown', finished_at = created_at"
            )
        await erase(store)
        orphans = store.orphans()
        assert await orphans.remove_freed() == 1
        assert (store.blobs.path(shared).is_file(), store.blobs.path(own).is_file()) == (True, False)
        await erase(store, replace(WISH, member_id=MEMBER + 1, id=-78))
        assert await orphans.remove_freed() == 1
        assert not store.blobs.path(shared).is_file()
        assert await orphans.remove_freed() == 0


async def test_the_file_of_what_was_removed_goes_with_its_evidence(place: Place) -> None:
    async with place.open() as store:
        digest = await keep(store, b"removed")
        case = await removed(store, 1, decided_at=NOON)
        async with store.engine.transaction() as connection:
            await connection.execute("UPDATE images SET sha256 = :digest", {"digest": digest})
        await purge(store, NOON + 180 * DAY_MS + 1)
        assert not await there(store, case)
        assert await store.orphans().remove_freed() == 1
        assert not store.blobs.path(digest).is_file()


async def test_files_without_an_owner_go_once_they_are_a_day_old(place: Place) -> None:
    async with place.open() as store:
        old, fresh = await keep(store, b"old"), await keep(store, b"fresh")
        yesterday = time.time() - 2 * 86_400
        os.utime(store.blobs.path(old), (yesterday, yesterday))
        # A database without any request is a new one: whose files these are it cannot know.
        assert await store.orphans().remove_orphans() == 0
        async with store.transaction() as tx:
            await submit(tx, make_job(1))
        assert await store.orphans().remove_orphans() == 1
        assert (store.blobs.path(old).is_file(), store.blobs.path(fresh).is_file()) == (False, True)


async def test_every_column_that_names_a_file_is_asked(sqlite_place: Place) -> None:
    """Each column where a filled database has a digest is read by one of the lists."""
    await fill(sqlite_place.folder)
    asked = {
        (found[1], name)
        for sql in LISTS
        if (found := re.search(r"FROM (\w+)", sql))
        for name in re.findall(r"(\w+) AS [ab]\b", sql)
    }
    named = set()
    async with sqlite_place.open() as store, store.engine.reading() as connection:
        for table in await connection.fetch_all(TEXT):
            rows: list[Any] = list(await connection.fetch_all(f"SELECT * FROM {table['name']}"))
            for row in map(dict, rows):
                named |= {(table["name"], key) for key, value in row.items() if DIGEST.search(str(value))}
    # What is blocked is known by its hash, and needs no file.
    named = {where for where in named if where[0] not in HASHED}
    assert ("jobs", "request") in named
    assert named <= asked


async def test_a_case_names_nobody_once_its_time_is_over(store: Store) -> None:
    case = await removed(store, 1, decided_at=NOON)
    names = "SELECT member_id, decided_by FROM cases"
    await purge(store, NOON + 180 * DAY_MS)
    assert await select(store, names, "member_id", "decided_by") == [(case.member_id, MANAGER)]
    await purge(store, NOON + 180 * DAY_MS + 1)
    assert await select(store, names, "member_id", "decided_by") == [(0, 0)]


async def test_an_open_case_that_was_claimed_by_who_is_erased_is_free_again(store: Store) -> None:
    case = make_case("job00001p0")
    async with store.transaction() as tx:
        await submit(tx, make_job(1, member=MEMBER + 1))
        await tx.images.insert(make_image("job00001", owner_id=MEMBER + 1))
        assert await tx.cases.insert(case)
        await tx.cases.save(case.after(Action.CLAIM, by=MEMBER, now=NOON, seen=0), expected=0)
    await erase(store)
    async with store.reading() as tx:
        found = await tx.cases.get(case.id)
    assert found is not None and found.state is CaseState.OPEN
    assert (found.claimed_by, found.claimed_at) == (None, None)

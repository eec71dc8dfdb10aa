"""The same picture under several ids: withheld together in one server, and nowhere else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.cases import Action
from bot.domain.images import Image, Sender, Withheld
from bot.domain.privacy import DAY_MS, Retention
from bot.studio.withholding import withhold_twins
from storage import Store
from storage.engine import Value
from storage.images import NO_FILE
from storage.migrate import known_migrations
from storage.store import DATABASE
from tests.storage.conftest import Place
from tests.storage.history import restore
from tests.storage.moderation_samples import make_case
from tests.storage.samples import MEMBER, NOON, make_image, make_job, put, select
from tests.storage.server_samples import GUILD

BYTES = "5" * 64
ELSEWHERE = GUILD + 1
SOMEBODY = MEMBER + 7


async def written(store: Store, number: int, **changes: Any) -> Image:
    values: dict[str, Any] = {"guild_id": GUILD, "private": False, "sha256": BYTES}
    image = make_image(f"job{number:05d}", **(values | changes))
    await put(store, make_job(number))
    async with store.transaction() as tx:
        await tx.images.insert(image)
    return image


async def withhold(store: Store, image: Image, judged: Withheld | None) -> list[str]:
    async with store.transaction() as tx:
        return sorted(await tx.images.withhold(image.id, judged))


async def now(store: Store, *images: Image) -> list[tuple[Withheld | None, Withheld | None]]:
    async with store.reading() as tx:
        found = [await tx.images.get(image.id) for image in images]
    return [(image.withheld, image.judged) for image in found if image is not None]


@pytest.mark.parametrize("why", Withheld)
async def test_what_has_the_same_bytes_in_its_server_goes_with_it(store: Store, why: Withheld) -> None:
    image, twin = await written(store, 1), await written(store, 2, owner_id=SOMEBODY, private=True)
    others = [
        await written(store, 3, guild_id=ELSEWHERE),
        await written(store, 4, guild_id=None),
        await written(store, 5, sha256="6" * 64),
    ]
    assert await withhold(store, image, why) == [image.id, twin.id]
    assert await now(store, image, twin) == [(why, why), (why, None)]
    assert await now(store, *others) == [(None, None)] * 3
    assert await withhold(store, image, why) == []
    async with store.reading() as tx:
        assert [item.id for item in await tx.images.twins(image.id)] == [twin.id]
    assert await withhold(store, image, None) == [image.id, twin.id]
    assert await now(store, image, twin, *others) == [(None, None)] * 5


async def test_what_is_made_later_is_withheld_from_the_start(store: Store) -> None:
    image = await written(store, 1)
    await withhold(store, image, Withheld.REMOVED)
    later = [
        await written(store, 2),
        await written(store, 3, guild_id=ELSEWHERE),
        await written(store, 4, guild_id=None),
    ]
    assert await now(store, *later) == [(Withheld.REMOVED, None), (None, None), (None, None)]
    assert await withhold(store, image, None) == [image.id, later[0].id]


async def test_of_two_judgements_the_strictest_counts(store: Store) -> None:
    one, other = await written(store, 1), await written(store, 2)
    assert await withhold(store, one, Withheld.HIDDEN) == [one.id, other.id]
    assert await withhold(store, other, Withheld.REMOVED) == [one.id, other.id]
    assert await now(store, one, other) == [
        (Withheld.REMOVED, Withheld.HIDDEN),
        (Withheld.REMOVED, Withheld.REMOVED),
    ]
    assert await withhold(store, one, None) == []
    assert await withhold(store, one, Withheld.HIDDEN) == []
    assert await withhold(store, other, None) == [one.id, other.id]
    assert await now(store, one, other) == [(Withheld.HIDDEN, Withheld.HIDDEN), (Withheld.HIDDEN, None)]


async def test_who_may_not_send_it_again(store: Store) -> None:
    image = await written(store, 1)
    child = await written(store, 2, guild_id=ELSEWHERE, sha256="6" * 64, parent=image.id)
    grandchild = await written(store, 3, guild_id=ELSEWHERE, sha256="7" * 64, parent=child.id)
    stranger = await written(store, 4, guild_id=ELSEWHERE, sha256="8" * 64)
    await withhold(store, image, Withheld.REMOVED)
    async with store.reading() as tx:

        async def refused(guild: int | None, member: int, parent: str | None = None) -> bool:
            return await tx.images.is_withheld(BYTES, Sender(guild, member, parent))

        assert await refused(GUILD, SOMEBODY)  # by nobody where it was removed
        assert await refused(ELSEWHERE, MEMBER) and await refused(None, MEMBER)  # nor by its maker
        assert await refused(ELSEWHERE, SOMEBODY, child.id)  # nor for what was made from it
        assert await refused(None, SOMEBODY, grandchild.id)
        assert not await refused(ELSEWHERE, SOMEBODY)  # others learn nothing of it
        assert not await refused(None, SOMEBODY)
        assert not await refused(ELSEWHERE, SOMEBODY, stranger.id)
        assert not await tx.images.is_withheld("6" * 64, Sender(GUILD, MEMBER))
    await withhold(store, image, None)
    async with store.reading() as tx:
        assert not await tx.images.is_withheld(BYTES, Sender(GUILD, MEMBER))


async def test_a_circle_of_parents_ends(store: Store) -> None:
    image = await written(store, 1)
    await written(store, 2, sha256="6" * 64, guild_id=None, parent="job00003p0", owner_id=SOMEBODY)
    await written(store, 3, sha256="7" * 64, guild_id=None, parent="job00002p0", owner_id=SOMEBODY)
    await withhold(store, image, Withheld.REMOVED)
    async with store.reading() as tx:
        assert not await tx.images.is_withheld(BYTES, Sender(None, SOMEBODY, "job00002p0"))


async def purge(store: Store, at: int) -> None:
    cutoffs = Retention().cutoffs(at)
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        async with store.transaction() as tx:
            await tx.privacy.purge(kind, cutoffs, now=at, limit=100)


async def test_the_same_picture_is_kept_as_long_as_it_may_be_restored(store: Store) -> None:
    """And forgotten, without its file, when the time of the case's evidence is over."""
    image, twin = await written(store, 1), await written(store, 2)
    async with store.transaction() as tx:
        case = make_case(image.id).after(Action.REMOVE, by=1, now=NOON, seen=0)
        await tx.cases.insert(make_case(image.id))
        await tx.cases.save(case, expected=0)
        await tx.images.withhold(image.id, Withheld.REMOVED)
    await purge(store, NOON + DAY_MS)
    assert await withhold(store, image, None) == [image.id, twin.id]
    await withhold(store, image, Withheld.REMOVED)
    await purge(store, NOON + 400 * DAY_MS)
    async with store.reading() as tx:
        kept = [await tx.images.get(item.id) for item in (image, twin)]
        assert [item.sha256 for item in kept if item and item.deleted_at] == [BYTES, BYTES]
        assert await tx.images.is_withheld(BYTES, Sender(GUILD, SOMEBODY))


async def test_what_was_forgotten_meanwhile_keeps_nothing_back(store: Store) -> None:
    """Its row keeps the digest as long as it is withheld, and is no reason for anything by itself."""
    image, twin = await written(store, 1), await written(store, 2)
    await withhold(store, image, Withheld.REMOVED)
    async with store.engine.transaction() as connection:
        await connection.execute(
            f"UPDATE images SET forgotten_at = 1, deleted_at = 1, deleted_by = 0 WHERE id = '{twin.id}'"
        )
    assert await withhold(store, image, None) == [image.id, twin.id]
    async with store.reading() as tx:
        forgotten = await tx.images.get(twin.id)
        assert forgotten is not None and forgotten.sha256 == NO_FILE
        assert not await tx.images.is_withheld(BYTES, Sender(GUILD, MEMBER))


async def test_what_is_forgotten_has_no_bytes_in_common(store: Store) -> None:
    image, other = await written(store, 1, sha256=NO_FILE), await written(store, 2, sha256=NO_FILE)
    assert await withhold(store, image, Withheld.REMOVED) == [image.id]
    assert await now(store, other) == [(None, None)]


async def test_an_upgrade_withholds_what_was_left_beside(tmp_path: Path) -> None:
    """And has its messages changed, those that nobody has deleted."""
    known = known_migrations()
    this = next(at for at, item in enumerate(known) if item.name.endswith("_removed_everywhere"))
    restore(known[this - 1], tmp_path / "old")
    columns = "owner_id, private, mime, width, height, size, created_at"
    with closing(sqlite3.connect(tmp_path / "old" / DATABASE)) as database:
        database.execute("DELETE FROM notices")
        for number, (image_id, guild, digest, withheld, deleted) in enumerate(
            (
                ("removed", GUILD, BYTES, "removed", None),
                ("hidden", GUILD, BYTES, "hidden", None),
                ("beside", GUILD, BYTES, None, None),
                ("deleted", GUILD, BYTES, None, 1),
                ("foreign", ELSEWHERE, BYTES, None, None),
                ("nowhere", None, BYTES, None, None),
                ("another", GUILD, "6" * 64, None, None),
            )
        ):
            database.execute(
                f"INSERT INTO images (id, job_id, position, guild_id, sha256, withheld, deleted_at, "
                f"deleted_by, {columns}) SELECT ?, job_id, ?, ?, ?, ?, ?, ?, {columns} FROM images "
                "WHERE id = 'job00004p0'",
                (image_id, number + 10, guild, digest, withheld, deleted, deleted),
            )
        database.commit()
    async with Place("", tmp_path / "old").open() as store:
        found = "SELECT id, withheld, judged FROM images WHERE position >= 10 ORDER BY position"
        assert await select(store, found, "id", "withheld", "judged") == [
            ("removed", "removed", "removed"),
            ("hidden", "removed", "hidden"),
            ("beside", "removed", None),
            ("deleted", "removed", None),
            ("foreign", None, None),
            ("nowhere", None, None),
            ("another", None, None),
        ]
        told = "SELECT kind, subject, due_at FROM notices ORDER BY subject"
        assert await select(store, told, "kind", "subject", "due_at") == [
            ("picture", "beside", 0),
            ("picture", "hidden", 0),
        ]


async def test_the_cases_about_the_same_picture(store: Store) -> None:
    image, twin, foreign = (
        await written(store, 1),
        await written(store, 2),
        await written(store, 3, guild_id=ELSEWHERE),
    )
    cases = [
        make_case(image.id, 1),
        make_case(twin.id, 2),
        make_case(foreign.id, 1, id="foreign", guild_id=ELSEWHERE),
    ]
    async with store.transaction() as tx:
        for case in cases:
            await tx.cases.insert(case)
        assert list(await tx.cases.of_twins(image.id)) == [cases[1]]
        assert list(await tx.cases.of_twins(twin.id)) == [cases[0]]
        assert list(await tx.cases.of_twins(foreign.id)) == []


async def test_what_came_while_it_was_decided_is_withheld_by_its_notice(store: Store) -> None:
    """Another process has written it in a transaction that the decision could not see."""
    image, twin = await written(store, 1), await written(store, 2)
    await withhold(store, image, Withheld.REMOVED)
    unseen: dict[str, Value] = {"id": twin.id}
    async with store.engine.transaction() as connection:
        await connection.execute("UPDATE images SET withheld = NULL WHERE id = :id", unseen)
    async with store.transaction() as tx:
        await withhold_twins(tx, twin.id, NOON)  # nothing was decided about that one
        await withhold_twins(tx, image.id, NOON)
        await withhold_twins(tx, "nothing", NOON)
    assert await now(store, image, twin) == [(Withheld.REMOVED, Withheld.REMOVED), (Withheld.REMOVED, None)]
    notices = await select(store, "SELECT kind, subject FROM notices", "kind", "subject")
    assert notices == [("picture", twin.id)]

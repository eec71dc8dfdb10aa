"""Finding a member's pictures again: by page, by what they were asked with, by where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any

import pytest

from bot.domain.caps import Period
from bot.domain.gallery import EVER, Days, Filter, Found
from bot.domain.images import Image
from bot.domain.requests import Kind
from storage import Store, gallery, open_store
from storage.migrate import known_migrations
from storage.named import placed
from tests.storage.conftest import Place
from tests.storage.history import restore
from tests.storage.samples import MEMBER, NOON, make_image, make_job, make_origin, make_request, put

OTHER = 99


async def keep(store: Store, number: int, prompt: str = "a lighthouse", **changes: Any) -> Image:
    """Write a finished request with one picture; a higher number is a younger one."""
    kind = changes.pop("kind", Kind.GENERATE)
    channel = changes.pop("channel_id", 600)
    owner = changes.get("owner_id", MEMBER)
    job = make_job(
        number,
        request=make_request(prompt=prompt, kind=kind),
        origin=make_origin(number, member_id=owner, channel_id=channel),
    )
    image = make_image(job.id, **{"id": f"img{number:04}", "created_at": NOON + number, **changes})
    await put(store, job)
    async with store.transaction() as tx:
        await tx.images.insert(image)
    return image


async def delete(store: Store, *images: Image) -> None:
    async with store.transaction() as tx:
        for image in images:
            assert await tx.images.mark_deleted(image.id, now=NOON, by=MEMBER)


def ids(found: Sequence[Found]) -> list[str]:
    return [item.image.id for item in found]


async def search(store: Store, wanted: Filter, period: Period = EVER) -> list[str]:
    """All that matches, and the same number counted."""
    async with store.reading() as tx:
        found = ids(await tx.gallery.from_place(MEMBER, wanted, period, 0, 100))
        assert await tx.gallery.count(MEMBER, wanted, period) == len(found)
    return found


async def test_own_pictures_come_newest_first_with_what_they_were_asked_with(store: Store) -> None:
    first = await keep(store, 1, "a red lighthouse")
    third = await keep(store, 3)
    await keep(store, 2, owner_id=OTHER)
    async with store.reading() as tx:
        found = await tx.gallery.from_place(MEMBER, Filter(), EVER, 0, 10)
    assert ids(found) == [third.id, first.id]
    assert found[1] == Found(first, make_request(prompt="a red lighthouse", kind=Kind.GENERATE))


async def test_pages_meet_without_gap_or_overlap(store: Store) -> None:
    """What has the same moment goes by the request, and by its place there."""
    kept = [await keep(store, number, created_at=NOON + number // 3) for number in range(10)]
    everything = [image.id for image in reversed(kept)]
    async with store.reading() as tx:
        down: list[str] = ids(await tx.gallery.from_place(MEMBER, Filter(), EVER, 0, 3))
        while page := await tx.gallery.older(MEMBER, Filter(), EVER, await _image(tx, down[-1]), 3):
            down += ids(page)
        up = everything[-3:]
        while page := await tx.gallery.newer(MEMBER, Filter(), EVER, await _image(tx, up[0]), 3):
            up = ids(page) + up
        assert down == everything
        assert up == everything
        for place, image in enumerate(everything):
            newer = await tx.gallery.count(MEMBER, Filter(), EVER, await _image(tx, image))
            assert newer == place
        assert ids(await tx.gallery.from_place(MEMBER, Filter(), EVER, 4, 2)) == everything[4:6]
        assert ids(await tx.gallery.from_place(MEMBER, Filter(), EVER, 10, 2)) == []


async def _image(tx: Any, image_id: str) -> Image:
    image = await tx.images.get(image_id)
    assert isinstance(image, Image)
    return image


async def test_what_was_deleted_is_left_out_and_still_marks_a_place(store: Store) -> None:
    images = [await keep(store, number) for number in range(4)]
    await delete(store, images[1], images[2])
    assert await search(store, Filter()) == [images[3].id, images[0].id]
    async with store.reading() as tx:
        gone = await _image(tx, images[2].id)
        assert ids(await tx.gallery.older(MEMBER, Filter(), EVER, gone, 9)) == [images[0].id]
        assert ids(await tx.gallery.newer(MEMBER, Filter(), EVER, gone, 9)) == [images[3].id]
        assert ids(await tx.gallery.like(MEMBER, "img", 9)) == [images[3].id, images[0].id]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("LIGHT", "a red lighthouse"),
        ("äpfel", "Drei ÄPFEL im Korb"),
        ("straße", "Eine STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("two words", "two \n words"),
        ("caf\u00e9", "a cafe\u0301"),
        ("100%", "a battery at 100% power"),
        ("a_b", "a_b"),
        ("!", "stop!"),
        ("\\", "back\\slash"),
        ("'; DROP", "x'; drop table jobs"),
        ("🌊", "a big 🌊"),
    ],
)
async def test_words_are_found_whatever_their_case_and_spelling(store: Store, text: str, prompt: str) -> None:
    wanted = await keep(store, 1, prompt)
    await keep(store, 2, "something else entirely: 100 percent ab")
    assert await search(store, Filter.of(text)) == [wanted.id]


async def test_kind_day_and_place_narrow_the_search_together(store: Store) -> None:
    day = 24 * 60 * 60 * 1000
    edit = await keep(store, 1, kind=Kind.EDIT)
    late = await keep(store, 2, kind=Kind.EDIT, created_at=NOON + day)
    thread = await keep(store, 3, channel_id=2**62)
    assert await search(store, Filter(kind=Kind.EDIT)) == [late.id, edit.id]
    assert await search(store, Filter(kind=Kind.BLEND)) == []
    assert await search(store, Filter(channel_id=2**62)) == [thread.id]
    days = Days(date(2026, 9, 21), date(2026, 9, 21))
    assert days.period(UTC).start <= NOON < days.period(UTC).end
    assert await search(store, Filter(days=days), days.period(UTC)) == [thread.id, edit.id]
    assert await search(store, Filter("house", Kind.EDIT, days, 600), days.period(UTC)) == [edit.id]


async def test_a_period_has_its_start_and_not_its_end(store: Store) -> None:
    images = [await keep(store, number) for number in range(4)]
    assert await search(store, Filter(), Period(NOON + 1, NOON + 3)) == [images[2].id, images[1].id]


async def test_typing_finds_ids_and_words(store: Store) -> None:
    one, two = await keep(store, 1, "a cat"), await keep(store, 2, "an IMG0001 of nothing")
    other = await keep(store, 3, "a cat", owner_id=OTHER)
    async with store.reading() as tx:
        assert ids(await tx.gallery.like(MEMBER, "IMG0001", 9)) == [two.id, one.id]
        assert ids(await tx.gallery.like(MEMBER, "a Cat", 9)) == [one.id]
        assert ids(await tx.gallery.like(MEMBER, "", 1)) == [two.id]
        assert ids(await tx.gallery.like(MEMBER, "g0001", 9)) == [two.id]
        assert ids(await tx.gallery.like(OTHER, "img", 9)) == [other.id]


async def test_children_are_everybodys_and_come_in_order(store: Store) -> None:
    parent = await keep(store, 1, parent=None)
    second = await keep(store, 3, parent=parent.id)
    first = await keep(store, 2, parent=parent.id, owner_id=OTHER, private=False)
    gone = await keep(store, 4, parent=parent.id)
    await delete(store, gone)
    async with store.reading() as tx:
        assert ids(await tx.gallery.children(parent.id, 9)) == [first.id, second.id]
        assert ids(await tx.gallery.children(parent.id, 1)) == [first.id]
        assert ids(await tx.gallery.children(second.id, 9)) == []


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("LIST_OLDER", "images_of_owner"),
        ("LIST_NEWER", "images_of_owner"),
        ("LIST_FROM_PLACE", "images_of_owner"),
        ("COUNT_NEWER", "images_"),
        ("COUNT_MATCHING", "images_"),
        ("LIST_LIKE", "images_of_owner"),
        ("LIST_CHILDREN", "images_of_parent"),
    ],
)
async def test_searches_go_by_index_and_sort_nothing(store: Store, statement: str, index: str) -> None:
    sql = getattr(gallery, statement)
    words = {"id": "a", "job_id": "a", "kind": "a", "words": "a"}
    params = {name: words.get(name, 1) for name in placed(sql, "sqlite")[1]}
    async with store.engine.transaction() as connection:
        if store.engine.dialect == "sqlite":
            rows = await connection.fetch_all(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = "\n".join(row["detail"] for row in rows)
            assert "TEMP B-TREE" not in plan
        else:
            # A table of no rows is read as a whole, and sorting nothing is cheap.
            await connection.execute("SET LOCAL enable_seqscan = off")
            await connection.execute("SET LOCAL enable_sort = off")
            await connection.execute("SET LOCAL enable_bitmapscan = off")
            rows = await connection.fetch_all(f"EXPLAIN {sql}", params)
            plan = "\n".join(row["QUERY PLAN"] for row in rows)
            assert "Sort" not in plan
    assert index in plan


async def test_pictures_from_before_the_gallery_are_found(tmp_path: Any) -> None:
    """The migration reads kind and words out of the requests."""
    before = known_migrations()[0]
    restore(before, tmp_path / "old")
    async with open_store("", tmp_path / "old") as store:
        assert await search(store, Filter.of("RED lighthouse", Kind.EDIT)) == ["job00004p0"]


async def test_requests_from_before_the_gallery_are_read_on_both(place: Place) -> None:
    early = known_migrations()[:2]
    async with place.open(migrations=early) as store, store.engine.transaction() as connection:
        await connection.execute(
            """
            INSERT INTO jobs (id, state, request, origin_key, application_id, member_id, channel_id, token_at,
                upload_limit, direct, locale, created_at, updated_at, attempts)
            VALUES ('old0001', 'created', :request, 'key', 1, 1, 1, 1, 1, 0, 'en-US', 1, 1, 0)
            """,
            {"request": '{"kind":"edit","prompt":"A Caf\\u00e9 \\ud83c\\udf0a","options":{"model":"m"}}'},
        )
    async with place.open() as store, store.engine.reading() as connection:
        row = await connection.fetch_one("SELECT kind, words FROM jobs WHERE id = 'old0001'")
        assert row is not None
        assert (row["kind"], row["words"]) == ("edit", "a café 🌊")

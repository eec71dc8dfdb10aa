"""Finding pictures again: pages, filters, and who sees what."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image as Pillow

from bot.domain.gallery import Cursor, Days, Filter, Page, Turn
from bot.domain.requests import Kind, Reference
from bot.errors import Gone
from tests.studio.gallery_run import ME, NEIGHBOUR, OTHER, STRANGER, Run
from tests.studio.world import (
    DRAFT,
    make_origin,
)


def ids(page: Page) -> list[str]:
    return [found.image.id for found in page.found]


# --- pages ------------------------------------------------------------------------------------------------


async def test_pages_lead_down_and_up_again(run: Run) -> None:
    for number in range(5):
        await run.make(f"number {number}", count=4)
    await run.make(origin={"member_id": OTHER})
    first = await run.gallery.page(ME, Filter())
    assert (first.number, first.pages, first.total, first.has_newer, first.has_older) == (
        1,
        3,
        20,
        False,
        True,
    )
    assert first.found[0].request.prompt == "number 4"

    second = await run.gallery.page(ME, Filter(), Cursor(Turn.OLDER, ids(first)[-1]))
    third = await run.gallery.page(ME, Filter(), Cursor(Turn.OLDER, ids(second)[-1]))
    assert [second.number, third.number, third.has_older, len(third.found)] == [2, 3, False, 2]
    assert len({*ids(first), *ids(second), *ids(third)}) == 20

    back = await run.gallery.page(ME, Filter(), Cursor(Turn.NEWER, ids(third)[0]))
    assert back == second
    for number, page in enumerate((first, second, third), 1):
        assert await run.gallery.jump(ME, Filter(), number) == page
    assert await run.gallery.jump(ME, Filter(), 0) == first
    assert await run.gallery.jump(ME, Filter(), 10**30) == third
    # Beyond either end, and where less than a page is newer, is the first page.
    assert await run.gallery.page(ME, Filter(), Cursor(Turn.OLDER, ids(third)[-1])) == first
    assert await run.gallery.page(ME, Filter(), Cursor(Turn.NEWER, ids(first)[3])) == first


async def test_pages_stay_right_while_pictures_come_and_go(run: Run) -> None:
    made = [(await run.make(str(number)))[0] for number in range(20)]
    first = await run.gallery.page(ME, Filter())
    await run.delete(made[-1])
    await run.delete(made[-9])  # the anchor of what follows
    await run.make("new")
    second = await run.gallery.page(ME, Filter(), Cursor(Turn.OLDER, ids(first)[-1]))
    assert ids(second) == [image.id for image in reversed(made[2:11])]
    assert (second.number, second.total, second.newer) == (2, 19, 8)


async def test_an_empty_gallery_is_a_page(run: Run) -> None:
    page = await run.gallery.page(ME, Filter())
    assert (page.found, page.number, page.pages, page.has_newer, page.has_older) == ((), 1, 1, False, False)
    assert (await run.gallery.jump(ME, Filter(), 7)).found == ()


@pytest.mark.parametrize("turn", [Turn.OLDER, Turn.NEWER])
async def test_an_anchor_that_is_not_ones_own_is_not_there(run: Run, turn: Turn) -> None:
    (others,) = await run.make(origin={"member_id": OTHER})
    await run.make()
    for anchor in (others.id, "zzzzzzz", "", None):
        with pytest.raises(Gone):
            await run.gallery.page(ME, Filter(), Cursor(turn, anchor))


async def test_filters_hold_together(run: Run) -> None:
    (wanted,) = await run.make("Ein Café am Meer", kind=Kind.EDIT, origin={"channel_id": 77})
    await run.make("Ein Café am Meer", kind=Kind.EDIT)
    await run.make("Ein Haus", kind=Kind.EDIT, origin={"channel_id": 77})
    today = run.gallery.today()
    assert today == date(2026, 6, 1)
    everything = Filter.of("café", Kind.EDIT, Days(today, today), 77)
    assert ids(await run.gallery.page(ME, everything)) == [wanted.id]
    assert (await run.gallery.page(ME, Filter(days=Days(date(2026, 5, 31), date(2026, 5, 31))))).found == ()


async def test_a_sheet_shows_private_ones_and_stands_lost_files(run: Run) -> None:
    await run.make(private=True)
    (lost,) = await run.make()
    run.world.blobs.path(lost.sha256).unlink()
    sheet = await run.gallery.sheet(await run.gallery.page(ME, Filter()), "private")
    with Pillow.open(io.BytesIO(sheet.data)) as image:
        assert image.size == (sheet.width, sheet.height)


async def test_suggestions_are_ones_own(run: Run) -> None:
    (mine,) = await run.make("a cat", private=True)
    await run.make("a cat", origin={"member_id": OTHER})
    for typed in ("CAT", mine.id[:5]):
        assert [found.image for found in await run.gallery.suggestions(ME, typed, 25)] == [mine]
    assert await run.gallery.suggestions(STRANGER, mine.id, 25) == []


# --- one picture ------------------------------------------------------------------------------------------


async def test_who_finds_which_picture(run: Run) -> None:
    (public,) = await run.make()
    (private,) = await run.make(private=True)
    (direct,) = await run.make(origin={"guild_id": None, "channel_id": 55, "direct": True})
    assert (await run.gallery.find(f" {public.id.upper()} ", NEIGHBOUR)).images == (public,)
    for image in (public, private, direct):
        assert (await run.gallery.find(image.id, ME)).images == (image,)
    for image, person in ((public, STRANGER), (private, NEIGHBOUR), (direct, NEIGHBOUR)):
        with pytest.raises(Gone):
            await run.gallery.find(image.id, person)
    for nonsense in ("", "zzzzzzz", "aaaaaaa", "%", "x" * 5000, "k7f3q9z'; --"):
        with pytest.raises(Gone):
            await run.gallery.find(nonsense, ME)
    await run.delete(public)
    with pytest.raises(Gone):
        await run.gallery.find(public.id, ME)


async def test_the_lineage_goes_both_ways_and_leaves_out_what_one_may_not_see(run: Run) -> None:
    (root,) = await run.make("root")
    (hidden,) = await run.make(
        "hidden", kind=Kind.EDIT, parent=root.id, private=True, origin={"member_id": OTHER}
    )
    (middle,) = await run.make("middle", kind=Kind.EDIT, parent=hidden.id)
    (child,) = await run.make("child", kind=Kind.VARY, parent=middle.id)
    (foreign,) = await run.make("foreign", kind=Kind.VARY, parent=middle.id, origin={"member_id": OTHER})
    await run.make("secret", kind=Kind.VARY, parent=middle.id, private=True, origin={"member_id": OTHER})
    (gone,) = await run.make("gone", kind=Kind.VARY, parent=middle.id)
    await run.delete(gone)

    found = (await run.gallery.details(middle.id, ME)).lineage
    assert [item.image.id for item in found.parents] == [root.id]
    assert [item.image.id for item in found.children] == [child.id, foreign.id]
    assert [item.request.prompt for item in found.children] == ["child", "foreign"]
    theirs = (await run.gallery.details(middle.id, NEIGHBOUR)).lineage
    assert [item.image.id for item in theirs.parents] == [hidden.id, root.id]
    assert len(theirs.children) == 3
    with pytest.raises(Gone):
        await run.gallery.details(middle.id, STRANGER)


async def test_a_circle_and_a_lost_parent_end_the_line(run: Run) -> None:
    (one,) = await run.make("one", parent="zzzzzzz")
    assert (await run.gallery.details(one.id, ME)).lineage.parents == ()
    (two,) = await run.make("two", parent=one.id)
    async with run.world.store.engine.transaction() as connection:
        await connection.execute(
            "UPDATE images SET parent = :two WHERE id = :one", {"one": one.id, "two": two.id}
        )
    lineage = (await run.gallery.details(one.id, ME)).lineage
    assert [item.image.id for item in lineage.parents] == [two.id]


async def test_settings_are_asked_for_again_with_the_pictures_own_seed(run: Run) -> None:
    images = await run.make("a cat", model=DRAFT, ratio="16:9", count=3, seed=7, private=True)
    details = await run.gallery.details(images[2].id, ME)
    assert details.seed == 9
    again = run.gallery.again(details.shown, "a dog")
    assert (again.kind, again.prompt, again.private, again.parent) == (Kind.GENERATE, "a dog", True, None)
    assert (again.options.model, again.options.ratio, again.options.count, again.options.seed) == (
        DRAFT,
        "16:9",
        1,
        9,
    )
    accepted = await run.process.submissions.submit(again, make_origin())
    assert accepted.job.request == again


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        (Kind.EDIT, 1, Kind.EDIT),
        (Kind.BLEND, 2, Kind.BLEND),
        (Kind.VARY, 0, Kind.GENERATE),
        (Kind.VARY, 1, Kind.EDIT),
        (Kind.FINISH, 1, Kind.EDIT),
    ],
)
async def test_what_is_asked_again_has_the_same_inputs(
    run: Run, kind: Kind, inputs: int, expected: Kind
) -> None:
    references = tuple(Reference("ab" * 32, "image/png", number) for number in range(inputs))
    (root,) = await run.make()
    (image,) = await run.make(kind=kind, references=references, parent=root.id, variation=3)
    again = run.gallery.again(await run.gallery.find(image.id, ME), "other words")
    assert (again.kind, again.references, again.variation) == (expected, references, 0)
    assert again.parent == (root.id if inputs else None)

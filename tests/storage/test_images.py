"""Images, and what a job shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Answer, Verdict
from bot.domain.images import Image
from bot.errors import IdTaken, StaleState, StorageError
from storage import Store
from tests.storage.samples import NOON, make_answer, make_image, make_job, put, select


async def insert(store: Store, *images: Image) -> None:
    async with store.transaction() as tx:
        for image in images:
            await tx.images.insert(image)


async def test_an_image_comes_back_as_it_went_in(store: Store) -> None:
    await put(store, make_job())
    private, public = (
        make_image("job00001", 0),
        make_image("job00001", 1, private=False, guild_id=7, parent=None),
    )
    await insert(store, public, private)
    async with store.reading() as tx:
        assert await tx.images.get(public.id) == public
        assert await tx.images.get("nothing") is None
        assert list(await tx.images.of_job("job00001")) == [private, public]
        assert list(await tx.images.of_job("nothing")) == []


async def test_an_id_and_a_place_are_given_once(store: Store) -> None:
    await put(store, make_job())
    await insert(store, make_image("job00001"))
    with pytest.raises(StaleState) as error:
        await insert(store, make_image("job00001", id="other"))
    assert not isinstance(error.value, IdTaken)  # another id would not help


async def test_whoever_drew_an_id_that_is_taken_goes_on_with_another(store: Store) -> None:
    await put(store, make_job())
    await insert(store, make_image("job00001"))
    second = make_image("job00001", 1)
    async with store.transaction() as tx:
        with pytest.raises(IdTaken):
            await tx.images.insert(replace(second, id="job00001p0"))
        await tx.images.insert(second)
    async with store.reading() as tx:
        assert list(await tx.images.of_job("job00001")) == [make_image("job00001"), second]


@pytest.mark.parametrize("changes", [{"sha256": "ab"}, {"width": 0}, {"size": -1}, {"job_id": "nothing"}])
async def test_the_database_refuses_an_image_that_makes_no_sense(
    store: Store, changes: dict[str, Any]
) -> None:
    await put(store, make_job())
    with pytest.raises(StorageError):
        await insert(store, make_image(**({"job_id": "job00001"} | changes)))


async def test_an_image_is_deleted_once(store: Store) -> None:
    await put(store, make_job())
    await insert(store, make_image("job00001"))
    async with store.transaction() as tx:
        assert await tx.images.mark_deleted("job00001p0", now=NOON + 1, by=5) is True
        assert await tx.images.mark_deleted("job00001p0", now=NOON + 2, by=6) is False
        assert await tx.images.mark_deleted("nothing", now=NOON + 2, by=6) is False
    async with store.reading() as tx:
        image = await tx.images.get("job00001p0")
        assert image is not None
        assert image.deleted_at == NOON + 1
        assert list(await tx.images.of_job("job00001")) == [image]
    assert await select(store, "SELECT deleted_by FROM images", "deleted_by") == [(5,)]


async def test_what_a_job_shows_is_read_at_once(store: Store) -> None:
    await put(store, make_job(), make_job(2))
    said = Answer(Verdict.TEXT, "m", text="No picture.")
    silent = make_answer(text="")
    async with store.transaction() as tx:
        for position, answer in ((3, make_answer()), (2, silent)):
            await tx.images.insert(make_image("job00001", position))
            await tx.answers.settle("job00001", position, answer, f"job00001p{position}")
        await tx.answers.settle("job00001", 1, said, None)
        await tx.images.insert(make_image("job00002"))
        await tx.answers.settle("job00002", 0, make_answer(), "job00002p0")
        await tx.images.mark_deleted("job00001p2", now=NOON, by=5)
    async with store.reading() as tx:
        images, notes = await tx.images.result_of("job00001")
        assert list(images) == list(await tx.images.of_job("job00001"))
        assert [image.position for image in images] == [2, 3]
        assert list(notes) == list(await tx.answers.notes_of("job00001")) == ["No picture.", "Here it is."]
        assert await tx.images.result_of("nothing") == ([], [])

"""What the provider sent, as the database keeps it."""

from __future__ import annotations

import pytest

from bot.domain.answers import Answer, Verdict
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.samples import make_answer, make_image, make_job, put


async def test_answers_come_back_as_they_went_in(store: Store) -> None:
    await put(store, make_job())
    blocked = Answer(Verdict.BLOCKED, "m", finish_reason="IMAGE_SAFETY", message="I cannot.")
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", 1))
        await tx.answers.settle("job00001", 1, make_answer(), "job00001p1")
        await tx.answers.settle("job00001", 0, blocked, None)
    async with store.reading() as tx:
        assert await tx.answers.of_job("job00001") == {0: blocked, 1: make_answer()}
        assert list(await tx.answers.notes_of("job00001")) == ["Here it is."]
        assert await tx.answers.of_job("nothing") == {}


async def test_an_answer_is_kept_before_its_image_and_stays_as_it_is_then(store: Store) -> None:
    await put(store, make_job())
    async with store.transaction() as tx:
        await tx.answers.keep("job00001", 0, make_answer(text="first"))
        await tx.answers.keep("job00001", 1, make_answer(text="without an image"))
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.answers.keep("job00001", 0, make_answer(text="second"))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", 0))
        await tx.answers.settle("job00001", 0, make_answer(text="third"), "job00001p0")
        await tx.answers.settle("job00001", 1, make_answer(text="third"), None)
    async with store.reading() as tx:
        kept = await tx.answers.of_job("job00001")
        assert kept == {0: make_answer(text="first"), 1: make_answer(text="without an image")}
        images, notes = await tx.images.result_of("job00001")
        assert ([image.id for image in images], len(notes)) == (["job00001p0"], 2)


async def test_an_answer_is_settled_once_and_belongs_to_what_exists(store: Store) -> None:
    await put(store, make_job())
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", 0))
        await tx.answers.settle("job00001", 0, make_answer(), "job00001p0")
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.answers.settle("job00001", 0, make_answer(), "job00001p0")
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.answers.keep("job00001", 0, make_answer())
    for job_id, image_id in (("nothing", None), ("job00001", "nothing")):
        with pytest.raises(StorageError):
            async with store.transaction() as tx:
                await tx.answers.settle(job_id, 5, make_answer(), image_id)

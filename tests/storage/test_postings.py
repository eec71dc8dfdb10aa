"""Where copies of pictures were posted."""

from __future__ import annotations

import pytest

from bot.domain.postings import Posting
from bot.errors import StorageError
from storage import Store
from tests.storage.samples import NOON, make_image, make_job, put


async def with_images(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        for image in (make_image("job00001"), make_image("job00001", 1), make_image("job00002")):
            await tx.images.insert(image)


async def test_the_copies_of_a_job_are_those_of_its_pictures(store: Store) -> None:
    await with_images(store)
    late = Posting("job00001p0", 600, 1_001, NOON + 2, spoiler=True)
    early = Posting("job00001p1", 2**62, 2**62, NOON + 1)
    other = Posting("job00002p0", 600, 1_002, NOON)
    async with store.transaction() as tx:
        for posting in (late, early, other):
            await tx.postings.insert(posting)
    async with store.reading() as tx:
        assert list(await tx.postings.of_job("job00001")) == [early, late]
        assert list(await tx.postings.of_job("job00002")) == [other]
        assert list(await tx.postings.of_job("nothing")) == []


async def test_a_message_is_one_copy(store: Store) -> None:
    await with_images(store)
    first = Posting("job00001p0", 600, 1_001, NOON)
    async with store.transaction() as tx:
        await tx.postings.insert(first)
        await tx.postings.insert(Posting("job00001p0", 600, 1_001, NOON + 9))
        assert list(await tx.postings.of_job("job00001")) == [first]
        await tx.postings.remove(1_001)
        await tx.postings.remove(1_001)
        assert list(await tx.postings.of_job("job00001")) == []


async def test_a_copy_is_of_a_picture_that_exists(store: Store) -> None:
    with pytest.raises(StorageError):
        async with store.transaction() as tx:
            await tx.postings.insert(Posting("nothing", 600, 1_001, NOON))

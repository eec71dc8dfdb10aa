"""Copies of pictures: who may bring one back, and what a deletion does to it."""

from __future__ import annotations

import asyncio
import os

import pytest

from bot.domain.deliveries import Way
from bot.domain.images import Withheld
from bot.domain.postings import Posting
from bot.errors import DeliveryError, Gone, NotAllowed
from bot.studio.notifier_ports import Showing
from bot.studio.pictures import Person
from tests.fakes.provider import jpeg, pictures
from tests.studio.gallery_run import ELSEWHERE, ME, OTHER, STRANGER, Run
from tests.studio.world import (
    CHANNEL,
    DRAFT,
    MEBIBYTE,
    make_origin,
)


async def test_a_copy_is_one_picture_with_what_belongs_to_it(run: Run) -> None:
    images = await run.make(count=3, model=DRAFT, seed=40)
    await run.bring_back(images[1], channel_id=ELSEWHERE)
    given = run.world.notifier.deliveries[-1]
    assert (given.way, given.origin.channel_id, given.card) == (Way.TOKEN, ELSEWHERE, None)
    outcome = given.outcome
    assert outcome.showing is Showing.COPY
    assert [item.image for item in outcome.attachments] == [images[1]]
    assert given.files == (run.world.blobs.path(images[1].sha256).read_bytes(),)
    job = await run.world.job(images[1].job_id)
    assert (outcome.short_of, outcome.notes, outcome.job.request.options.seed) == (0, (), 41)
    assert job.cost_micros is not None
    assert outcome.job.cost_micros == round(job.cost_micros / 3)
    assert (await run.postings(images[1])) == [
        Posting(images[1].id, ELSEWHERE, given.posted.message_id, run.world.clock.now())
    ]


async def test_a_large_picture_is_fitted_as_a_result_is(run: Run) -> None:
    run.world.provider.enqueue(pictures(jpeg(1, 1600, 1200, 95)))
    (image,) = await run.make()
    assert image.size > MEBIBYTE
    await run.bring_back(image, upload_limit=MEBIBYTE)
    assert len(run.world.notifier.deliveries[-1].files[0]) <= MEBIBYTE


async def test_a_private_picture_is_never_brought_back_and_may_be_opened(run: Run) -> None:
    (image,) = await run.make(private=True)
    before = len(run.world.notifier.tried)
    with pytest.raises(NotAllowed):
        await run.bring_back(image)
    assert len(run.world.notifier.tried) == before
    await run.gallery.open(await run.gallery.find(image.id, ME), make_origin())
    assert run.world.notifier.deliveries[-1].outcome.showing is Showing.OPENED
    assert await run.postings(image) == []


async def test_where_its_owner_brought_it_back_others_may_use_it(run: Run) -> None:
    images = await run.make(count=2)
    with pytest.raises(Gone):
        await run.gallery.find(images[0].id, STRANGER)
    await run.bring_back(images[0], guild_id=999, channel_id=ELSEWHERE)
    shown = await run.gallery.find(images[0].id, STRANGER)
    assert shown.images == (images[0],)
    assert run.process.pictures.another_take(shown).parent == images[0].id
    with pytest.raises(NotAllowed):
        await run.process.pictures.delete(images[0].id, Person(OTHER, 999, ELSEWHERE, moderator=True))
    for image, person in (
        (images[1], STRANGER),
        (images[0], Person(OTHER, 999, ELSEWHERE + 1, moderator=False)),
        (images[0], Person(OTHER, 998, None, moderator=False)),
    ):
        with pytest.raises(Gone):
            await run.gallery.find(image.id, person)


async def test_deleting_takes_the_copies_of_that_picture_away(run: Run) -> None:
    images = await run.make(count=2)
    await run.bring_back(images[0])
    await run.bring_back(images[0], channel_id=ELSEWHERE)
    await run.bring_back(images[1])
    messages = {posting.message_id: posting for posting in await run.postings(images[0])}
    assert len(messages) == 3

    assert await run.delete(images[0])
    removed = [changed for changed in run.world.notifier.updates if changed.outcome.withdrawn]
    assert [(changed.delivery.way, changed.delivery.channel_id) for changed in removed] == [
        (Way.CHANNEL, CHANNEL),
        (Way.CHANNEL, ELSEWHERE),
    ]
    assert {messages[changed.delivery.message_id or 0].image_id for changed in removed} == {images[0].id}
    (left,) = await run.postings(images[0])
    assert left.image_id == images[1].id


async def test_a_copy_that_somebody_removed_is_no_hindrance(run: Run) -> None:
    (image,) = await run.make()
    await run.bring_back(image)
    await run.process.pictures.delete(image.id, ME)
    run.world.notifier.fail_updates(DeliveryError("404", gone=True))
    assert await run.process.deliverer.copies.withdraw(image.job_id)
    assert await run.postings(image) == []


async def test_a_copy_that_cannot_be_removed_is_said_and_remembered(run: Run) -> None:
    (image,) = await run.make()
    await run.bring_back(image)
    await run.process.pictures.delete(image.id, ME)
    copies = run.process.deliverer.copies
    run.world.notifier.fail_updates(DeliveryError("403"))
    assert not await copies.withdraw(image.job_id)
    assert len(await run.postings(image)) == 1
    run.world.notifier.fail_updates(*[DeliveryError("503", passing=True)] * 2)
    assert await copies.withdraw(image.job_id)
    assert run.world.clock.naps("delivery") == [1.0, 3.0]
    assert await run.postings(image) == []
    assert await copies.withdraw("nothing")


async def test_a_deletion_while_a_copy_is_posted_finds_it(run: Run) -> None:
    (image,) = await run.make()
    notifier = run.world.notifier
    notifier.hold()
    posting = asyncio.create_task(run.bring_back(image))
    await notifier.until(lambda: notifier.waiting == 1)
    await run.process.pictures.delete(image.id, ME)
    withdrawing = asyncio.create_task(run.process.deliverer.copies.withdraw(image.job_id))
    await asyncio.sleep(0)
    assert not withdrawing.done()
    notifier.release()
    await posting
    assert await withdrawing
    assert await run.postings(image) == []
    assert notifier.updates[-1].delivery.message_id == notifier.deliveries[-1].posted.message_id


async def test_what_is_deleted_meanwhile_is_not_posted(run: Run) -> None:
    (image,) = await run.make()
    shown = await run.gallery.find(image.id, ME)
    await run.delete(image)
    before = len(run.world.notifier.tried)
    with pytest.raises(Gone):
        await run.gallery.bring_back(shown, make_origin())
    assert len(run.world.notifier.tried) == before


@pytest.mark.parametrize("left", [None, 0, 100])
async def test_a_lost_file_is_not_there_and_the_operator_is_told(
    run: Run, caplog: pytest.LogCaptureFixture, left: int | None
) -> None:
    (image,) = await run.make()
    path = run.world.blobs.path(image.sha256)
    if left is None:
        path.unlink()
    else:
        os.truncate(path, left)
    with pytest.raises(Gone):
        await run.bring_back(image)
    assert f"of image {image.id} is missing" in caplog.text


async def test_what_discord_does_not_take_is_not_remembered(run: Run) -> None:
    (image,) = await run.make()
    run.world.notifier.fail(Way.TOKEN, DeliveryError("403"))
    with pytest.raises(DeliveryError):
        await run.bring_back(image)
    assert await run.postings(image) == []


async def test_a_copy_is_remembered_before_it_is_posted(run: Run) -> None:
    """The message that it will be in is known: a crash meanwhile leaves nothing that is forgotten."""
    (image,) = await run.make()
    shown = await run.gallery.find(image.id, ME)
    notifier = run.world.notifier
    message_id = 1_000 + len(notifier.deliveries)
    notifier.hold()
    posting = asyncio.create_task(run.gallery.bring_back(shown, make_origin(), message_id=message_id))
    await notifier.until(lambda: notifier.waiting == 1)
    assert [item.message_id for item in await run.postings(image)] == [message_id]
    notifier.release()
    await posting
    assert len(await run.postings(image)) == 1
    notifier.fail(Way.TOKEN, DeliveryError("403"))
    with pytest.raises(DeliveryError):
        await run.gallery.bring_back(shown, make_origin(), message_id=7_000)
    assert [item.message_id for item in await run.postings(image)] == [message_id]


async def test_a_copy_that_was_a_spoiler_comes_back_as_one(run: Run) -> None:
    (image,) = await run.make()
    await run.gallery.bring_back(await run.gallery.find(image.id, ME), make_origin(), hidden=True)
    await run.bring_back(image)
    for judged in (Withheld.REMOVED, None):
        async with run.world.store.transaction() as tx:
            await tx.images.withhold(image.id, judged)
        await run.process.deliverer.agree(image.id)
    copies = [item for item in run.world.notifier.updates if item.outcome.showing is Showing.COPY]
    assert [item.outcome.withheld for item in copies] == [Withheld.REMOVED, Withheld.REMOVED, None, None]
    assert [item.outcome.job.request.spoiler for item in copies[2:]] == [True, False]


async def test_a_copy_that_was_on_its_way_when_everything_of_its_maker_was_erased(run: Run) -> None:
    """An erasure looks at what is remembered; this copy was not yet."""
    (image,) = await run.make()
    run.world.notifier.hold()
    posting = asyncio.create_task(run.bring_back(image))
    await run.world.notifier.until(lambda: run.world.notifier.waiting == 1)
    async with run.world.store.transaction() as tx:
        assert await tx.images.mark_deleted(image.id, now=run.world.clock.now(), by=image.owner_id)
    run.world.notifier.release()
    await posting
    assert run.world.notifier.updates[-1].outcome.withdrawn
    assert await run.postings(image) == []

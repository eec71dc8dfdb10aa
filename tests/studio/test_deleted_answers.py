"""Pictures that are deleted before, while and after their answer is posted."""

from __future__ import annotations

import asyncio

from bot.domain.deliveries import Way
from tests.fakes.provider import jpeg, pictures
from tests.studio.delivering import CLOSED, DOWN, TOO_LARGE, delete, keep_one, make
from tests.studio.world import World, make_origin, make_request


async def test_a_picture_that_was_deleted_before_its_delivery_is_withdrawn(world: World) -> None:
    world.provider.enqueue(pictures(jpeg(1), text="Look at the lighthouse."))
    world.notifier.fail(Way.TOKEN, DOWN)
    world.clock.held.add("delivery")
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.clock.until_asleep("delivery")
        await delete(process, world, ticket.job)
        world.clock.release("delivery")
    [given] = world.notifier.deliveries
    assert (given.outcome.withdrawn, given.files, given.outcome.notes) == (True, (), ())
    assert given.outcome.short_of == 0


async def test_one_of_several_that_was_deleted_is_left_out(world: World) -> None:
    job = await make(world, count=3)
    process = world.process()
    await delete(process, world, job, 1)
    assert await process.deliverer.refresh(job.id)
    images = await world.images(job.id)
    [changed] = world.notifier.updates
    assert [item.image.id for item in changed.outcome.attachments] == [images[0].id, images[2].id]
    assert (changed.outcome.withdrawn, changed.outcome.short_of) == (False, 0)
    assert changed.delivery == await world.delivery(job.id)


async def test_the_last_one_that_is_deleted_takes_the_message_with_it(world: World) -> None:
    job = await make(world)
    process = world.process()
    await delete(process, world, job)
    assert await process.deliverer.refresh(job.id)
    assert [changed.outcome.withdrawn for changed in world.notifier.updates] == [True]


async def test_a_picture_that_is_deleted_while_it_is_posted_does_not_stay(world: World) -> None:
    """The message was on its way with the picture in it: it is changed as soon as it is there."""
    world.notifier.hold()
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.notifier.until(lambda: world.notifier.waiting == 1)
        await delete(process, world, ticket.job)
        refreshing = asyncio.create_task(process.deliverer.refresh(ticket.job.id))
        await asyncio.sleep(0)
        world.notifier.release()
        assert await refreshing
    assert [given.outcome.withdrawn for given in world.notifier.deliveries] == [False]
    assert [changed.outcome.withdrawn for changed in world.notifier.updates] == [True]


async def test_two_deletions_at_once_end_with_what_is_left(world: World) -> None:
    job = await make(world, count=3)
    process = world.process()
    world.notifier.hold()
    await delete(process, world, job, 0)
    first = asyncio.create_task(process.deliverer.refresh(job.id))
    await world.notifier.until(lambda: world.notifier.waiting == 1)
    await delete(process, world, job, 1)
    second = asyncio.create_task(process.deliverer.refresh(job.id))
    world.notifier.release()
    assert await first and await second
    assert [len(changed.files) for changed in world.notifier.updates] == [2, 1]


async def test_a_changed_message_keeps_to_the_upload_limit_too(world: World) -> None:
    data = [jpeg(seed, 400, 300) for seed in (1, 2)]
    world.provider.enqueue(*map(pictures, data))
    job = await make(world, count=2)
    process = world.process()
    await delete(process, world, job, 0)
    world.notifier.fail_updates(TOO_LARGE)
    assert await process.deliverer.refresh(job.id)
    [changed] = world.notifier.updates
    assert len(changed.files[0]) <= len(data[1]) * 3 // 4


async def test_a_message_that_may_not_be_changed_is_reported(world: World) -> None:
    job = await make(world)
    process = world.process()
    await delete(process, world, job)
    world.notifier.fail_updates(CLOSED)
    assert not await process.deliverer.refresh(job.id)


async def test_discord_s_trouble_with_a_change_is_waited_for_a_little(world: World) -> None:
    job = await make(world)
    process = world.process()
    await delete(process, world, job)
    world.notifier.fail_updates(DOWN, DOWN)
    assert await process.deliverer.refresh(job.id)
    assert world.clock.naps("delivery") == [1.0, 3.0]
    world.notifier.fail_updates(DOWN, DOWN, DOWN)
    assert not await process.deliverer.refresh(job.id)


async def test_nothing_is_changed_where_nothing_was_posted(world: World) -> None:
    job = await keep_one(world)
    assert await world.process().deliverer.refresh(job.id)
    assert await world.process().deliverer.refresh("nothing")
    assert world.notifier.updates == []

"""Getting an answer to its owner: by which way, how often, how large, and what happens when none is left."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from bot.domain.deliveries import TOKEN_LIFE_MS, DeliveryState, Way
from bot.errors import StorageError
from bot.studio.deliver import ROUNDS_IN_DOUBT
from tests.fakes.notifier import DIRECT_CHANNEL
from tests.fakes.provider import blocked, jpeg, pictures
from tests.studio.delivering import CLOSED, DOWN, TOO_LARGE, make, ways_tried
from tests.studio.power import Power, powered
from tests.studio.world import CHANNEL, World, make_origin, make_request

# --- which way --------------------------------------------------------------------------------------------


async def test_a_young_token_takes_the_answer(world: World) -> None:
    job = await make(world)
    delivery = await world.delivery(job.id)
    assert (delivery.state, delivery.way, delivery.tries) == (DeliveryState.SENT, Way.TOKEN, 1)
    assert (delivery.channel_id, delivery.message_id) == (CHANNEL, 1_000)
    assert ways_tried(world) == [Way.TOKEN]


@pytest.mark.parametrize(
    ("age", "way"), [(TOKEN_LIFE_MS - 1, Way.TOKEN), (TOKEN_LIFE_MS, Way.CHANNEL)], ids=["young", "old"]
)
async def test_an_old_token_is_not_even_tried(world: World, age: int, way: Way) -> None:
    await make(world, origin={"token_at": world.clock.now() - age})
    assert ways_tried(world) == [way]


async def test_the_card_that_stands_there_is_handed_on(world: World) -> None:
    world.provider.hold()
    async with world.running() as process:
        origin = make_origin(token_at=world.clock.now() - TOKEN_LIFE_MS)
        ticket = await process.submissions.submit(make_request(), origin)
        await process.studio.set_card(ticket.job.id, 4711)
        world.provider.release()
    [given] = world.notifier.deliveries
    assert (given.way, given.card) == (Way.CHANNEL, 4711)
    assert (await world.delivery(ticket.job.id)).card_message_id == 4711


async def test_a_card_that_cannot_be_written_down_is_no_fault(world: World) -> None:
    power = Power()
    power.fail("somebody commit", StorageError("out of reach"))
    async with world.running(powered(world.outside, power)) as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await process.studio.set_card(ticket.job.id, 4711)
    assert (await world.delivery(ticket.job.id)).card_message_id is None


async def test_a_closed_way_leads_to_the_next(world: World) -> None:
    world.notifier.close(Way.TOKEN, CLOSED)
    job = await make(world)
    assert ways_tried(world) == [Way.TOKEN, Way.CHANNEL]
    assert (await world.delivery(job.id)).way is Way.CHANNEL


async def test_the_last_way_is_a_direct_message(world: World) -> None:
    world.notifier.close(Way.TOKEN, CLOSED)
    world.notifier.close(Way.CHANNEL, CLOSED)
    job = await make(world)
    assert ways_tried(world) == [Way.TOKEN, Way.CHANNEL, Way.DIRECT]
    delivery = await world.delivery(job.id)
    assert (delivery.way, delivery.channel_id) == (Way.DIRECT, DIRECT_CHANNEL)


async def test_a_private_answer_never_goes_to_a_channel_that_others_read(world: World) -> None:
    for way in Way:
        world.notifier.close(way, CLOSED)
    job = await make(world, private=True)
    assert ways_tried(world) == [Way.TOKEN, Way.DIRECT]
    assert await world.delivery_state(job.id) is DeliveryState.KEPT


async def test_a_private_answer_may_go_to_the_direct_messages_it_was_asked_in(world: World) -> None:
    world.notifier.close(Way.TOKEN, CLOSED)
    await make(world, private=True, origin={"direct": True, "guild_id": None})
    assert ways_tried(world) == [Way.TOKEN, Way.CHANNEL]


async def test_a_failure_takes_the_same_ways(world: World) -> None:
    world.provider.enqueue(blocked("No."))
    world.notifier.close(Way.TOKEN, CLOSED)
    await make(world)
    [given] = world.notifier.deliveries
    assert (given.way, given.files) == (Way.CHANNEL, ())


# --- again ------------------------------------------------------------------------------------------------


async def test_discord_s_trouble_is_waited_for_and_no_worse_way_taken(world: World) -> None:
    world.notifier.fail(Way.TOKEN, DOWN, DOWN, DOWN)
    job = await make(world)
    assert ways_tried(world) == [Way.TOKEN] * 4
    assert world.clock.naps("delivery") == [2.0, 4.0, 8.0]
    assert (await world.delivery(job.id)).tries == 4
    assert len(world.provider.history) == 1


async def test_the_pauses_grow_to_a_minute(world: World) -> None:
    world.notifier.fail(Way.TOKEN, *[DOWN] * 8)
    await make(world)
    assert world.clock.naps("delivery") == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


async def test_a_token_that_ends_while_discord_is_down_is_given_up_for_the_channel(world: World) -> None:
    world.notifier.close(Way.TOKEN, DOWN)
    await make(world)
    assert ways_tried(world).count(Way.TOKEN) > 10
    assert world.notifier.deliveries[0].way is Way.CHANNEL
    assert world.clock.now() >= world.notifier.deliveries[0].origin.token_at + TOKEN_LIFE_MS


async def test_a_fault_that_nobody_expected_is_tried_again_and_then_counts_as_closed(world: World) -> None:
    world.notifier.close(Way.TOKEN, ZeroDivisionError("a bug"))
    job = await make(world)
    assert ways_tried(world) == [Way.TOKEN] * ROUNDS_IN_DOUBT + [Way.CHANNEL]
    assert await world.delivery_state(job.id) is DeliveryState.SENT


async def test_a_fault_of_ours_that_passes_changes_nothing(world: World) -> None:
    world.notifier.fail(Way.TOKEN, RuntimeError("the session is closed"))
    await make(world)
    assert [given.way for given in world.notifier.deliveries] == [Way.TOKEN]


async def test_a_picture_that_is_gone_from_the_disk_does_not_go_round_for_ever(world: World) -> None:
    world.notifier.fail(Way.TOKEN, DOWN)
    world.clock.held.add("delivery")
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(), make_origin())
        await world.clock.until_asleep("delivery")
        [image] = await world.images(ticket.job.id)
        world.blobs.path(image.sha256).unlink()
        world.clock.release("delivery")
    assert await world.delivery_state(ticket.job.id) is DeliveryState.KEPT


# --- too large --------------------------------------------------------------------------------------------


def pixels(data: bytes) -> int:
    with Image.open(BytesIO(data)) as image:
        return image.width * image.height


async def test_what_fits_is_posted_byte_for_byte(world: World) -> None:
    data = jpeg(1, 200, 150)
    world.provider.enqueue(pictures(data))
    await make(world, origin={"upload_limit": len(data)})
    [given] = world.notifier.deliveries
    assert given.files == (data,)
    assert given.outcome.attachments[0].smaller is None


async def test_what_is_over_the_limit_is_posted_smaller_with_half_its_pixels(world: World) -> None:
    data = jpeg(1, 400, 300)
    world.provider.enqueue(pictures(data))
    job = await make(world, origin={"upload_limit": len(data) // 2})
    [given] = world.notifier.deliveries
    [attachment] = given.outcome.attachments
    assert attachment.smaller is not None
    assert (attachment.smaller.mime, given.files) == ("image/jpeg", (attachment.smaller.data,))
    assert len(given.files[0]) <= len(data) // 2
    assert pixels(given.files[0]) * 2 >= pixels(data)
    # What is kept is the original.
    assert world.blobs.path((await world.images(job.id))[0].sha256).read_bytes() == data


async def test_what_discord_finds_too_large_is_sent_once_more_smaller(world: World) -> None:
    data = jpeg(1, 400, 300)
    world.provider.enqueue(pictures(data))
    world.notifier.fail(Way.TOKEN, TOO_LARGE)
    await make(world)
    first, second = world.notifier.tried
    assert (first.way, second.way) == (Way.TOKEN, Way.TOKEN)
    assert first.sizes == (len(data),)
    assert second.sizes[0] <= len(data) * 3 // 4
    assert pixels(world.notifier.deliveries[0].files[0]) * 2 >= pixels(data)


async def test_what_stays_too_large_goes_by_another_way(world: World) -> None:
    world.provider.enqueue(pictures(jpeg(1, 400, 300)))
    world.notifier.close(Way.TOKEN, TOO_LARGE)
    await make(world)
    assert ways_tried(world) == [Way.TOKEN, Way.TOKEN, Way.CHANNEL]


async def test_a_message_that_is_too_large_without_a_picture_is_not_repeated(world: World) -> None:
    world.provider.enqueue(blocked("No."))
    world.notifier.close(Way.TOKEN, TOO_LARGE)
    await make(world)
    assert ways_tried(world) == [Way.TOKEN, Way.CHANNEL]


async def test_several_pictures_that_are_too_large_share_the_plain_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = [jpeg(seed, 400, 300) for seed in (1, 2)]
    monkeypatch.setattr("bot.studio.fitting.PLAIN_UPLOAD_LIMIT", len(data[0]))
    world.provider.enqueue(*map(pictures, data))
    world.notifier.fail(Way.TOKEN, TOO_LARGE)
    await make(world, count=2)
    _, second = world.notifier.tried
    assert sum(second.sizes) <= len(data[0])
    assert len(second.sizes) == 2


async def test_a_picture_of_which_no_copy_fits_is_kept(world: World) -> None:
    world.provider.enqueue(pictures(jpeg(1, 400, 300)))
    job = await make(world, origin={"upload_limit": 100})
    assert await world.delivery_state(job.id) is DeliveryState.KEPT
    assert world.notifier.tried == []

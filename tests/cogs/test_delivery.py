"""How a result reaches its owner when the straight way is closed."""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest
import simcord
from PIL import Image

from bot.domain.deliveries import DeliveryState, Way
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.fakes.gemini import Picture, make_jpeg

CALLBACK = "/interactions/*/callback"
ORIGINAL = "/webhooks/*/messages/@original"
MINUTES = 60.0


async def held(stage: Stage, **options: Any) -> simcord.InteractionResult:
    """Ask for a picture and stop the provider in the middle of it; `release` lets it go on."""
    hold = stage.gemini.hold()
    result = await stage.imagine(**options)
    await hold.arrived()
    return result


async def old_token(stage: Stage) -> None:
    """Let the token of the running job become too old, and the provider answer then."""
    await stage.env.advance_time(15 * MINUTES)
    stage.gemini.hold().release()


async def delivery(stage: Stage) -> tuple[DeliveryState, Way | None]:
    (job, *_) = await stage.jobs()
    async with stage.app.store.reading() as tx:
        found = await tx.deliveries.get(job.id)
    assert found is not None
    return found.state, found.way


def forbid(stage: Stage, channel: simcord.ChannelHandle) -> None:
    stage.env.inject_error(
        "POST", f"/channels/{channel.id}/messages", status=403, code=50013, message="No", times=None
    )


async def direct_message(stage: Stage, who: simcord.MemberActor) -> Seen:
    return await stage.until(
        lambda: next(iter(stage.messages(who.user.dm_channel)), None), "a direct message"
    )


# --- the acknowledgement ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (500, 0), (401, 50027)])
async def test_what_was_not_acknowledged_is_delivered_in_the_channel(
    stage: Stage, status: int, code: int
) -> None:
    stage.env.inject_error("POST", CALLBACK, status=status, code=code, times=None)
    result = await stage.imagine()
    assert not result.acknowledged
    seen = await stage.posted()
    assert seen.media
    assert seen.text.startswith(f"<@{stage.alice.id}> ")
    assert {"Vary", "Delete"} <= set(seen.buttons)
    assert len(stage.messages()) == 1


async def test_a_private_request_that_was_not_acknowledged_stays_private(stage: Stage) -> None:
    stage.env.inject_error("POST", CALLBACK, status=404, code=10062)
    await stage.imagine(private=True)
    seen = await direct_message(stage, stage.alice)
    assert seen.media
    assert stage.messages() == []


# --- the token --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(404, 10015), (401, 50027)])
async def test_a_token_that_is_gone(stage: Stage, status: int, code: int) -> None:
    result = await held(stage)
    card = stage.answer(result)
    assert card is not None
    stage.env.inject_error("PATCH", ORIGINAL, status=status, code=code, times=None)
    stage.gemini.hold().release()
    seen = await stage.posted()
    assert seen.text.startswith(f"<@{stage.alice.id}> ")
    assert seen.pings == set()
    await stage.until(lambda: card.gone, "the old card is removed")
    assert await delivery(stage) == (DeliveryState.SENT, Way.CHANNEL)

    stage.env.backend.faults.clear()
    result = await stage.ben.click(seen.message, label="Vary")
    assert (await stage.finished(result)).media


async def test_a_token_that_became_too_old_is_not_tried(stage: Stage) -> None:
    result = await held(stage)
    card = stage.answer(result)
    assert card is not None
    before = len(stage.env.http_requests)
    await old_token(stage)
    seen = await stage.posted()
    assert seen.media
    await stage.until(lambda: card.gone, "the old card is removed")
    later = [request.path for request in stage.env.http_requests[before:]]
    assert not [path for path in later if path.startswith("/webhooks/")]


async def test_a_failure_takes_the_same_way(stage: Stage) -> None:
    from tests.fakes.gemini import refused

    stage.gemini.enqueue(refused())
    await held(stage)
    await old_token(stage)
    seen = await stage.posted()
    assert seen.text.startswith(f"<@{stage.alice.id}> **No picture this time.**")


async def test_a_private_result_never_goes_to_a_channel(stage: Stage) -> None:
    await held(stage, private=True)
    await old_token(stage)
    seen = await direct_message(stage, stage.alice)
    assert seen.media
    assert stage.messages() == []
    assert stage.messages(viewer=stage.ben) == []
    assert await delivery(stage) == (DeliveryState.SENT, Way.DIRECT)


async def test_a_channel_that_is_closed_to_the_bot(stage: Stage) -> None:
    await held(stage)
    forbid(stage, stage.channel)
    await old_token(stage)
    seen = await direct_message(stage, stage.alice)
    assert seen.media
    assert {"Vary", "Delete"} <= set(seen.buttons)
    # The buttons work in there.
    result = await stage.alice.user.click(seen.message, label="Vary")
    assert (await stage.finished(result)).media


async def test_a_channel_that_was_deleted(stage: Stage) -> None:
    other = stage.guild.create_text_channel("short-lived")
    hold = stage.gemini.hold()
    await stage.alice.slash(other, "imagine", prompt="a lighthouse")
    await hold.arrived()
    stage.env.backend.delete_channel(other.id)
    await old_token(stage)
    assert (await direct_message(stage, stage.alice)).media


async def test_discord_that_is_down_for_a_moment_is_waited_for(stage: Stage) -> None:
    """A worse way now would be one answer too many later."""
    await held(stage)
    stage.env.inject_error("POST", f"/channels/{stage.channel.id}/messages", status=503, times=1)
    await old_token(stage)
    assert (await stage.posted()).media
    assert await delivery(stage) == (DeliveryState.SENT, Way.CHANNEL)
    assert stage.messages(stage.alice.user.dm_channel) == []


# --- kept -------------------------------------------------------------------------------------------------


async def closed_everywhere(stage: Stage, who: simcord.MemberActor, **options: object) -> None:
    forbid(stage, stage.channel)
    forbid(stage, who.user.dm_channel)
    await held(stage, who=who, **options)
    await old_token(stage)

    async def kept() -> bool:
        return (await delivery(stage))[0] is DeliveryState.KEPT

    await stage.done(1)
    while not await kept():
        await stage.env.settle()


@pytest.mark.parametrize("private", [False, True])
async def test_what_cannot_be_delivered_is_handed_over_at_the_next_command(
    stage: Stage, private: bool
) -> None:
    await closed_everywhere(stage, stage.alice, prompt="the kept one", private=private)
    assert not [seen for seen in stage.messages(viewer=stage.alice) if seen.media]

    # Somebody else's command hands over nothing.
    await stage.finished(await stage.imagine(stage.ben))
    assert not any("the kept one" in seen.text for seen in stage.messages(viewer=stage.ben) if seen.media)

    result = await stage.imagine(prompt="the next one")
    await stage.finished(result)
    (handed,) = [stage.seen(message) for message in result.followups]
    assert handed.flags.ephemeral
    assert handed.media
    assert "“the kept one”" in handed.text
    assert "Made earlier, when it could not be posted." in handed.text
    assert await delivery(stage) == (DeliveryState.SENT, Way.FOLLOW_UP)
    assert not any("the kept one" in seen.text for seen in stage.messages() if seen.media)

    result = await stage.imagine()
    await stage.finished(result)
    assert result.followups == []


async def test_what_was_handed_over_can_be_deleted(stage: Stage) -> None:
    await closed_everywhere(stage, stage.alice, prompt="the kept one")
    result = await stage.imagine()
    await stage.finished(result)
    handed = stage.seen(result.followups[0])
    asked = await stage.alice.click(handed.message, label="Delete")
    confirmed = await stage.alice.click(stage.seen(asked.response).message, label="Yes, delete it")
    assert confirmed.followups
    assert "dismiss it yourself" in stage.said(confirmed)
    again = await stage.alice.click(handed.message, label="Vary")
    assert "not there any more" in stage.said(again)


# --- too large --------------------------------------------------------------------------------------------


def pixels(data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.width * image.height


async def test_over_the_limit_of_the_place_a_smaller_copy_is_posted(stage: Stage) -> None:
    original = make_jpeg(1024, 1024, 300_000)
    stage.gemini.enqueue(Picture(original))
    result = await forged.command(
        stage, stage.alice, "imagine", {"prompt": "big"}, attachment_size_limit=200_000
    )
    seen = await stage.finished(result)
    (shown,) = seen.media
    assert len(shown.data) <= 200_000
    assert pixels(shown.data) >= 1024 * 1024 / 2
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    assert f"Larger than Discord takes here, so this is a smaller copy: `{image.id}`" in seen.text
    assert stage.app.store.blobs.path(image.sha256).read_bytes() == original


async def test_exactly_at_the_limit_the_original_is_posted(stage: Stage) -> None:
    original = make_jpeg(1024, 1024, 200_000)
    stage.gemini.enqueue(Picture(original))
    result = await forged.command(
        stage, stage.alice, "imagine", {"prompt": "big"}, attachment_size_limit=200_000
    )
    seen = await stage.finished(result)
    assert [item.data for item in seen.media] == [original]
    assert "smaller copy" not in seen.text


@pytest.mark.parametrize(("status", "code"), [(413, 0), (413, 40005), (400, 40005)])
async def test_an_upload_that_discord_refuses_is_tried_smaller(stage: Stage, status: int, code: int) -> None:
    original = make_jpeg(4096, 4096, 11 * 2**20)
    stage.gemini.enqueue(Picture(original))
    await held(stage)
    posts = f"/channels/{stage.channel.id}/messages"
    stage.env.inject_error("POST", posts, status=status, code=code, times=1)
    await old_token(stage)
    seen = await stage.posted()
    (shown,) = seen.media
    assert len(shown.data) <= 10 * 2**20
    assert pixels(shown.data) >= 4096 * 4096 / 2
    assert "(11.0 MiB) as" in seen.text
    assert "The original is kept." in seen.text


async def test_the_permissions_of_the_bot_do_not_matter_while_the_token_lives(stage: Stage) -> None:
    closed = stage.guild.create_text_channel("closed")
    result = await stage.alice.slash(closed, "imagine", prompt="a lighthouse")
    forbid(stage, closed)
    seen = await stage.finished(result)
    assert seen.media
    assert discord.MessageFlags(components_v2=True).value & seen.flags.value

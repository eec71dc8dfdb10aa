"""/imagine as people see it, in all the places where they may type it."""

from __future__ import annotations

import discord
import pytest

from bot.domain.jobs import JobState
from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.fakes.gemini import Picture, make_jpeg

LITE = "gemini-3.1-flash-lite-image"


async def test_the_card_is_there_at_once_and_becomes_the_picture(stage: Stage) -> None:
    picture = make_jpeg(1376, 768, 300_000)
    stage.gemini.enqueue(Picture(picture))
    hold = stage.gemini.hold()
    result = await stage.imagine(prompt="a red lighthouse at dusk", ratio="16:9")
    card = stage.answer(result)
    assert card is not None
    assert card.text == "**Preparing…**\n“a red lighthouse at dusk”\n-# Nano Banana 2.1 · 16\\:9 · 1K"
    assert (result.ephemeral, card.flags.components_v2, card.pings) == (False, True, set())

    await hold.arrived()
    await stage.until(lambda: card.text.startswith("**Generating…** · started <t:"), "Generating…")
    hold.release()
    seen = await stage.finished(result)

    assert seen.id == card.id
    (shown,) = seen.media
    assert shown.data == picture
    assert shown.description == "AI-made image: a red lighthouse at dusk"
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    assert shown.filename == f"plantain-{image.id}.jpg"
    assert seen.text == (
        "“a red lighthouse at dusk”\n"
        f"-# Nano Banana 2.1 · 16\\:9 · 1K · 1376×768 · $0.035 · `{image.id}`\n"
        "-# AI-made image"
    )
    assert seen.buttons["Vary"] == f"plantain:vary:job:{job.id}"
    assert seen.buttons["Delete"] == f"plantain:delete:job:{job.id}"
    assert (seen.flags.components_v2, seen.flags.ephemeral, seen.pings) == (True, False, set())
    assert len(stage.messages()) == 1


async def test_nothing_that_the_bot_sends_may_ping(stage: Stage) -> None:
    await stage.picture()
    sent = [
        request.json.get("data", request.json)
        for request in stage.env.http_requests
        if request.json is not None and ("/webhooks/" in request.path or "/callback" in request.path)
    ]
    assert len(sent) >= 2
    assert [body["allowed_mentions"]["parse"] for body in sent] == [[]] * len(sent)


async def test_every_option_reaches_the_provider(stage: Stage) -> None:
    seen = await stage.picture(
        model="gemini-3-pro-image", ratio="21:9", size="2K", seed=41, count=2, private=True, prompt="a fish"
    )
    assert [got.model for got in stage.gemini.history] == ["gemini-3-pro-image"] * 2
    configs = [got.body["generationConfig"] for got in stage.gemini.history]
    assert [config["imageConfig"] for config in configs] == [{"aspectRatio": "21:9", "imageSize": "2K"}] * 2
    assert sorted(config["seed"] for config in configs) == [41, 42]
    assert "Nano Banana Pro · 21\\:9 · 2K" in seen.text
    assert "seed 41" in seen.text
    assert seen.flags.ephemeral


async def test_a_tier_is_a_name_for_a_model(stage: Stage) -> None:
    await stage.picture(model="draft")
    assert [got.model for got in stage.gemini.history] == [LITE]


async def test_several_pictures_are_one_message(stage: Stage) -> None:
    pictures = [make_jpeg(64, 64, seed=number) for number in range(4)]
    stage.gemini.enqueue(*map(Picture, pictures))
    seen = await stage.picture(count=4, prompt="four of them")
    assert sorted(item.data for item in seen.media) == sorted(pictures)
    assert {item.description for item in seen.media} == {"AI-made image: four of them"}
    (job,) = await stage.done(1)
    images = await stage.images(job)
    assert [item.filename for item in seen.media] == [f"plantain-{image.id}.jpg" for image in images]
    assert " ".join(f"`{image.id}`" for image in images) in seen.text
    assert seen.text.endswith("-# AI-made images")
    assert len(stage.messages()) == 1
    assert (await stage.ledger())["settled"] == {stage.alice.id: 4}


async def test_a_private_picture_is_seen_by_its_owner_alone(stage: Stage) -> None:
    result = await stage.imagine(private=True)
    assert result.ephemeral
    seen = await stage.finished(result)
    assert seen.media
    assert seen.flags.ephemeral
    assert stage.messages() == []
    assert [message.id for message in stage.messages(viewer=stage.alice)] == [seen.id]
    assert stage.messages(viewer=stage.ben) == []


async def test_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    result = await stage.imagine(dora)
    seen = await stage.finished(result)
    assert seen.media
    assert seen.channel_id == dora.dm_channel.id
    (job,) = await stage.done(1)
    assert (job.origin.direct, job.origin.guild_id) == (True, None)


async def test_installed_to_a_user_where_the_bot_is_no_member(stage: Stage) -> None:
    """There is only the interaction's token to answer with."""
    nowhere = stage.guild.create_text_channel(
        "elsewhere",
        overwrites={stage.guild.default_role: discord.PermissionOverwrite(view_channel=True)},
    )
    result = await forged.command(
        stage,
        stage.alice,
        "imagine",
        {"prompt": "a kite"},
        channel=nowhere,
        app_permissions="0",
        authorizing_integration_owners={"1": str(stage.alice.id)},
    )
    seen = await stage.finished(result)
    assert seen.media
    assert seen.channel_id == nowhere.id


async def test_the_command_can_be_installed_and_used_everywhere(stage: Stage) -> None:
    command = stage.env.backend.find_command("imagine", None, type=1)
    assert command is not None
    assert sorted(command["integration_types"]) == [0, 1]
    assert sorted(command["contexts"]) == [0, 1, 2]


async def test_the_same_interaction_delivered_twice_is_one_job(stage: Stage) -> None:
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "once"}, twice=True)
    seen = await stage.finished(result)
    assert seen.media
    assert len(await stage.jobs()) == 1
    assert len(stage.gemini.history) == 1
    assert len(stage.messages(viewer=stage.alice)) == 1
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1}


async def test_the_same_interaction_again_when_its_job_has_ended(stage: Stage) -> None:
    """As after a lost connection: Discord delivers again what it does not know to be acknowledged."""
    stage.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    result = await forged.command(stage, stage.alice, "imagine", {"prompt": "again"})
    await stage.posted()
    payload = next(
        payload for kind, name, payload in stage.env.backend.transcript if name == "INTERACTION_CREATE"
    )
    stage.env.backend.emit("INTERACTION_CREATE", payload)
    await stage.env.settle()
    assert stage.said(result) == "This request was already carried out."
    assert len(stage.gemini.history) == 1


@pytest.mark.parametrize("stage", [{"max_concurrent": 1}], indirect=True)
async def test_who_has_to_wait_is_told_the_place(stage: Stage) -> None:
    hold = stage.gemini.hold()
    await stage.imagine(prompt="first")
    await hold.arrived()
    second = await stage.imagine(stage.ben, prompt="second")
    await stage.env.advance_time(1)
    third = await stage.imagine(stage.ben, prompt="third")
    cards = [stage.answer(second), stage.answer(third)]
    assert [card and card.text.splitlines()[0] for card in cards] == [
        "**Preparing…**",
        "**Preparing…** · place 2 in the queue",
    ]
    hold.release()
    jobs = await stage.done(3)
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}

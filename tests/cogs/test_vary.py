"""The button Vary: another take of a picture, for whoever presses it."""

from __future__ import annotations

import pytest

from bot.domain.requests import Kind
from tests.cogs.stage import Stage
from tests.fakes.gemini import Picture, make_jpeg

SENTENCE = "Make another take, number {}, of the following."


async def test_another_take(stage: Stage) -> None:
    first = await stage.picture(prompt="a *blue* door", ratio="3:2", size="2K")
    result = await stage.alice.click(first.message, label="Vary")
    assert not result.ephemeral
    card = stage.answer(result)
    assert card is not None
    assert card.id != first.id
    assert "Another take of" in card.text
    seen = await stage.finished(result)
    second = stage.gemini.history[1]
    assert (second.texts[0], second.text) == (SENTENCE.format(2), "a *blue* door")
    configs = [got.body["generationConfig"]["imageConfig"] for got in stage.gemini.history]
    assert configs == [{"aspectRatio": "3:2", "imageSize": "2K"}] * 2
    assert seen.media[0].data != first.media[0].data
    jobs = await stage.done(2)
    (image,) = await stage.images(jobs[0])
    assert (jobs[1].request.kind, jobs[1].request.parent) == (Kind.VARY, image.id)
    address = f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{first.id}"
    assert f"-# Another take of [`{image.id}`]({address}) for <@{stage.alice.id}>" in seen.text
    assert seen.pings == set()

    # And one of that.
    await stage.finished(await stage.alice.click(seen.message, label="Vary"))
    assert SENTENCE.format(3) in stage.gemini.history[2].texts


async def test_somebody_else_presses_and_pays(stage: Stage) -> None:
    first = await stage.picture()
    seen = await stage.finished(await stage.ben.click(first.message, label="Vary"))
    assert seen.media
    assert f"for <@{stage.ben.id}>" in seen.text
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1, stage.ben.id: 1}
    # It is Ben's now: Alice may not delete it.
    assert "Only the person who made" in stage.said(await stage.alice.click(seen.message, label="Delete"))


async def test_of_several_pictures_it_asks_which(stage: Stage) -> None:
    stage.gemini.enqueue(*(Picture(make_jpeg(64, 64, seed=number)) for number in range(3)))
    first = await stage.picture(count=3)
    (job,) = await stage.done(1)
    images = await stage.images(job)
    asked = await stage.ben.click(first.message, label="Vary")
    assert asked.ephemeral
    question = stage.answer(asked)
    assert question is not None
    assert question.text == "**Vary**: which picture?"
    assert list(question.buttons) == [f"{number} · {image.id}" for number, image in enumerate(images, 1)]
    assert len(stage.gemini.history) == 3

    result = await stage.ben.click(question.message, label=f"2 · {images[1].id}")
    assert not result.ephemeral
    assert (await stage.finished(result)).media
    jobs = await stage.done(2)
    assert jobs[1].request.parent == images[1].id
    assert jobs[1].request.options.count == 1


async def test_of_a_private_picture_it_is_private(stage: Stage) -> None:
    first = await stage.picture(private=True)
    result = await stage.alice.click(first.message, label="Vary")
    assert result.ephemeral
    assert (await stage.finished(result)).media
    assert stage.messages() == []


async def test_with_a_seed_it_takes_another(stage: Stage) -> None:
    first = await stage.picture(model="draft", seed=5)
    await stage.finished(await stage.alice.click(first.message, label="Vary"))
    seeds = [got.body["generationConfig"]["seed"] for got in stage.gemini.history]
    assert seeds[0] == 5
    assert seeds[1] != 5
    assert stage.gemini.history[1].text == stage.gemini.history[0].text


async def test_quick_presses_are_each_a_picture(stage: Stage) -> None:
    first = await stage.picture()
    hold = stage.gemini.hold()
    results = [await stage.alice.click(first.message, label="Vary") for _ in range(5)]
    await hold.arrived(5)
    hold.release()
    assert [len((await stage.finished(result)).media) for result in results] == [1] * 5
    assert (await stage.ledger())["settled"] == {stage.alice.id: 6}


@pytest.mark.parametrize("place", ["guild", "direct"])
async def test_after_a_restart(stage: Stage, place: str) -> None:
    who = stage.alice if place == "guild" else stage.env.create_user("dora")
    first = await stage.picture(who)
    await stage.restart()
    seen = await stage.finished(await who.click(first.message, label="Vary"))
    assert seen.media
    assert {"Vary", "Delete"} <= set(seen.buttons)


async def test_a_job_is_finished_after_a_restart(stage: Stage) -> None:
    hold = stage.gemini.hold()
    result = await stage.imagine(prompt="interrupted")
    await hold.arrived()
    await stage.stop()
    hold.drop()
    await stage.start()
    await stage.env.restart_bot(stage.app.client)
    seen = await stage.finished(result)
    assert seen.media
    assert len(await stage.jobs()) == 1
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1}

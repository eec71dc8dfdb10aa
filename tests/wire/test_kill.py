"""`kill -9` at the worst moments, then a restart: nothing is lost, doubled, or paid again."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.domain.jobs import MAX_ATTEMPTS
from tests.fakes.discord import FakeDiscord, Pending, media, text
from tests.fakes.gemini import Answer, Picture, Received, ScriptedGemini, SlowDrip, UniquePictures, make_jpeg
from tests.wire.plantain import ORIGINAL, Plantain, failure, is_result, result, until

JPEG = make_jpeg(320, 240, 60_000)


async def test_while_the_provider_works_it_is_asked_once_more(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    working = gemini.hold()
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    card = await pending.until(lambda message: "Generating…" in text(message))
    await working.arrived()
    await plantain.processes[-1].kill()
    assert plantain.job(pending).state == "running"
    working.release()
    gemini.enqueue(Picture(JPEG))
    await plantain.start()
    message = await result(pending)
    assert (message.id, media(message)[0].data) == (card.id, JPEG)
    await plantain.quiet()
    job = plantain.job(pending)
    assert (job.attempts, len(gemini.history), job.settled) == (2, 2, 1)
    assert plantain.posted() == [message]


@pytest.mark.parametrize("end", ["kill", "terminate"])
async def test_who_waits_in_the_queue_waits_on_after_the_restart(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, end: str
) -> None:
    plantain.sections["limits"] |= {"max_concurrent": 1, "shutdown_seconds": 0}
    bot = await plantain.start()
    anna, ben = discord.add_member("anna"), discord.add_member("ben")
    working = gemini.hold()
    first = await discord.slash(anna, discord.channel, "imagine", prompt="at work")
    await working.arrived()
    waiting = await discord.slash(ben, discord.channel, "imagine", prompt="in the queue")
    card = await waiting.until(lambda message: "Preparing…" in text(message))
    assert plantain.job(waiting).state == "created"
    if end == "kill":
        await bot.kill()
    else:
        assert await bot.terminate() == 0
    assert (plantain.job(waiting).state, plantain.job(waiting).attempts) == ("created", 0)
    working.release()
    await plantain.start()
    assert (await result(waiting)).id == card.id
    await result(first)
    await plantain.quiet()
    job = plantain.job(waiting)
    assert (job.attempts, job.settled, len(plantain.calls("in the queue"))) == (1, 1, 1)


async def test_what_is_stored_is_never_asked_for_again(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    gemini.enqueue(Picture(JPEG))
    posting = discord.hold("PATCH", ORIGINAL, where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await posting.arrived()
    await plantain.processes[-1].kill()
    posting.drop()
    assert pending.message is not None and not media(pending.message)
    assert plantain.job(pending).state == "succeeded"
    await plantain.start()
    assert media(await result(pending))[0].data == JPEG
    await plantain.quiet()
    assert (plantain.job(pending).attempts, len(gemini.history)) == (1, 1)


async def test_a_picture_that_discord_has_already_is_not_posted_a_second_time(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    posting = discord.hold("PATCH", ORIGINAL, point="after", where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await posting.arrived()
    first = await result(pending)
    assert plantain.job(pending).delivery is not None
    await plantain.processes[-1].kill()
    posting.release()
    await plantain.start()
    await plantain.quiet()
    second = await result(pending)
    assert second.id == first.id and second != first
    assert media(second)[0].data == media(first)[0].data
    assert (plantain.posted(), len(gemini.history)) == ([second], 1)


async def test_a_message_in_the_channel_is_not_posted_a_second_time_either(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    posting = discord.hold("POST", "/channels/*/messages", point="after")
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="old", age_seconds=14 * 60 + 30)
    await posting.arrived()
    (first,) = [message for message in plantain.posted() if media(message)]
    await plantain.processes[-1].kill()
    posting.release()
    await plantain.start()
    await plantain.quiet()
    assert plantain.posted() == [first]
    assert (len(gemini.history), pending.message) == (1, None)


@pytest.mark.parametrize("point", ["before", "after"])
async def test_in_the_middle_of_the_acknowledgement(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, point: str
) -> None:
    await plantain.start()
    working = gemini.hold()
    answering = discord.hold(
        "POST", "/interactions/*/callback", point="after" if point == "after" else "before"
    )
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await answering.arrived()
    await working.arrived()
    await plantain.processes[-1].kill()
    answering.drop()
    working.release()
    await plantain.start()
    await plantain.quiet()
    (message,) = plantain.posted()
    assert media(message)
    # Discord had taken the answer, or never heard of it: then the picture stands for itself.
    assert (message.id == pending.original_id) is (point == "after")
    assert (anna.mention in text(message)) is (point == "before")
    assert len(gemini.history) == plantain.job(pending).attempts == 2


async def test_who_was_told_to_wait_and_not_accepted_is_charged_nothing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    async with plantain.locked():
        pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
        await pending.ack()
        await plantain.processes[-1].kill()
    await plantain.start()
    await plantain.quiet()
    assert (plantain.records.jobs(), gemini.history) == ([], [])
    assert [message.id for message in plantain.posted()] == [pending.message and pending.message.id]
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))


async def test_after_too_many_kills_the_member_is_told_and_nothing_is_charged(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    working = gemini.hold()
    await plantain.start()
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        await working.arrived(attempt)
        await plantain.restart()
    assert "stopped several times" in await failure(pending)
    await plantain.quiet()
    job = plantain.job(pending)
    assert (job.job["failure_code"], job.attempts, job.settled) == ("interrupted", MAX_ATTEMPTS, 0)
    assert len(gemini.history) == MAX_ATTEMPTS


async def test_of_several_pictures_only_those_that_are_missing_are_asked_for_again(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    pictures = [make_jpeg(64, 64, seed=number) for number in range(3)]
    gemini.enqueue(Picture(pictures[0]), Picture(pictures[1]), SlowDrip(Picture(JPEG), size=100, pause=60))
    pending = await discord.slash(
        discord.add_member("anna"), discord.channel, "imagine", prompt="three", count=3
    )
    kept = "SELECT position FROM answers"
    await until(lambda: len(plantain.records.rows(kept)) == 2, within=20, describe=discord.describe)
    gemini.enqueue(Picture(pictures[2]))
    await plantain.restart()
    message = await result(pending)
    assert {item.data for item in media(message)} == set(pictures)
    await plantain.quiet()
    assert (len(gemini.history), plantain.job(pending).settled) == (4, 3)


@pytest.mark.parametrize("seed", [1, 2])
async def test_ten_jobs_at_once_and_two_kills_at_any_moment(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, seed: int
) -> None:
    chance = random.Random(seed)

    def some_time(got: Received) -> Answer:
        return SlowDrip(UniquePictures(JPEG), size=30_000, pause=chance.choice((0, 0.1, 0.4)))

    gemini.default = some_time
    await plantain.start()
    members = [discord.add_member(f"member {number}") for number in range(5)]
    sent: list[Pending] = [
        await discord.slash(members[number % 5], discord.channel, "imagine", prompt=f"number {number}")
        for number in range(10)
    ]
    for events in (chance.randint(5, 45), chance.randint(4, 25)):
        await _so_many_more(plantain, sent, events)
        await plantain.restart()
    await plantain.quiet()
    jobs = {kept.job["origin_key"]: kept for kept in plantain.records.jobs()}
    for pending in sent:
        job = jobs.get(f"interaction:{pending.id}")
        if job is None:
            # The bot died before it had accepted anything: it had not said that it would.
            assert pending.acknowledged is None
            continue
        (message,) = plantain.results(job.id)
        assert (job.state, len(media(message))) == ("succeeded", 1)
        assert 1 <= len(plantain.calls(job.request["prompt"])) <= job.attempts
    assert not [message for message in plantain.posted() if not media(message)]


async def _so_many_more(plantain: Plantain, sent: list[Pending], events: int) -> None:
    """Wait for so many requests of the bot to either side, or until there is nothing left to do."""
    discord, gemini = plantain.discord, plantain.gemini

    def seen() -> int:
        return len(discord.requests) + len(gemini.history)

    target = seen() + events

    def enough() -> bool:
        return seen() >= target or all(pending.message and media(pending.message) for pending in sent)

    async def asked() -> None:
        await gemini.received(len(gemini.history) + 1, within=60)

    while not enough():
        waiting = [
            asyncio.create_task(discord.until(enough, within=60)),
            asyncio.create_task(asked()),
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

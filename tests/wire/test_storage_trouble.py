"""A full disk and a locked database: whom it concerns is told, and nothing is lost, charged or paid twice."""

from __future__ import annotations

from tests.fakes.discord import FakeDiscord, Pending, media, text
from tests.fakes.gemini import Hold, Picture, ScriptedGemini, make_jpeg
from tests.fakes.process import BotProcess
from tests.wire.disks import MIB, fill, small_disk
from tests.wire.plantain import FAILED, Plantain, failure, refusal, result, until

LARGE = make_jpeg(1024, 1024, 3 * MIB)


async def at_the_provider(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> tuple[BotProcess, Hold, Pending]:
    """A bot whose one job waits for a large picture, with its card shown."""
    gemini.enqueue(Picture(LARGE))
    bot = await plantain.start()
    working = gemini.hold()
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    await pending.ack()
    return bot, working, pending


async def test_a_database_that_is_locked_while_the_answer_arrives(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    bot, working, pending = await at_the_provider(plantain, discord, gemini)
    async with plantain.locked():
        working.release()
        await bot.wait_for_line("storing: .* stayed locked")
        assert pending.message is not None and not media(pending.message)
    assert media(await result(pending))[0].data == LARGE
    await plantain.quiet()
    assert (plantain.job(pending).attempts, len(gemini.history)) == (1, 1)


async def test_a_bot_that_is_killed_with_the_answer_on_disk_and_not_in_the_database(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    bot, working, pending = await at_the_provider(plantain, discord, gemini)
    async with plantain.locked():
        working.release()
        answers = plantain.data / "answers"
        await until(lambda: any(answers.glob("*.json")), within=20, describe=discord.describe)
        await bot.kill()
    assert plantain.job(pending).state == "running"
    await plantain.start()
    assert media(await result(pending))[0].data == LARGE
    await plantain.quiet()
    assert (plantain.job(pending).attempts, len(gemini.history)) == (1, 1)


async def test_a_database_that_is_locked_when_somebody_asks(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.breaks = True
    await plantain.start()
    anna = discord.add_member("anna")
    async with plantain.locked():
        pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
        said = await refusal(pending)
        assert (await pending.ack()).seconds < 3
    assert "Nothing was started or charged" in said
    assert plantain.posted() == []
    assert len(plantain.records.jobs()) == len(gemini.history) == 0

    # Where the other program lets go in time, the bot was only thinking.
    async with plantain.locked():
        pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
        assert (await pending.ack()).deferred
    message = await result(pending)
    assert (plantain.posted(), message.ephemeral) == ([message], False)


async def test_a_full_disk(plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini) -> None:
    plantain.breaks = True
    with small_disk(plantain.data, 128 * MIB):
        bot = await plantain.start()
        anna = discord.add_member("anna")
        await result(await discord.slash(anna, discord.channel, "imagine", prompt="the first"))

        # Hardly any room: the provider is not even asked.
        filling = fill(plantain.data, leave=50 * MIB)
        tight = await discord.slash(anna, discord.channel, "imagine", prompt="tight")
        assert "no room to keep the picture" in await failure(tight)
        assert plantain.calls("tight") == []

        # No room at all.
        filling.unlink()
        filling = fill(plantain.data)
        none = await discord.slash(anna, discord.channel, "imagine", prompt="none")
        said = await none.until_answer(lambda message: message.ephemeral or FAILED in text(message))
        assert "charged" in text(said)
        assert plantain.calls("none") == []

        # Room until the provider was asked.
        filling.unlink()
        gemini.enqueue(Picture(LARGE))
        working = gemini.hold()
        late = await discord.slash(anna, discord.channel, "imagine", prompt="late")
        await working.arrived()
        await late.ack()
        filling = fill(plantain.data)
        working.release()
        await bot.wait_for_line(f"job {plantain.job(late).id} failed: StorageFull")
        assert bot.running
        filling.unlink()
        assert "no room to keep the picture" in await failure(late)

        again = await discord.slash(anna, discord.channel, "imagine", prompt="again")
        await result(again)
        await plantain.quiet()
        settled = {job.request["prompt"]: job.settled for job in plantain.records.jobs()}
        assert {prompt for prompt, images in settled.items() if images} == {"the first", "again"}
        await plantain.finish(None)  # while the disk is there

"""SIGTERM: what runs is finished or given back, and the process says goodbye with 0."""

from __future__ import annotations

import time

import pytest

from tests.fakes.discord import FakeDiscord, text
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import ORIGINAL, Plantain, is_result, result


async def test_an_idle_bot_ends_at_once(plantain: Plantain, discord: FakeDiscord) -> None:
    bot = await plantain.start()
    assert await bot.terminate(within=8) == 0
    await discord.disconnected()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/users/@me"), ("GET", "/oauth2/*"), ("PUT", "/applications/*/commands")]
)
async def test_a_bot_that_is_still_logging_in_ends_too(
    plantain: Plantain, discord: FakeDiscord, method: str, path: str
) -> None:
    login = discord.hold(method, path)
    bot = await plantain.run()
    await login.arrived()
    assert await bot.terminate(within=8) == 0
    assert "out of reach" not in bot.log


async def test_what_finishes_in_time_is_delivered(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    bot = await plantain.start()
    working = gemini.hold()
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    posting = discord.hold("PATCH", ORIGINAL, where=is_result)
    bot.signal_stop()
    await bot.wait_for_line("stopping")
    working.release()
    await posting.arrived()
    bot.signal_stop()  # a second time, which changes nothing
    posting.release()
    assert await bot.wait() == 0
    assert plantain.results(plantain.job(pending).id) == [pending.message]
    assert (plantain.job(pending).attempts, len(gemini.history)) == (1, 1)


async def test_what_does_not_finish_is_given_back_and_finished_by_the_next_start(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["limits"]["shutdown_seconds"] = 1
    bot = await plantain.start()
    working = gemini.hold()
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    begun = time.monotonic()
    assert await bot.terminate(within=8) == 0
    assert time.monotonic() - begun >= 1
    job = plantain.job(pending)
    assert (job.state, job.attempts, job.reserved) == ("created", 1, 1)
    assert plantain.records.faults(unfinished=[pending.id]) == []
    assert pending.message is not None and "…" in text(pending.message)

    working.release()
    await plantain.start()
    await result(pending)
    await plantain.quiet()
    assert (plantain.job(pending).attempts, len(gemini.history)) == (2, 2)


async def test_an_answer_that_is_not_delivered_in_time_is_delivered_by_the_next_start(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["limits"]["shutdown_seconds"] = 0
    bot = await plantain.start()
    posting = discord.hold("PATCH", ORIGINAL, where=is_result)
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await posting.arrived()
    assert await bot.terminate(within=8) == 0
    posting.drop()
    assert plantain.job(pending).state == "succeeded"
    await plantain.start()
    await result(pending)
    await plantain.quiet()
    assert len(gemini.history) == 1

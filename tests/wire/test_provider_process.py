"""The process that makes the provider's calls: it dies, the bot dies, both are told to stop."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.fakes.discord import FakeDiscord, Pending, media, text
from tests.fakes.gemini import Hold, Picture, ScriptedGemini, SlowDrip, make_jpeg
from tests.fakes.process import BotProcess
from tests.wire.plantain import Plantain, failure, result, until

JPEG = make_jpeg(320, 240, 60_000)


def child_of(bot: BotProcess) -> int:
    (child,) = bot.children
    return child


def is_gone(pid: int) -> bool:
    """Whether a process has ended; somebody else's dead child may still stand in the table (proc(5): Z)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def asked(discord: FakeDiscord, prompt: str = "a boat") -> Pending:
    return await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt=prompt)


async def at_work(discord: FakeDiscord, gemini: ScriptedGemini) -> tuple[Hold, Pending]:
    """Ask for a picture, and return when its call is with the provider, which holds it."""
    working = gemini.hold()
    pending = await asked(discord)
    await working.arrived()
    return working, pending


async def test_a_member_gets_the_picture_although_it_died(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    bot = await plantain.start()
    working, pending = await at_work(discord, gemini)
    first = child_of(bot)
    os.kill(first, signal.SIGKILL)
    working.release()
    gemini.enqueue(Picture(JPEG))
    assert media(await result(pending))[0].data == JPEG
    await plantain.quiet()
    job = plantain.job(pending)
    assert (job.attempts, job.settled, len(gemini.history)) == (1, 1, 2)
    assert child_of(bot) != first
    await bot.wait_for_line(r"ERROR .*the provider's process ended with -9; another is started")


async def test_an_answer_that_was_coming_in_when_it_died_is_not_paid_for_again(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    bot = await plantain.start()
    gemini.default = SlowDrip(Picture(JPEG), size=1_000, pause=0.5)
    pending = await asked(discord)
    await pending.until(lambda message: "Finalizing…" in text(message))
    os.kill(child_of(bot), signal.SIGKILL)
    assert "Something went wrong" in await failure(pending)
    await plantain.quiet()
    assert (plantain.job(pending).settled, len(gemini.history)) == (0, 1)
    await bot.wait_for_line(r"BadAnswer: the answer broke off: the provider's process ended")
    gemini.default = Picture(JPEG)
    await result(await asked(discord, "another boat"))


async def test_a_call_outlives_one_death_and_no_second(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    """Nobody knows whether Google charges for a call that nobody answered: it is not made again and again."""
    bot = await plantain.start()
    working, pending = await at_work(discord, gemini)
    os.kill(child_of(bot), signal.SIGKILL)
    working.release()
    working = gemini.hold()  # of the next call
    await working.arrived()
    os.kill(child_of(bot), signal.SIGKILL)
    working.release()
    assert "Something went wrong" in await failure(pending)
    await plantain.quiet()
    assert (plantain.job(pending).settled, len(gemini.history)) == (0, 2)
    await result(await asked(discord, "another boat"))


async def test_it_dies_with_the_bot(plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini) -> None:
    bot = await plantain.start()
    working, pending = await at_work(discord, gemini)
    child = child_of(bot)
    await bot.kill()
    await until(lambda: is_gone(child), within=20.0, describe=lambda: f"{child} still runs")
    await gemini.left_alone()  # nobody waits for an answer that nobody would settle
    working.release()
    await plantain.start()
    await result(pending)


async def test_where_both_are_told_to_stop_what_was_paid_is_posted(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    """As systemd does, and a terminal with Ctrl-C."""
    bot = await plantain.start()
    working = gemini.hold()
    pending = await asked(discord)
    await pending.until(lambda message: "Generating…" in text(message))
    await working.arrived()
    os.kill(child_of(bot), signal.SIGTERM)
    bot.signal_stop()
    await bot.wait_for_line("stopping")
    working.release()
    assert await bot.wait() == 0
    await result(pending)
    assert (plantain.job(pending).settled, len(gemini.history)) == (1, 1)

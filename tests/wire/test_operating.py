"""What an operator does with a bot that runs: settings read anew, errors in a channel, backup and restore."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord, Member, text
from tests.fakes.gemini import ScriptedGemini, error
from tests.wire.plantain import Plantain, result, until

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")


async def test_settings_are_read_anew(plantain: Plantain, discord: FakeDiscord) -> None:
    plantain.sections["limits"]["daily_images"] = 1
    bot = await plantain.start()
    anna = discord.add_member("anna")
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    refused = await discord.slash(anna, discord.channel, "imagine", prompt="a boat too many")
    await discord.until(lambda: refused.message and "1" in text(refused.message))

    plantain.sections["limits"]["daily_images"] = -1
    plantain.write_settings()
    os.kill(bot.pid, signal.SIGHUP)
    await bot.wait_for_line("settings stay as they are: limits.daily_images: is too small")

    plantain.sections["limits"] |= {"daily_images": 2, "max_prompt": 5, "max_concurrent": 3}
    plantain.sections["log"] = {"format": "json"}
    plantain.write_settings()
    os.kill(bot.pid, signal.SIGHUP)
    await bot.wait_for_line(
        '"the settings were read anew; changed: .*limits.daily_images, .*limits.max_prompt'
    )
    await bot.wait_for_line('"these count only after a restart: limits.max_concurrent"')
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="again"))
    refused = await discord.slash(anna, discord.channel, "imagine", prompt="too long")
    await discord.until(lambda: refused.message and "5" in text(refused.message))
    assert await bot.terminate() == 0


async def test_settings_are_read_anew_by_a_command(plantain: Plantain, discord: FakeDiscord) -> None:
    oscar, gina = discord.add_member("oscar", ["manage_guild"]), discord.add_member("gina", ["manage_guild"])
    plantain.sections["moderation"] = {"operators": [oscar.id]}
    bot = await plantain.start()

    async def reload(who: Member) -> str:
        pending = await discord.slash(who, discord.channel, "config reload")
        await discord.until(lambda: pending.message)
        assert pending.message is not None and pending.message.ephemeral
        return text(pending.message)

    plantain.sections["limits"] |= {"daily_images": -1, "max_prompt": "five"}
    plantain.sections["discord"]["token"] = "a token in the wrong place"
    plantain.write_settings()
    told = await reload(oscar)
    for fault in (
        "3 things",
        "daily_images: is too small: -1",
        "max_prompt: is text",
        "discord.token: is not",
    ):
        assert fault in told
    assert "wrong place" not in told

    del plantain.sections["discord"]["token"]
    plantain.sections["limits"] |= {"daily_images": 0, "max_prompt": 5, "max_concurrent": 3}
    plantain.write_settings()
    assert "Only the operators of this bot" in await reload(gina)
    told = await reload(oscar)
    assert "from now on: `limits.daily_images`, `limits.max_prompt`" in told
    assert "after a restart: `limits.max_concurrent`" in told
    await bot.wait_for_line("the settings were read anew; changed: limits.daily_images, limits.max_prompt")
    refused = await discord.slash(gina, discord.channel, "imagine", prompt="a boat")
    await discord.until(lambda: refused.message and "5" in text(refused.message))


async def test_errors_are_told_in_a_channel_without_what_members_wrote(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    operators = discord.add_channel("operators")
    plantain.sections["log"] = {"channel": operators.id}
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    gemini.enqueue(error(403, "PERMISSION_DENIED", "The caller does not have permission for a secret boat."))
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a secret boat")
    told = await discord.until_message(operators, lambda message: "Errors." in text(message))
    shown = text(told)
    assert f"job {plantain.job(pending).id} failed: KeyRefused: KeyRefused" in shown
    assert "bot.studio.reasons:" in shown
    for private in ("boat", "anna", str(anna.id), str(discord.guild.id)):
        assert private not in shown
    await plantain.quiet()


async def test_an_error_channel_that_cannot_be_written_is_only_a_line_in_the_log(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    operators = discord.add_channel("operators")
    discord.deny(operators, "send_messages")
    plantain.sections["log"] = {"channel": operators.id}
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    gemini.enqueue(error(403, "PERMISSION_DENIED", "No."))
    await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await bot.wait_for_line("WARNING bot.error_reports: errors were not reported: Discord answered 403")
    await plantain.quiet()


async def test_a_backup_beside_the_bot_brings_everything_back(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, tmp_path: Path
) -> None:
    target = tmp_path / "backup.tar"
    await plantain.start()
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    shown = await result(pending)
    working = gemini.hold()
    waiting = await discord.slash(anna, discord.channel, "imagine", prompt="a ship")
    await working.arrived()

    backup = await plantain.run("backup", str(target), settings=False)
    assert await backup.wait() == 0, backup.log
    assert "the database and 1 pictures" in backup.log and "verified" in backup.log
    again = await plantain.run("backup", str(target), settings=False)
    assert await again.wait() == 2 and "exists already" in again.log
    refused = await plantain.run("restore", str(target), "--force", settings=False)
    assert await refused.wait() == 2 and "another process works on" in refused.log

    # The machine is lost with the bot, and another one takes over.
    await plantain.processes[0].kill()
    plantain.use_data(tmp_path / "new machine")
    restored = await plantain.run("restore", str(target))
    assert await restored.wait() == 0, restored.log
    assert "restored 1 pictures" in restored.log
    working.release()
    await plantain.start()
    await result(waiting)
    await plantain.quiet()
    assert plantain.job(pending).state == plantain.job(waiting).state == "succeeded"
    assert shown.attachments


@pytest.mark.skipif(sys.platform != "linux", reason="what a process ignores is read from /proc")
async def test_a_hangup_that_comes_too_early_is_no_end(plantain: Plantain, discord: FakeDiscord) -> None:
    login = discord.hold("GET", "/users/@me")
    bot = await plantain.run()
    await until(lambda: ignores_hangup(bot.pid), within=20.0, describe=lambda: "SIGHUP would still end it")
    os.kill(bot.pid, signal.SIGHUP)
    await login.arrived()
    login.release()
    await bot.wait_for_line("ready as")


def ignores_hangup(pid: int) -> bool:
    """Whether SIGHUP does not end a process (proc(5), status: masks of signals, 1 is the lowest bit)."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = re.findall(r"^Sig(?:Ign|Cgt):\s+([0-9a-f]+)$", status, re.MULTILINE)
    return any(int(mask, 16) & 1 for mask in masks)

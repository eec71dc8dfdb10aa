"""Damaged data and no memory: said in plain words, nothing charged, and the rest goes on."""

from __future__ import annotations

import hashlib
import io
import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.fakes.discord import FakeDiscord, media, text
from tests.fakes.gemini import Picture, ScriptedGemini, make_jpeg
from tests.wire.plantain import Plantain, refusal, result
from tests.wire.records import DATABASE

MIB = 2**20


async def test_a_database_that_is_damaged_is_said_to_be_and_left_as_it_is(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    await plantain.quiet()
    assert await plantain.processes[-1].terminate() == 0
    database = plantain.data / DATABASE
    whole = damage(database)
    damaged = database.read_bytes()

    bot = await plantain.run()
    assert await bot.wait() == 2
    assert "is damaged or is no Plantain database" in bot.log
    assert "put a backup in its place" in bot.log
    assert "Traceback" not in bot.log
    assert database.read_bytes() == damaged
    database.write_bytes(whole)
    await plantain.start()
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="another boat"))


async def test_a_database_that_is_damaged_at_work_ends_the_bot_and_loses_no_answer(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.breaks = True
    bot = await plantain.start()
    working = gemini.hold()
    anna, ben = discord.add_member("anna"), discord.add_member("ben")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await pending.until(lambda message: "Generating…" in text(message))
    await working.arrived()
    database = plantain.data / DATABASE
    whole = damage(database)

    asked = await discord.slash(ben, discord.channel, "imagine", prompt="another boat")
    assert "data is damaged" in await refusal(asked)
    await bot.wait_for_line(
        "CRITICAL .*the bot ends, because its data is not what it was: .* is damaged or is"
    )
    assert bot.running  # what is paid for is waited for
    working.release()
    assert await bot.wait() == 2
    assert "Plantain cannot use its data" in bot.log
    assert "put a backup in its place" in bot.log
    assert bot.log.count("CRITICAL") == 1
    assert len(list((plantain.data / "answers").iterdir())) == 1

    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (plantain.data / name).unlink(missing_ok=True)
    database.write_bytes(whole)
    await plantain.start()
    await result(pending)
    await plantain.quiet()
    assert (plantain.job(pending).settled, len(gemini.history)) == (1, 1)


def damage(database: Path) -> bytes:
    """Write nonsense over the pages where the jobs begin; return the file as it was."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        roots = connection.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'jobs'")
        pages = [row[0] for row in roots]
    whole = database.read_bytes()
    with database.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
    return whole


async def test_a_picture_whose_file_is_lost_is_said_to_be_gone_and_costs_nothing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    message = await result(pending)
    await plantain.quiet()
    (image,) = plantain.job(pending).images
    file = plantain.data / "blobs" / image["sha256"][:2] / image["sha256"]
    data = file.read_bytes()
    file.unlink()

    form = await discord.click(anna, message, "Edit")
    edit = await discord.submit_modal(anna, form, {"instruction": "a hat"})
    said = text(await edit.until_answer(lambda state: "charged" in text(state) or state.ephemeral))
    assert "charged" in said, said
    await plantain.quiet()
    assert sum(job.settled for job in plantain.records.jobs()) == 1
    assert len(gemini.history) == 1
    # What does not need the file works.
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="another boat"))
    file.write_bytes(data)
    assert plantain.processes[-1].running


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits a process from outside")
async def test_a_picture_for_which_there_is_no_memory_does_not_end_the_bot(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.breaks = True
    bot = await plantain.start()
    anna = discord.add_member("anna")
    gemini.enqueue(Picture(make_jpeg(64, 64)))
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    file = huge_when_decoded()
    before = leave_little_memory(bot.pid)
    edit = await discord.slash(anna, discord.channel, "edit", image=file, instruction="make it blue")
    said = await edit.until_answer(lambda state: state.ephemeral)
    assert "was not carried out" in text(said), text(said)
    assert len(gemini.history) == 1
    # Others are served all the while, and the same picture is taken when there is memory again.
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="another boat"))
    resource.prlimit(bot.pid, resource.RLIMIT_AS, before)
    again = await discord.slash(anna, discord.channel, "edit", image=file, instruction="make it blue")
    assert media(await result(again, within=40))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits a process from outside")
@pytest.mark.parametrize("end", ["memory", "kill"])
async def test_a_paid_picture_for_which_there_is_no_memory_is_kept_until_there_is(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, end: str
) -> None:
    bot = await plantain.start()
    anna = discord.add_member("anna")
    gemini.enqueue(Picture(make_jpeg(64, 64)))
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    file = huge_when_decoded()
    gemini.enqueue(Picture(file, "image/png"))
    before = leave_little_memory(bot.pid)
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a huge boat")
    await bot.wait_for_line("no memory is left to look at a picture; trying again")

    job_id = plantain.job(pending).id
    (kept,) = plantain.records.rows(f"SELECT pictures FROM answers WHERE job_id = '{job_id}'")
    sha256 = hashlib.sha256(file).hexdigest()
    assert sha256 in kept["pictures"]
    assert (plantain.data / "blobs" / sha256[:2] / sha256).read_bytes() == file
    if end == "kill":
        await plantain.restart()
    else:
        resource.prlimit(bot.pid, resource.RLIMIT_AS, before)
    assert media(await result(pending, within=60))[0].data == file
    await plantain.quiet()
    assert (plantain.job(pending).settled, len(plantain.calls("a huge boat"))) == (1, 1)


def huge_when_decoded() -> bytes:
    """A picture of 200 KB that becomes 190 MB."""
    file = io.BytesIO()
    Image.new("RGB", (8000, 8000), "red").save(file, "PNG")
    return file.getvalue()


def leave_little_memory(pid: int) -> tuple[int, int]:
    """Let a process have 100 MB more than it has, and return its limit as it was."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_AS)
    used = psutil.Process(pid).memory_info().vms
    resource.prlimit(pid, resource.RLIMIT_AS, (used + 100 * MIB, hard))
    return soft, hard

"""What an operator has got wrong is a sentence and exit code 2, never a traceback, never a secret."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from tests.fakes.discord import FakeDiscord
from tests.fakes.process import BotProcess
from tests.wire.disks import read_only
from tests.wire.plantain import KEY, Plantain, installation, result
from tests.wire.records import DATABASE

ROOT = Path(__file__).parents[2]
WRONG = "wrong-token.0123456789"


async def ends_with(process: BotProcess, code: int, *sentences: str) -> str:
    """Wait for the end and check what an operator reads; returns all of it."""
    assert await process.wait() == code, process.log
    for sentence in sentences:
        assert sentence in process.log
    assert "Traceback" not in process.log
    assert process.stdout == []
    return process.log


async def test_a_wrong_token(plantain: Plantain) -> None:
    process = await plantain.run(environment={"DISCORD_TOKEN": WRONG})
    log = await ends_with(process, 2, "Discord does not accept DISCORD_TOKEN")
    assert WRONG not in log
    # Nothing more than the sentence and what an operator may ignore.
    assert process.stderr[-1].startswith("Discord does not accept DISCORD_TOKEN")


async def test_packages_that_are_not_installed() -> None:
    # -S: without the packages of this environment.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-S", "-m", "bot", "doctor"), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().startswith("Plantain's packages are not installed for this Python.")
    assert len(said.splitlines()) == 1


async def test_an_intent_that_is_not_enabled(tmp_path: Path) -> None:
    async with FakeDiscord(message_content=False) as discord, installation(tmp_path, discord) as plantain:
        await ends_with(
            await plantain.run(), 2, "message-content intent is not enabled", "message_content = false"
        )
        assert discord.gateway.identifies == []  # a day has a thousand of them
        plantain.sections["discord"]["message_content"] = False
        await plantain.start()
        await plantain.finish(None)


async def test_everything_that_is_wrong_with_the_settings_is_said_at_once(plantain: Plantain) -> None:
    plantain.sections["discord"] |= {"proxy": "socks5://here", "token": WRONG}
    plantain.sections["limits"] |= {"daily_images": -1, "time_zone": "UTC"}
    plantain.sections["colours"] = {"background": "green"}
    process = await plantain.run(without=["DISCORD_TOKEN", "GEMINI_API_KEY"])
    log = await ends_with(
        process,
        2,
        "Plantain cannot start. Please change:",
        "DISCORD_TOKEN: is not set",
        "GEMINI_API_KEY: is not set",
        "discord.proxy: ",
        "discord.token: is not a setting of Plantain",
        "limits.daily_images: is too small: -1",
        "limits.time_zone: is not a setting of Plantain. Did you mean limits.timezone?",
        "colours: is not a setting of Plantain",
    )
    assert WRONG not in log
    assert not plantain.data.exists()


async def test_a_secret_that_cannot_be_one_is_not_repeated(plantain: Plantain) -> None:
    process = await plantain.run(environment={"GEMINI_API_KEY": f'"{KEY}"', "PLANTAIN_LIMITS__MAX": KEY})
    log = await ends_with(
        process, 2, "GEMINI_API_KEY: holds a space, a quotation mark", "PLANTAIN_LIMITS__MAX"
    )
    assert KEY not in log


async def test_a_settings_file_that_is_none(plantain: Plantain) -> None:
    plantain.config.mkdir()
    process = await plantain.run(settings=False)
    await ends_with(process, 2, f"{plantain.config}: cannot be read (Is a directory)")
    plantain.config.rmdir()
    await ends_with(await plantain.run(settings=False), 2, f"{plantain.config}: does not exist")
    plantain.config.write_text("[limits]\ndaily_images = twenty\n", encoding="utf-8")
    await ends_with(await plantain.run(settings=False), 2, "is not valid TOML", "line 2")


async def test_discord_out_of_reach(plantain: Plantain) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    plantain.sections["discord"]["proxy"] = f"http://127.0.0.1:{port}"
    await ends_with(await plantain.run(), 1, "Discord is out of reach. Check the network and discord.proxy")


async def test_a_second_process_on_the_same_data(plantain: Plantain, discord: FakeDiscord) -> None:
    first = await plantain.start()
    sessions = len(discord.gateway.identifies)
    await ends_with(await plantain.run(), 2, "another process works on", str(plantain.data), "Stop it, or")
    await ends_with(await plantain.run("migrate"), 2, "another process works on")
    assert len(discord.gateway.identifies) == sessions
    anna = discord.add_member("anna")
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="still here"))
    assert await first.terminate() == 0


async def test_a_database_of_a_newer_version(plantain: Plantain) -> None:
    await plantain.migrated()
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, '0099_future', 'x', 0)")
    before = (plantain.data / DATABASE).read_bytes()
    await ends_with(
        await plantain.run(),
        2,
        "written by a newer version of Plantain (it has 0099_future)",
        "Start that version",
    )
    assert (plantain.data / DATABASE).read_bytes() == before


async def test_a_database_that_is_none(plantain: Plantain) -> None:
    plantain.data.mkdir()
    (plantain.data / DATABASE).write_bytes(b"no database at all" * 1000)
    await ends_with(await plantain.run(), 2, "is damaged or is no Plantain database")


async def test_a_database_that_another_program_holds(plantain: Plantain) -> None:
    await plantain.migrated()
    with closing(sqlite3.connect(plantain.data / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await ends_with(await plantain.run(), 1, "stayed locked: another program works on it")


async def test_a_data_folder_that_is_missing_is_made(plantain: Plantain, discord: FakeDiscord) -> None:
    plantain.use_data(plantain.folder / "a" / "b" / "data")
    await plantain.start()
    assert plantain.data.stat().st_mode & 0o077 == 0
    await result(await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat"))


async def test_a_data_folder_that_is_a_file(plantain: Plantain) -> None:
    plantain.data.write_text("hello")
    await ends_with(await plantain.run(), 2, "storage.path: names a file, not a folder")
    plantain.use_data(plantain.data / "below")
    await ends_with(await plantain.run(), 2, "Plantain cannot use its data", str(plantain.data))
    assert (plantain.folder / "data").read_text() == "hello"
    plantain.use_data(plantain.folder / "elsewhere")


async def test_data_that_cannot_be_written(plantain: Plantain) -> None:
    await plantain.migrated()
    with read_only(plantain.data):
        await ends_with(await plantain.run(), 2, "cannot be written", str(plantain.data))

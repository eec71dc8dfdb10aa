"""`python -m bot doctor` on good and on broken installations, beside the running bot and without it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from storage.store import LOCK
from tests.fakes.discord import FakeDiscord
from tests.fakes.process import BotProcess
from tests.wire.disks import read_only
from tests.wire.plantain import KEY, Plantain, installation, result
from tests.wire.records import DATABASE

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz9753108642AB"
GOOD_KEY = "AIzaSyA-9876543210zyxwvutsrqponmlkjihgf"
SECRETS = {"DISCORD_TOKEN": TOKEN, "GEMINI_API_KEY": GOOD_KEY}


class Report:
    """What the doctor said."""

    def __init__(self, process: BotProcess, code: int) -> None:
        data: dict[str, Any] = json.loads("\n".join(process.stdout))
        assert data["exit_code"] == code
        self.code = code
        self.findings: list[dict[str, str]] = data["findings"]

    def marked(self, mark: str) -> list[str]:
        return [
            f"{item['area']}: {item['seen']} → {item['remedy']}"
            for item in self.findings
            if item["mark"] == mark
        ]

    def has(self, mark: str, *parts: str) -> bool:
        return any(all(part in line for part in parts) for line in self.marked(mark))


async def examined(plantain: Plantain, *options: str, **environment: str) -> Report:
    process = await plantain.run("doctor", "--json", *options, environment={**SECRETS, **environment})
    code = await process.wait(within=60)
    for secret in (*SECRETS.values(), *environment.values()):
        assert secret not in process.log
    assert "Traceback" not in process.log
    return Report(process, code)


@pytest.fixture
def token(discord: FakeDiscord) -> Iterator[None]:
    """A token of the shape of Discord's."""
    discord.world.token = TOKEN
    yield


@pytest.mark.usefixtures("token")
async def test_a_good_installation_beside_the_running_bot(plantain: Plantain, discord: FakeDiscord) -> None:
    plantain.sections["server"]["port"] = 18080  # nothing listens there: this bot runs without it
    bot = await plantain.run(environment={"PLANTAIN_SERVER__PORT": "0", "DISCORD_TOKEN": TOKEN})
    await bot.wait_for_line("ready as")
    await result(await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat"))
    sessions = len(discord.gateway.identifies)
    report = await examined(plantain)
    assert (report.marked("warn"), report.marked("fail"), report.code) == ([], [], 0)
    for parts in (
        ("looks like a token of application 123456789012345678",),
        ("GEMINI_API_KEY looks like",),
        ("message-content intent is enabled",),
        ("installed to servers and users",),
        ("commands are published everywhere, as this version has them",),
        ("Test server", "nothing is missing"),
        ("may call gemini-nano-banana-2.1",),
        ("retired models", "gemini-2.5-flash-image → "),
        ("all with prices",),
        ("SQLite", "every page and index checked"),
        ("every reservation belongs to a living job",),
        ("audit", "its chain is whole"),
        ("1 (", "all there", "no orphans"),
        ("discord.proxy", "can be reached"),
        ("the clock agrees",),
    ):
        assert report.has("ok", *parts), (parts, report.findings)
    assert len(discord.gateway.identifies) == sessions
    # In its short form it ran at the start, and said what it saw: the tests' key is none of Google's.
    await bot.wait_for_line("WARNING bot.doctor.examine: doctor: settings: GEMINI_API_KEY does not look like")


@pytest.mark.usefixtures("token")
async def test_what_is_wrong_on_discords_side(plantain: Plantain, discord: FakeDiscord) -> None:
    await plantain.migrated()
    quiet = discord.add_channel("quiet\x1b[2J")
    discord.deny(quiet, "send_messages", "attach_files")
    hidden = discord.add_channel("hidden")
    discord.deny(hidden, "view_channel")
    plantain.sections["discord"]["guild_ids"] = [discord.world.foreign_guild.id]
    earlier = {"id": "77", "name": "imagine", "type": 1, "description": "Make a picture"}
    discord.world.commands[None] = {77: earlier}
    report = await examined(plantain)
    assert report.has("warn", "published everywhere as well, and so stand twice: /imagine", "Start the bot")
    assert report.has(
        "warn", "missing send_messages in #quiet", "attach_files in #quiet", "Give the bot's role"
    )
    assert not any("\x1b" in line for line in report.marked("warn"))
    assert report.has("fail", "does not let the bot publish commands", "scope applications.commands")
    assert report.code == 2

    plantain.sections["discord"]["guild_ids"] = []
    discord.world.commands.clear()
    report = await examined(plantain)
    assert report.has("warn", "/imagine is missing", "menu Edit image is missing", "Start the bot")


@pytest.mark.usefixtures("token")
async def test_a_server_that_does_not_answer_is_named_and_the_rest_is_looked_at(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    await plantain.migrated()
    for status, pattern in ((403, "/guilds/*/channels"), (404, "/applications/*/commands")):
        discord.faults.fail("GET", pattern, status, {"message": "no", "code": 50001}, times=1)
    report = await examined(plantain)
    assert report.has("warn", "server 'Test server'", "could not be looked at: Discord answered 403")
    assert report.has("warn", "the commands could not be looked at: Discord answered 404")
    assert report.has("ok", "message-content intent is enabled")
    assert report.has("ok", "the clock agrees")
    assert report.marked("fail") == []


@pytest.mark.usefixtures("token")
async def test_an_intent_that_may_be_off_is_no_failure(tmp_path: Path) -> None:
    async with FakeDiscord(message_content=False) as discord, installation(tmp_path, discord) as plantain:
        discord.world.token = TOKEN
        plantain.sections["discord"]["message_content_optional"] = True
        bot = await plantain.run(environment={"DISCORD_TOKEN": TOKEN, "GEMINI_API_KEY": GOOD_KEY})
        await bot.wait_for_line("ready as")
        await bot.wait_for_line(
            "doctor: discord: the message-content intent is not enabled → discord.message_"
        )
        report = await examined(plantain)
        assert report.has("warn", "intent is not enabled", "discord.message_content_optional")
        assert (report.marked("fail"), report.code) == ([], 1)
        await plantain.finish(None)


@pytest.mark.usefixtures("token")
async def test_channels_that_were_set_and_cannot_be_written_to(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    await plantain.migrated()
    desk, notes = discord.add_channel("desk"), discord.add_channel("notes")
    discord.deny(desk, "attach_files")
    data = json.dumps({"desk_channel": desk.id, "log_channel": notes.id})
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("INSERT INTO server_settings VALUES (?, ?, 1, 1, 1)", (discord.guild.id, data))
    plantain.sections["log"] = {"channel": 4711}
    report = await examined(plantain)
    assert report.has("warn", "log.channel: there is no channel 4711")
    where = f"of server {discord.guild.id}"
    assert report.has("warn", f"the desk (/config moderation channel) {where}", "lacks attach_files")
    assert report.has("ok", f"the log (/config log) {where}", "may write to #notes")
    discord.deny(notes, "send_messages")
    plantain.sections["log"] = {"channel": notes.id}
    report = await examined(plantain)
    assert report.has("warn", f"log.channel: in channel {notes.id} the bot lacks send_messages")
    # The bot's own look at the start sees the same.
    bot = await plantain.run(environment={"DISCORD_TOKEN": TOKEN})
    await bot.wait_for_line(
        f"doctor: discord: log.channel: in channel {notes.id} the bot lacks send_messages"
    )


async def test_an_intent_that_is_off_and_a_token_that_is_wrong(tmp_path: Path) -> None:
    async with FakeDiscord(message_content=False) as discord, installation(tmp_path, discord) as plantain:
        await plantain.migrated()
        discord.world.token = TOKEN
        report = await examined(plantain)
        assert report.has("fail", "the message-content intent is not enabled", "message_content = false")
        report = await examined(plantain, DISCORD_TOKEN="not-a-token-at-all.0123456789")
        assert report.has("warn", "does not look like a bot's token")
        assert report.has("fail", "Discord does not accept DISCORD_TOKEN", "Reset Token")
        await plantain.finish(None)


@pytest.mark.usefixtures("token")
async def test_what_is_wrong_on_googles_side(plantain: Plantain) -> None:
    await plantain.migrated()
    catalogue = plantain.folder / "models.toml"
    catalogue.write_text(
        '[models."gemini-4-image"]\nlabel = "Four"\nfamily = "four"\nratios = ["1:1"]\n'
        "sizes = { 1K = 1000 }\nmax_inputs = 1\n"
    )
    plantain.sections["gemini"] |= {"catalogue": str(catalogue), "default_model": "gemini-2.5-flash-image"}
    report = await examined(plantain, GEMINI_API_KEY=KEY)
    assert report.has("warn", "GEMINI_API_KEY does not look like")
    assert report.has("warn", "was shut down on 2026-10-02", 'default_model = "')
    assert report.has("warn", "no prices are known for gemini-4-image")
    assert report.has("warn", "the key may not call gemini-4-image", "hidden = true")
    plantain.sections["gemini"] |= {"base_url": "http://127.0.0.1:1"}
    report = await examined(plantain)
    assert report.has("fail", "Google cannot be reached")


@pytest.mark.usefixtures("token")
async def test_data_that_is_wrong(plantain: Plantain, discord: FakeDiscord) -> None:
    report = await examined(plantain)
    assert report.has("warn", "there is no database", "The first start makes it")
    lost = plantain.data / "blobs" / "ab" / ("ab" * 32)
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"a picture")
    os.utime(lost, (time.time() - 100_000,) * 2)
    report = await examined(plantain, "--repair")
    assert report.has("fail", "pictures", "and their database is not (any more)")
    assert lost.exists()
    shutil.rmtree(plantain.data)
    (plantain.data / ".restoring").mkdir(parents=True)
    bot = await plantain.run(environment={"DISCORD_TOKEN": TOKEN})
    await bot.wait_for_line("ready as")
    anna = discord.add_member("anna")
    for prompt in ("a boat", "a ship", "a raft"):
        await result(await discord.slash(anna, discord.channel, "imagine", prompt=prompt))
    await plantain.quiet()
    assert await bot.terminate() == 0

    good, broken = plantain.data, plantain.folder / "broken"
    shutil.copytree(good, broken)
    plantain.use_data(broken)
    kept = sorted((plantain.data / "blobs").glob("??/*"))
    kept[0].unlink()
    kept[1].write_bytes(b"something else")
    orphan = plantain.data / "blobs" / "ab" / ("ab" * 32)
    fresh = plantain.data / "blobs" / "cd" / ("cd" * 32)
    for path in (orphan, fresh):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"nobody's")
    os.utime(orphan, (time.time() - 100_000,) * 2)
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("DROP TRIGGER ledger_keeps_entries")
        connection.execute(
            "DELETE FROM ledger WHERE kind = 'settle' AND rowid = (SELECT MAX(rowid) FROM ledger)"
        )
        connection.execute("UPDATE audit_head SET number = number + 1")  # an entry was cut off
    report = await examined(plantain)
    assert report.has("fail", "audit", "its chain is broken: link 1 is missing at the end")
    assert report.has("fail", "1 are gone from the disk", kept[0].name)
    assert report.has("fail", "are damaged")
    assert report.has("warn", "1 are older than a day", "--repair")
    assert report.has("warn", "a restore was interrupted before it changed anything")
    assert report.has("fail", "1 jobs ended and still hold a reservation")
    report = await examined(plantain, "--repair")
    assert report.has("ok", "1 orphans were removed")
    assert report.has("ok", "settled these jobs, whose pictures had not been charged")
    assert report.has("ok", "made the sums anew")
    assert (await examined(plantain)).has("ok", "settlements and sums are right")
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("UPDATE ledger_sums SET micros = micros + 1500000 WHERE account = 'bot'")
    report = await examined(plantain)
    assert report.has("fail", "sums differ from the entries: bot 0 by $1.500000", "Compare it with a backup")
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("DELETE FROM ledger WHERE job_id = (SELECT MIN(job_id) FROM ledger)")
    for options in ((), ("--repair",), ()):
        report = await examined(plantain, *options)
        assert report.has("fail", "1 jobs ended and have no entries any more", "Somebody wrote to the")
        assert report.has("fail", "sums differ from the entries")
    assert (orphan.exists(), fresh.exists()) == (False, True)
    plantain.use_data(good)


@pytest.mark.usefixtures("token")
async def test_data_that_cannot_be_written(plantain: Plantain) -> None:
    good, locked = plantain.data, plantain.folder / "locked"
    locked.mkdir()
    plantain.use_data(locked / "data")
    with read_only(locked):
        report = await examined(plantain)
        assert report.has("fail", f"disk: {locked} cannot be written", "Make it writable")
        assert report.has("ok", f"MiB are free for {plantain.data}")
        assert report.has("warn", "there is no database")
        assert (await refused(plantain)) == 2
    plantain.use_data(good)
    await plantain.migrated()
    for name in ("blobs", "answers", DATABASE, LOCK):
        path = plantain.data / name
        path.touch()
        with read_only(path):
            report = await examined(plantain)
            assert report.has("fail", f"disk: {path} cannot be written", "Make it writable"), name
    assert (await examined(plantain)).marked("fail") == []


async def refused(plantain: Plantain) -> int:
    """The exit code of a start that does not come to anything."""
    return await (await plantain.run()).wait(within=60)


@pytest.mark.usefixtures("token")
async def test_a_cause_is_told_once(plantain: Plantain) -> None:
    plantain.data.mkdir()
    (plantain.data / DATABASE).write_bytes(b"not a database at all" * 100)
    report = await examined(plantain)
    assert [item["area"] for item in report.findings if "damaged" in item["seen"]] == ["database"]
    assert all(
        report.has("warn", f"{area}: it was not looked at") for area in ("ledger", "audit", "pictures")
    )
    assert report.has("ok", "MiB are free")


@pytest.mark.usefixtures("token")
async def test_what_somebody_switched_in_the_database(plantain: Plantain) -> None:
    await plantain.migrated()
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("DELETE FROM schema_migrations WHERE number = 5")
        connection.commit()
    report = await examined(plantain)
    assert report.has("warn", "its journal mode is delete", "The next start sets it")
    assert report.has("fail", "gaps: 0005_rules", "compare with a backup")
    with closing(sqlite3.connect(plantain.data / DATABASE)) as connection, connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'x' WHERE number = 3")
    report = await examined(plantain)
    assert report.has("fail", "the migration 0003_gallery is not the one", "The bot cannot start")
    assert (await refused(plantain)) == 2


async def test_settings_that_cannot_be_read_are_the_whole_report(plantain: Plantain) -> None:
    plantain.sections["limits"] |= {"daily_images": -1, "time_zone": "UTC"}
    report = await examined(plantain)
    assert report.has("fail", "limits.daily_images is too small: -1")
    assert report.has("fail", "limits.time_zone", "Did you mean limits.timezone?")
    assert report.code == 2


async def test_without_secrets_it_says_where_they_come_from(plantain: Plantain) -> None:
    process = await plantain.run("doctor", without=["DISCORD_TOKEN", "GEMINI_API_KEY"])
    assert await process.wait(within=60) == 2
    assert "[FAIL] settings: DISCORD_TOKEN is not set" in process.log
    assert process.log.count("GEMINI_API_KEY") == 1
    assert "→ Set it to a key from https://aistudio.google.com/apikey" in process.log


async def test_the_sandbox_needs_neither_secrets_nor_a_network(plantain: Plantain) -> None:
    process = await plantain.run("doctor", "--json", "--sandbox", without=["DISCORD_TOKEN", "GEMINI_API_KEY"])
    report = Report(process, await process.wait(within=60))
    assert report.marked("fail") == []
    assert report.has("warn", "there is no database", "The first start makes it")
    assert report.has("ok", "may call gemini-nano-banana-2.1")


async def test_vertex_ai_without_credentials_is_told_where_they_come_from(plantain: Plantain) -> None:
    plantain.sections["gemini"] = {"vertex": True, "project": "a-project", "base_url": "http://127.0.0.1:1"}
    home = {"HOME": str(plantain.folder), "NO_GCE_CHECK": "true"}
    process = await plantain.run("doctor", "--json", environment=home, without=["DISCORD_TOKEN"])
    report = Report(process, await process.wait(within=60))
    assert report.has("fail", "gemini: ", "gcloud auth application-default login")
    assert not report.has("fail", "Google AI Studio")


def test_whoever_reads_only_the_first_line_has_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('storage = {url = "mysql://x"}')
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "doctor", "--config", str(tmp_path / "config.toml")],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    assert (done.returncode, done.stderr) == (2, "")


def test_a_remedy_keeps_its_example(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('storage = {url = "mysql://me:shy-1@x/y"}')
    assert main(["doctor", "--config", str(tmp_path / "config.toml")]) == 2
    said = capsys.readouterr().out
    assert "Write postgresql://user:password@host/database" in said
    assert "shy-1" not in said

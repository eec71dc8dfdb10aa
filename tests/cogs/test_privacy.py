"""/privacy in a simulated Discord: what it says, what it sends, what is gone afterwards."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import simcord

from bot.domain.privacy import DAY_MS
from tests.cogs import forged
from tests.cogs.reporting import report
from tests.cogs.stage import WITHIN, Person, Stage
from tests.cogs.talking import start
from tests.cogs.using import said, use

ERASE = "plantain:privacy:erase"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


async def erase(stage: Stage, who: Person) -> None:
    """Erase everything of somebody, and wait until it is done."""
    asked = await use(stage, who, "privacy erase")
    question = stage.answer(asked)
    assert question is not None and list(question.buttons.values()) == [ERASE]
    pressed = await forged.press(stage, who, question, ERASE)
    assert "It is being erased" in stage.said(pressed)
    async with asyncio.timeout(WITHIN):
        while not await fulfilled(stage):
            await stage.env.settle()
            await asyncio.sleep(0.01)


async def fulfilled(stage: Stage) -> bool:
    async with stage.app.store.reading() as tx:
        return all(wish.erased_at is not None for wish in await tx.privacy.erasures())


async def everything(stage: Stage) -> dict[str, str]:
    """What is in the database, by table."""
    found = {}
    async with stage.app.store.engine.reading() as connection:
        for table in await connection.fetch_all(TABLES):
            rows: list[Any] = list(await connection.fetch_all(f"SELECT * FROM {table['name']}"))
            found[table["name"]] = "\n".join(str(tuple(row)) for row in rows)
    return found


async def test_what_is_kept_is_said_in_words(stage: Stage) -> None:
    assert "Nothing, as far as" in await said(stage, stage.alice, "privacy show")
    await stage.picture(prompt="a boat")
    shown = await said(stage, stage.alice, "privacy show")
    for part in ("1 picture", "1 request", "at most 365 days", "of that server: 30 days", "30 days more"):
        assert part in shown
    assert "Nothing, as far as" in await said(stage, stage.ben, "privacy show")


async def test_nothing_is_erased_where_there_is_nothing(stage: Stage) -> None:
    asked = await use(stage, stage.alice, "privacy erase")
    question = stage.answer(asked)
    assert question is not None and "There is nothing to erase" in question.text
    assert not question.buttons


async def test_everything_of_a_member_goes_and_nothing_of_others(stage: Stage) -> None:
    await use(stage, stage.alice, "settings")
    mine = await stage.picture(prompt="my secret boat")
    shared = await stage.picture(stage.ben, prompt="a house of bens")
    await stage.done(2)
    async with stage.app.store.reading() as tx:
        paths = {
            who.id: stage.app.store.blobs.path(image.sha256)
            for who, job in zip((stage.alice, stage.ben), await stage.jobs(), strict=True)
            for image in await tx.images.of_job(job.id)
        }
    assert all(path.is_file() for path in paths.values())
    await erase(stage, stage.alice)
    assert mine.gone and not shared.gone and shared.media
    assert [path.is_file() for path in paths.values()] == [False, True]
    left = await everything(stage)
    assert [name for name, rows in left.items() if "secret" in rows] == []
    # The ledger counts against today's cap, and the wish is remembered until that is over.
    named = {name for name, rows in left.items() if str(stage.alice.id) in rows}
    assert named <= {"ledger", "ledger_sums", "erasures"}
    assert "a house of bens" in left["jobs"]
    assert "You had everything erased" in await said(stage, stage.alice, "privacy show")


async def test_erasing_is_no_way_to_more_pictures(stage: Stage) -> None:
    await stage.picture()
    before = await stage.ledger()
    await erase(stage, stage.alice)
    assert await stage.ledger() == before


async def test_an_export_has_the_bytes_the_words_and_the_ledger(stage: Stage) -> None:
    card = await stage.picture(prompt="my boat, *with* `marks`")
    await stage.picture(stage.ben, prompt="not mine")
    sent = card.media[0].data
    result = await use(stage, stage.alice, "privacy export")
    assert "in your direct messages, in 1 file" in stage.said(result)
    [archive] = direct_archives(stage, stage.alice)
    names = archive.namelist()
    [picture] = [name for name in names if name.startswith("images/")]
    assert archive.read(picture) == sent
    requests = json.loads(archive.read("requests.json"))
    assert [row["request"]["prompt"] for row in requests] == ["my boat, *with* `marks`"]
    assert {row["kind"] for row in json.loads(archive.read("ledger.json"))} == {"reserve", "settle"}
    assert "README.txt" in names and "requests.csv" in names
    assert "not mine" not in "".join(archive.read(name).decode("latin-1") for name in names)
    again = await said(stage, stage.alice, "privacy export")
    assert "You have just taken your data" in again


async def test_an_export_leaves_out_what_moderators_removed_and_wrote(stage: Stage) -> None:
    """And says so: in the archive, and in /privacy show."""
    card = await stage.picture(prompt="a boat")
    again = await stage.picture(prompt="another boat")
    sent = card.media[0].data
    await report(stage, stage.ben, card, "spam", text="bens words")
    await said(stage, stage.mona, "mod resolve", case="#1", action="remove")
    await said(stage, stage.mona, "mod note", user=stage.alice, text="was seen with ben")
    answer = stage.said(await use(stage, stage.alice, "privacy export"))
    assert "1 picture is too large for a message, missing, or withheld by moderators" in answer
    [archive] = direct_archives(stage, stage.alice)
    held = {name: archive.read(name) for name in archive.namelist()}
    assert sent not in held.values() and again.media[0].data in held.values()
    words = "".join(data.decode("latin-1") for data in held.values())
    assert "was seen with ben" not in words and "bens words" not in words
    assert str(stage.ben.id) not in words
    assert "withheld by moderators" in held["not-included.json"].decode()
    assert "notes that moderators of a server wrote about its members" in held["README.txt"].decode()
    shown = await said(stage, stage.alice, "privacy show")
    assert "they are not in an export" in shown and "730 days" in shown


async def test_an_export_comes_privately_where_direct_messages_are_closed(stage: Stage) -> None:
    await stage.picture()
    stage.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=1)
    result = await use(stage, stage.alice, "privacy export")
    assert "You take no direct messages" in stage.seen(result.response).text
    [followup] = result.followups
    assert followup.ephemeral
    assert direct_archives(stage, stage.alice) == []


def direct_archives(stage: Stage, who: simcord.MemberActor) -> list[zipfile.ZipFile]:
    """The ZIP files in somebody's direct messages."""
    backend = stage.env.backend
    messages = backend.messages.get(backend.get_dm_channel(who.id).id, {})
    files = [file for message in messages.values() for file in message.attachments]
    return [zipfile.ZipFile(io.BytesIO(backend.cdn.get(file["url"]) or b"")) for file in files]


# --- what Discord says is gone ----------------------------------------------------------------------------


async def test_a_server_that_removes_the_bot_has_time_to_come_back(stage: Stage) -> None:
    await stage.picture(prompt="a boat")
    stage.env.backend.emit("GUILD_DELETE", {"id": str(stage.guild.id)})
    await stage.env.settle()
    assert await left(stage) == [stage.guild.id]
    purges = stage.app.client.surface.privacy.purges
    await purges.now()
    assert "a boat" in (await everything(stage))["jobs"]
    async with stage.app.store.transaction() as tx:  # a month goes by
        await tx.privacy.enter_server(stage.guild.id)
        now = int(stage.env.now().timestamp() * 1000)
        await tx.privacy.leave_server(stage.guild.id, now=now - 31 * DAY_MS)
    await purges.now()
    assert "a boat" not in (await everything(stage))["jobs"]
    assert await left(stage) == []


async def left(stage: Stage) -> list[int]:
    async with stage.app.store.reading() as tx:
        return list(await tx.privacy.left_servers())


async def test_a_server_that_is_here_again_at_the_next_start_is_kept(stage: Stage) -> None:
    await stage.picture()
    async with stage.app.store.transaction() as tx:
        await tx.privacy.leave_server(stage.guild.id, now=1)
        await tx.privacy.enter_server(99)
    await stage.restart()
    await stage.env.settle()
    assert await left(stage) == [99]


async def test_a_picture_outlives_its_message(stage: Stage) -> None:
    card = await stage.picture()
    await stage.done(1)
    payload = {"id": str(card.id), "channel_id": str(card.channel_id), "guild_id": str(stage.guild.id)}
    stage.env.backend.emit("MESSAGE_DELETE", payload)
    await stage.env.settle()
    [job] = await stage.jobs()
    [image] = await stage.images(job)
    assert image.deleted_at is None
    async with stage.app.store.reading() as tx:
        delivery = await tx.deliveries.get(job.id)
    assert delivery is not None and delivery.message_id is None
    assert await stage.app.studio.deliverer.refresh(job.id)


async def test_threads_do_not_go_on_saying_what_began_them(stage: Stage) -> None:
    """One hangs on an answer and one was opened from within it; both are named after a prompt."""
    talk = await start(stage, "my secret boat")
    result = await talk.use("thread", prompt="my secret house")
    await stage.until(lambda: stage.answer(result), "the other thread")
    beside = await stage.until(
        lambda: next((each for each in stage.channel.threads if "house" in str(each.name)), None), "it"
    )
    await stage.done(2)
    await stage.until(lambda: any(seen.media for seen in stage.messages(beside)), "its picture")
    assert any("my secret house" in seen.text for seen in stage.messages(beside))
    await talk.say("// what a boat", stage.ben)
    await erase(stage, stage.alice)
    names = {each.id: each.name for each in stage.channel.threads}
    assert (names[talk.thread.id], names[beside.id]) == ("Conversation", "Conversation")
    everything_said = [seen.text for thread in (talk.thread, beside) for seen in stage.messages(thread)]
    assert [text for text in everything_said if "secret" in text] == []
    assert any("what a boat" in text for text in everything_said)  # what others wrote is theirs

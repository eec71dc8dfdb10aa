"""The fake Discord proved with unmodified discord.py clients in processes of their own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.discord import (
    FakeDiscord,
    Leak,
    Member,
    Message,
    Pending,
    Upload,
    buttons,
    media,
    text,
)
from tests.fakes.discord.spec import Specification
from tests.fakes.gemini import Picture, ScriptedGemini, make_jpeg
from tests.fakes.process import BotProcess

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    + (640).to_bytes(4, "big")
    + (480).to_bytes(4, "big")
    + os.urandom(300_000)
)


@asynccontextmanager
async def example(discord: FakeDiscord) -> AsyncIterator[BotProcess]:
    async with BotProcess(["-m", "tests.wire.example_bot"], discord.environment()) as bot:
        await discord.connected()
        yield bot


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake
        assert fake.leaks == []
        assert fake.unrouted == []
        specification = Specification.load()
        if specification is not None:
            assert specification.problems(fake.requests) == []


async def show_card(discord: FakeDiscord, member: Member) -> Pending:
    upload = Upload("in.png", PNG, content_type="image/webp")
    pending = await discord.slash(member, discord.channel, "card", text="hello", attachments={"file": upload})
    await pending.until(lambda message: message.attachments)
    return pending


async def answer_of(pending: Pending) -> Message:
    return await pending.until_answer(lambda message: not message.loading)


async def test_the_bare_bot_answers_with_the_bytes_of_the_provider(discord: FakeDiscord) -> None:
    image = make_jpeg(640, 480, 1_500_000)
    async with ScriptedGemini(Picture(image)) as gemini:
        await ask_the_bare_bot(discord, gemini.base_url, image)


async def ask_the_bare_bot(discord: FakeDiscord, base_url: str, image: bytes) -> None:
    settings = {"GEMINI_API_KEY": "key", "PLANTAIN_GEMINI__BASE_URL": base_url}
    async with BotProcess(["-m", "benchmarks.bare"], discord.environment() | settings):
        await discord.connected()
        assert list(discord.commands) == ["imagine"]
        member = discord.add_member("anna")
        many = [
            await discord.slash(member, discord.channel, "imagine", prompt=f"number {number}")
            for number in range(20)
        ]
        for pending in many:
            message = await pending.until(lambda message: message.attachments)
            assert (await pending.ack()).deferred
            assert [state.loading for state in pending.history] == [True, False]
            assert message.attachments[0].data == image


async def test_a_card_its_buttons_and_its_modal(discord: FakeDiscord) -> None:
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    async with example(discord):
        pending = await show_card(discord, anna)
        card = pending.message
        assert card is not None
        assert text(card) == "hello"
        assert [button.label for button in buttons(card)] == ["Rename", "Done"]
        shown = media(card)[0]
        assert (shown.data, shown.description) == (PNG, "alt text")
        assert shown.attachment is not None
        assert (shown.attachment.content_type, shown.attachment.width) == ("image/png", 640)

        pressed = await discord.click(bert, card, "Rename")
        filled = {"New name": "Lighthouse", "picture": [Upload("a.png", b"abc")]}
        reply = await answer_of(await discord.submit_modal(bert, pressed, filled))
        assert (reply.content, reply.ephemeral) == ("renamed to Lighthouse [3]", True)
        assert reply.viewer_id == bert.id

        done = await discord.click(bert, card, "Done")
        edited = await done.until(lambda message: text(message) == "done")
        assert edited.id == card.id
        assert edited.attachments == ()
        with pytest.raises(LookupError, match="no button"):
            await discord.click(bert, card, "Done")


async def test_groups_menus_and_choices_in_a_server_in_private_and_elsewhere(discord: FakeDiscord) -> None:
    anna, bert = discord.add_member("anna"), discord.add_member("bert", permissions=["manage_guild"])
    stranger = discord.add_member("stranger", outside=True)
    async with example(discord):
        assert discord.commands["Inspect"]["type"] == 3
        choices = await discord.autocomplete(anna, discord.channel, "notes add", "kind", "go")
        assert choices == [{"name": "go!", "value": "go"}]

        pending = await discord.slash(anna, discord.channel, "notes add", about=bert, kind="good")
        note = await pending.until(lambda message: not message.loading)
        assert (note.content, note.ephemeral, note.viewer_id) == ("good about bert", True, anna.id)
        await discord.until_message(discord.channel, lambda message: message.content == "noted")
        chosen = await discord.select(anna, note, "Who?", [bert])
        assert (await chosen.until(lambda message: not message.components)).content == "chose bert"
        with pytest.raises(LookupError, match="bert does not see it"):
            await discord.click(bert, note, "anything")

        await discord.slash(anna, None, "notes add", context="dm", about=anna, kind="own")
        await discord.until(lambda: [message.content for message in discord.dms(anna)][1:] == ["noted"])
        pending = await discord.slash(
            stranger, None, "notes add", context="user_install", about=stranger, kind="far"
        )
        refusal = await pending.until_answer(lambda message: message.content == "403 50001")
        assert refusal in pending.followups
        with pytest.raises(LookupError, match="cannot be installed"):
            await discord.slash(stranger, None, "thread", context="user_install")

        said = await discord.send_message(anna, discord.channel, "look", [Upload("a.png", b"1234", size=99)])
        menu = await discord.context_menu(bert, said, "Inspect")
        assert (await answer_of(menu)).content == "look 99"


async def test_a_rate_limit_and_an_outage_are_waited_for(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    async with example(discord):
        limited = discord.fail("PATCH", "/webhooks/*/messages/@original", 429)
        broken = discord.fail("POST", "/interactions/*/callback", 502)
        await show_card(discord, anna)
        assert (limited.hits, broken.hits) == (1, 1)
        statuses = [request.status for request in discord.requests if request.method == "PATCH"]
        assert statuses == [429, 200]


@pytest.mark.parametrize(
    ("age_seconds", "limit", "refusal"), [(0, 1000, "413 40005"), (15 * 60 + 1, 10_000, "401 50027")]
)
async def test_a_refused_response_goes_to_the_channel(
    discord: FakeDiscord, age_seconds: int, limit: int, refusal: str
) -> None:
    anna = discord.add_member("anna")
    async with example(discord):
        pending = await discord.slash(
            anna, discord.channel, "upload", size=2000, age_seconds=age_seconds, attachment_size_limit=limit
        )
        said = await discord.until_message(discord.channel, lambda message: message.content)
        assert said.content == f"{anna.mention} {refusal}"
        assert said.pings == {str(anna.id)}
        assert pending.message is not None and pending.message.loading

        # The bot gives both the same enforced nonce.
        again = await discord.slash(anna, discord.channel, "upload", size=2000, attachment_size_limit=1000)
        await again.ack()
        posts = f"/channels/{discord.channel.id}/messages"
        await discord.until(lambda: [r.status for r in discord.requests if r.path == posts] == [200, 200])
        assert [message for message in discord.messages(discord.channel) if message.content] == [said]


async def test_messages_threads_and_closed_doors(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    async with example(discord) as bot:
        await discord.slash(anna, discord.channel, "thread")
        thread = await discord.until(lambda: next(iter(discord.threads()), None))
        await discord.until_message(thread, lambda message: message.content == "hello")
        await discord.send_message(anna, thread, "more", [Upload("a.png", b"12345")])
        answer = await discord.until_message(thread, lambda message: "you said" in message.content)
        assert answer.content == "you said more [5]"
        assert answer.pings == frozenset()

        door = discord.dm_channel(anna)
        await discord.send_message(anna, door, "psst")
        await discord.until_message(door, lambda message: message.content == "you said psst []")
        anna.dms_open = False
        await discord.send_message(anna, door, "again")
        await bot.wait_for_line("403 Forbidden.*50007")
        discord.deny(discord.channel, "send_messages")
        await discord.send_message(anna, discord.channel, "hello?")
        await bot.wait_for_line("403 Forbidden.*50013")


async def test_a_lost_connection_is_resumed_and_nothing_is_missed(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    async with example(discord) as bot:
        await discord.disconnect(resumable=True)
        pending = await discord.slash(anna, discord.channel, "thread")
        await bot.wait_for_line("resumed")
        await pending.until(lambda message: message.content == "look below")
        assert (discord.gateway.resumes, len(discord.gateway.identifies)) == (1, 1)

        await discord.disconnect(resumable=False)
        await discord.connected(sessions=2)
        await (await discord.slash(anna, discord.channel, "thread")).ack()


async def test_both_compressions_of_the_gateway_are_spoken(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    run = "import runpy; runpy.run_module('tests.wire.example_bot', run_name='__main__')"
    without_zstandard = f"import sys; sys.modules['zstandard'] = None; {run}"
    for sessions, script in enumerate((run, without_zstandard), start=1):
        async with BotProcess(["-c", script], discord.environment()):
            await discord.connected(sessions=sessions)
            await (await discord.slash(anna, discord.channel, "thread")).ack()
        await discord.disconnected()
    assert discord.gateway.compressions[-1] == "zlib-stream"


async def test_an_interaction_has_one_answer_and_three_seconds(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    async with example(discord) as bot:
        pending = await discord.slash(anna, discord.channel, "thread")
        await pending.until(lambda message: message.content)
        discord.redeliver(pending)
        await bot.wait_for_line("40060")

        late = await discord.slash(anna, discord.channel, "thread")
        late.sent_at -= 4
        await bot.wait_for_line("10062")
        assert late.acknowledged is None


async def test_a_killed_bot_leaves_what_discord_had_received(discord: FakeDiscord) -> None:
    anna = discord.add_member("anna")
    async with example(discord) as bot:
        hold = discord.hold("PATCH", "/webhooks/*/messages/@original", point="after")
        upload = Upload("in.png", PNG)
        pending = await discord.slash(
            anna, discord.channel, "card", text="hello", attachments={"file": upload}
        )
        await hold.arrived()
        await bot.kill()
        assert pending.message is not None and pending.message.attachments[0].data == PNG
        await discord.disconnected()
    with pytest.raises(RuntimeError, match="no bot is connected"):
        await discord.slash(anna, discord.channel, "thread")
    async with BotProcess(["-m", "tests.wire.example_bot"], discord.environment()) as second:
        await discord.connected(sessions=2)
        cut = discord.hold("POST", "/interactions/*/callback")
        await discord.slash(anna, discord.channel, "thread")
        await cut.arrived()
        cut.drop()
        await second.wait_for_line("ServerDisconnected|Connection reset|Cannot write to closing")


async def test_a_wrong_token_and_a_refused_intent_end_the_bot() -> None:
    async with FakeDiscord("right", message_content=False) as discord:
        wrong = discord.environment() | {"DISCORD_TOKEN": "wrong"}
        async with BotProcess(["-m", "tests.wire.example_bot"], wrong) as bot:
            assert await bot.wait() == 2
            assert bot.stdout == ["LoginFailure"]
        async with BotProcess(["-m", "tests.wire.example_bot"], discord.environment()) as bot:
            assert await bot.wait() == 2
            assert bot.stdout == ["PrivilegedIntentsRequired"]


async def test_what_goes_elsewhere_or_past_the_proxy_is_seen() -> None:
    async with FakeDiscord() as discord:
        script = (
            "import urllib.request as u\n"
            "for url in ('http://example.com/a', 'https://discord.com/api/v10/gateway'):\n"
            "    try: u.urlopen(url)\n"
            "    except OSError as error: print(error)\n"
        )
        async with BotProcess(["-c", script], discord.environment()) as process:
            assert await process.wait() == 0
        assert discord.leaks == [Leak("GET", "http://example.com/a"), Leak("CONNECT", "discord.com:443")]
        assert discord.requests == []

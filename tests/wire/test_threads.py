"""Conversations over real sockets: the path and its signatures are exact, whatever happens in between."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fakes.discord import FakeDiscord, Message, buttons, media, text
from tests.fakes.gemini import Received, ScriptedGemini, make_jpeg
from tests.wire.conversing import Strict, Talker
from tests.wire.plantain import Plantain, installation, until


@pytest.fixture
def strict(gemini: ScriptedGemini) -> Strict:
    made = Strict()
    gemini.default = made
    return made


@pytest.fixture
def talker(plantain: Plantain, strict: Strict) -> Talker:
    return Talker(plantain, strict, plantain.discord.add_member("anna"))


async def test_a_conversation_with_a_branch_an_undo_and_a_restart(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker, strict: Strict
) -> None:
    await plantain.start()
    await talker.start("a cottage by the sea", make_jpeg(64, 48, seed=99))
    assert talker.thread.name == "a cottage by the sea"
    (intro,) = discord.messages(talker.thread)
    assert "Every message here is the next change" in text(intro)

    answer = await talker.say("make it *night*")
    assert {"Vary", "Edit", "Thread", "Undo", "Use this"} <= {button.label for button in buttons(answer)}
    assert f"<@{talker.member.id}>" in text(answer)
    assert gemini.history[-1].texts[-1] == "make it *night*"
    await talker.say("add a boat")
    await talker.say("snow instead", reply_to=0)
    await talker.undo()
    await talker.say("a rainbow", photo=make_jpeg(40, 40, seed=98))
    await plantain.restart()
    await talker.say("with two people")
    await talker.use(1)
    await talker.say("more stars")
    parents = [made.parent for made in talker.made]
    assert parents == [None, 0, 1, 0, 0, 4, 1]
    assert strict.refused == []
    assert len(gemini.history) == len(talker.made)
    first = talker.made[0].contents[0]["parts"]
    assert [list(part) for part in first] == [["inlineData"], ["text"]]
    last = base64.b64decode(talker.made[-1].contents[-1]["parts"][0]["inlineData"]["data"])
    assert media(talker.made[-1].message)[0].data == last


async def test_a_message_of_4000_characters(
    plantain: Plantain, gemini: ScriptedGemini, talker: Talker
) -> None:
    await plantain.start()
    await talker.start("a cottage")
    words = ("*x*_`|" * 700)[:4000]
    await talker.say(words)
    assert gemini.history[-1].text == words


async def test_a_thread_that_was_archived_before_a_restart_goes_on(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker
) -> None:
    await plantain.start()
    await talker.start("a cottage")
    talker.thread.archived = True
    discord.world.update_channel(talker.thread)
    await plantain.restart()
    await talker.say("at night")
    assert not talker.thread.archived


async def test_killed_while_a_turn_is_made_and_others_wait(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker, strict: Strict
) -> None:
    await plantain.start()
    await talker.start("a cottage")
    hold = gemini.hold()
    asked = [await discord.send_message(talker.member, talker.thread, f"turn {n}") for n in range(3)]
    await hold.arrived()
    await discord.until(lambda: all(discord.world.reactions.get(each.id) for each in asked))
    await plantain.processes[-1].kill()
    hold.drop()
    await plantain.start()
    for each in asked:
        talker.remember_from(await talker.answer_to(each))
    assert [got.text for got in gemini.history] == ["a cottage", "turn 0", "turn 0", "turn 1", "turn 2"]
    assert strict.refused == []


async def test_a_thread_that_is_deleted_while_a_turn_is_made(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker
) -> None:
    """What was paid for reaches who asked; what waited is cancelled and released."""
    await plantain.start()
    await talker.start("a cottage")
    hold = gemini.hold()
    await discord.send_message(talker.member, talker.thread, "turn two")
    await hold.arrived()
    waiting = await discord.send_message(talker.member, talker.thread, "turn three")
    await discord.until(lambda: discord.world.reactions.get(waiting.id))
    discord.remove_channel(talker.thread)
    await until(lambda: _failed(plantain) == 1, within=20, describe=discord.describe)
    hold.release()
    found = await discord.until(lambda: [each for each in discord.dms(talker.member) if media(each)])
    assert len(found) == 1
    await plantain.quiet()
    assert len(gemini.history) == 2


async def test_a_thread_whose_channel_is_deleted(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, strict: Strict
) -> None:
    """Discord tells of the channel only; its threads are gone with it."""
    await plantain.start()
    anna = discord.add_member("anna")
    other = discord.add_channel("other")
    pending = await discord.slash(anna, other, "thread", prompt="a cottage")
    message = await pending.until(media)
    thread = await discord.until(
        lambda: next((each for each in discord.threads() if discord.messages(each)), None)
    )
    assert thread.id == message.id
    hold = gemini.hold()
    await discord.send_message(anna, thread, "two")
    await hold.arrived()
    waiting = await discord.send_message(anna, thread, "three")
    await discord.until(lambda: discord.world.reactions.get(waiting.id))
    del discord.world.channels[thread.id]
    discord.remove_channel(other)
    await until(lambda: _failed(plantain) == 1, within=20, describe=discord.describe)
    hold.release()
    await discord.until(lambda: [each for each in discord.dms(anna) if media(each)])
    plantain.removed.add(message.id)


async def test_a_locked_thread_is_left_alone(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, talker: Talker
) -> None:
    """A moderator can write there, and the bot cannot: nobody is charged for what cannot be answered."""
    discord.deny(discord.channel, "manage_threads")
    await plantain.start()
    await talker.start("a cottage")
    talker.thread.locked = True
    discord.world.update_channel(talker.thread)
    before = len(discord.requests)
    await discord.send_message(talker.member, talker.thread, "at night")
    pending = await discord.slash(talker.member, discord.channel, "imagine", prompt="meanwhile")
    await pending.until(media)
    assert len(gemini.history) == 2
    assert not [each for each in discord.requests[before:] if str(talker.thread.id) in each.path]


async def test_slow_mode_holds_an_answer_up_and_loses_nothing(
    plantain: Plantain, discord: FakeDiscord, talker: Talker
) -> None:
    """Discord counts a slow mode with a 429 of its own (code 20016); the answer comes when it may."""
    await plantain.start()
    await talker.start("a cottage")
    slow = {"message": "This action cannot be performed.", "code": 20016, "retry_after": 0.5}
    path = f"/channels/{talker.thread.id}/messages"
    fault = discord.fail("POST", path, 429, slow, headers={"Via": "1.1 google"})
    await talker.say("at night")
    assert fault.hits == 1


async def test_ten_members_in_ten_threads_stay_apart(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, strict: Strict
) -> None:
    await plantain.start()
    talkers = [Talker(plantain, strict, discord.add_member(f"member{number}")) for number in range(10)]

    async def converse(number: int, talker: Talker) -> None:
        await talker.start(f"member {number} begins", check=False)
        for turn in range(4):
            reply_to = 0 if turn == 2 else None
            await talker.say(f"member {number} turn {turn}", reply_to=reply_to, check=False)

    await asyncio.gather(*(converse(number, talker) for number, talker in enumerate(talkers)))
    assert strict.refused == []
    assert len(gemini.history) == 50
    charged = plantain.records.rows("SELECT member_id FROM ledger WHERE kind = 'settle'")
    assert Counter(row["member_id"] for row in charged) == {talker.member.id: 5 for talker in talkers}
    for number, talker in enumerate(talkers):
        own = [got for got in gemini.history if got.text.startswith(f"member {number} ")]
        assert len(own) == 5
        for got in own:
            users = [content for content in got.body["contents"] if content["role"] == "user"]
            assert all(user["parts"][-1]["text"].startswith(f"member {number} ") for user in users)
        made = {_picture_of(each.message) for each in talker.made}
        sent = {data for got in own for data in _pictures_in(got)}
        assert sent <= made


# --- 30 turns at random -----------------------------------------------------------------------------------


ROUNDS = st.lists(
    st.one_of(
        st.just(("say", 0)),
        st.tuples(st.just("reply"), st.integers(0, 40)),
        st.tuples(st.just("use"), st.integers(0, 40)),
        st.just(("undo", 0)),
    ),
    min_size=29,
    max_size=29,
)


@pytest.mark.slow
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],  # making a failure smaller would start the bot hundreds of times
)
@given(rounds=ROUNDS, restart_at=st.integers(1, 28))
def test_thirty_turns_with_branches_at_random_and_a_restart(
    rounds: list[tuple[str, int]], restart_at: int
) -> None:
    """Path and signatures are exact every time (`Talker.remember` compares every request)."""
    asyncio.run(_thirty_turns(rounds, restart_at))


async def _thirty_turns(rounds: list[tuple[str, int]], restart_at: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        async with FakeDiscord() as discord, installation(Path(name), discord) as plantain:
            strict = Strict()
            plantain.gemini.default = strict
            talker = Talker(plantain, strict, discord.add_member("anna"))
            await plantain.start()
            await talker.start("turn 1")
            for number, (what, which) in enumerate(rounds, start=2):
                if number == restart_at + 1:
                    await plantain.restart()
                reply_to = None
                if what == "reply":
                    reply_to = which % len(talker.made)
                elif what == "use":
                    await talker.use(which % len(talker.made))
                elif what == "undo" and talker.made[talker.head].parent is not None:
                    await talker.undo()
                await talker.say(f"turn {number}", reply_to=reply_to)
            assert strict.refused == []
            assert len(plantain.gemini.history) == len(talker.made) == 30
            await plantain.finish(None)


def _failed(plantain: Plantain) -> int:
    return sum(kept.state == "failed" for kept in plantain.records.jobs())


def _picture_of(message: Message) -> bytes:
    return media(message)[0].data


def _pictures_in(got: Received) -> list[bytes]:
    return [
        base64.b64decode(part["inlineData"]["data"])
        for content in got.body["contents"]
        for part in content["parts"]
        if "inlineData" in part
    ]

"""Conversations over real sockets: the path and its signatures are exact, whatever happens in between."""

from __future__ import annotations

import base64

import pytest

from tests.fakes.discord import FakeDiscord, buttons, media, text
from tests.fakes.gemini import ScriptedGemini, make_jpeg
from tests.wire.conversing import Strict, Talker
from tests.wire.plantain import Plantain


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

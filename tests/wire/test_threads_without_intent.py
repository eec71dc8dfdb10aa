"""Conversations where the message-content intent is not enabled: by mention, by reply, by /edit, by Edit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord, media, text
from tests.fakes.discord.spec import Specification
from tests.wire.conversing import Strict, Talker
from tests.wire.plantain import Plantain, installation, result


@pytest.fixture
async def talker(tmp_path: Path, specification: Specification | None) -> AsyncIterator[Talker]:
    """Somebody in a thread of a bot that goes without the intent."""
    async with FakeDiscord(message_content=False) as discord, installation(tmp_path, discord) as plantain:
        plantain.sections["discord"]["message_content_optional"] = True
        strict = Strict()
        plantain.gemini.default = strict
        process = await plantain.start()
        assert "message-content intent is not enabled" in process.log
        talker = Talker(plantain, strict, discord.add_member("anna"))
        await talker.start("a cottage")
        yield talker
        await plantain.finish(specification)


def prompts(plantain: Plantain) -> list[str]:
    return [got.text for got in plantain.gemini.history]


async def test_every_way_that_is_left(talker: Talker) -> None:
    discord, plantain = talker.discord, talker.plantain
    (intro,) = discord.messages(talker.thread)
    assert "I cannot read messages here by myself" in text(intro)

    await discord.send_message(talker.member, talker.thread, "nobody reads this")
    await talker.say(f"{discord.bot.mention} make it night")
    await talker.say("add a boat", reply_to=1)  # a reply to the bot mentions it
    assert prompts(plantain)[:3] == ["a cottage", "make it night", "add a boat"]

    pending = await discord.slash(talker.member, talker.thread, "edit", instruction="with a moon")
    talker.remember(await result(pending), talker.head)
    shown = await discord.click(talker.member, talker.made[1].message, "Edit")
    pending = await discord.submit_modal(talker.member, shown, {"instruction": "with stars"})
    talker.remember(await result(pending), 1)
    assert prompts(plantain) == ["a cottage", "make it night", "add a boat", "with a moon", "with stars"]
    assert talker.strict.refused == []
    assert all(media(each.message) for each in talker.made)

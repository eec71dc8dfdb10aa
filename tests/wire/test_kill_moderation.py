"""`kill -9` between a moderator's decision and the message: what was decided happens after the restart."""

from __future__ import annotations

import pytest

from tests.fakes.discord import FakeDiscord, Member, Message, media, text
from tests.fakes.discord.reading import buttons
from tests.fakes.gemini import ScriptedGemini
from tests.wire.conversing import Strict, Talker
from tests.wire.plantain import Plantain, result, until

EDIT = "/webhooks/*/messages/*"

REMOVED = "Moderators removed this picture."
HIDDEN = "This picture is hidden while moderators look at it."


async def one_picture(plantain: Plantain, discord: FakeDiscord) -> Message:
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    return await result(pending)


async def report(discord: FakeDiscord, who: Member, message: Message, reason: str) -> None:
    form = await discord.click(who, message, "Report")
    sent = await discord.submit_modal(who, form, {"reason": reason})
    answer = await sent.until(lambda state: "case #1" in text(state))
    assert answer.ephemeral


@pytest.mark.parametrize("point", ["before", "after"])
async def test_between_the_decision_and_the_edit_of_the_message(
    plantain: Plantain, discord: FakeDiscord, point: str
) -> None:
    await plantain.start()
    message = await one_picture(plantain, discord)
    await report(discord, discord.add_member("ben"), message, "spam")
    mona = discord.add_member("mona", ["moderate_members"])
    editing = discord.hold(
        "PATCH",
        EDIT,
        point="after" if point == "after" else "before",
        where=lambda request: REMOVED in str(request.payload),
    )
    await discord.slash(mona, discord.channel, "mod resolve", case="#1", action="remove")
    await editing.arrived()
    await plantain.processes[-1].kill()
    editing.drop()
    now = discord.world.messages[message.id]
    assert (REMOVED in text(now)) is (point == "after")
    await plantain.start()
    await until(
        lambda: REMOVED in text(discord.world.messages[message.id]), within=30, describe=discord.describe
    )
    now = discord.world.messages[message.id]
    assert (media(now), buttons(now)) == ([], [])
    assert [item.id for item in plantain.posted()] == [message.id]


async def test_between_the_gravest_report_and_the_notice(plantain: Plantain, discord: FakeDiscord) -> None:
    await plantain.start()
    message = await one_picture(plantain, discord)
    hiding = discord.hold("PATCH", EDIT, where=lambda request: HIDDEN in str(request.payload))
    await report(discord, discord.add_member("ben"), message, "minors")
    await hiding.arrived()
    await plantain.processes[-1].kill()
    hiding.drop()
    assert media(discord.world.messages[message.id])
    await plantain.start()
    await until(
        lambda: HIDDEN in text(discord.world.messages[message.id]), within=30, describe=discord.describe
    )
    assert not media(discord.world.messages[message.id])


async def test_between_the_decision_and_the_change_of_a_tree(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    """A drawing of many pictures that one of them was removed from is drawn anew without it."""
    strict = Strict()
    gemini.default = strict
    talker = Talker(plantain, strict, discord.add_member("anna"))
    await plantain.start()
    await talker.start("a boat")
    second = await talker.say("at night")
    pending = await discord.slash(talker.member, talker.thread, "tree")
    tree = await pending.until(media)
    before = media(tree)
    await report(discord, discord.add_member("ben"), second, "spam")
    mona = discord.add_member("mona", ["moderate_members"])
    redrawing = discord.hold(
        "PATCH", f"/channels/*/messages/{tree.id}", where=lambda request: "tree.jpg" in str(request.payload)
    )
    await discord.slash(mona, discord.channel, "mod resolve", case="#1", action="remove")
    await redrawing.arrived()
    await plantain.processes[-1].kill()
    redrawing.drop()
    assert media(discord.world.messages[tree.id]) == before
    await plantain.start()
    await until(
        lambda: media(discord.world.messages[tree.id]) not in ([], before),
        within=30,
        describe=discord.describe,
    )
    assert REMOVED in text(discord.world.messages[second.id])

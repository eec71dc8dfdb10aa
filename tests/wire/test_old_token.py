"""An interaction's token ends after 15 minutes, and often the picture is not there by then."""

from __future__ import annotations

import pytest

from tests.fakes.discord import FakeDiscord, Pending, buttons, media, text
from tests.fakes.gemini import ScriptedGemini, refused
from tests.wire.plantain import FAILED, Plantain, only_button, result, until

OLD = 14 * 60 + 59  # seconds: one is left


async def ended(pending: Pending) -> None:
    """Wait until Discord does not take the token any more."""
    await until(lambda: not pending.token_alive, within=20, describe=pending.describe)


@pytest.mark.parametrize("known", [True, False], ids=["by age", "by Discord's answer"])
async def test_the_picture_comes_as_a_message_that_names_the_member(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, known: bool
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(
        anna, discord.channel, "imagine", prompt="a boat", age_seconds=OLD if known else 0
    )
    await working.arrived()
    await pending.ack()
    if known:
        await ended(pending)
    else:
        discord.expire(pending)
    working.release()
    message = await discord.until_message(discord.channel, media)
    assert message.author_id == discord.bot.id
    assert text(message).startswith(anna.mention)
    assert message.pings == frozenset()
    await pending.until_gone()
    assert plantain.posted() == [message]

    assert {"Vary", "Delete"} <= {button.label for button in buttons(message)}
    await result(await discord.click(anna, message, "Vary"))
    asked = await discord.click(anna, message, "Delete")
    question = await asked.until(lambda state: state.ephemeral)
    await discord.press(anna, question, only_button(question))
    await discord.until(lambda: message.id not in discord.world.messages)


async def test_a_failure_is_told_in_the_channel_or_where_that_is_closed_directly(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    gemini.enqueue(refused())
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat", age_seconds=OLD)
    message = await discord.until_message(discord.channel, lambda message: FAILED in text(message))
    assert text(message).startswith(anna.mention)
    await pending.until_gone()

    discord.deny(discord.channel, "send_messages")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat", age_seconds=OLD)
    message = await discord.until_message(discord.dm_channel(anna), media)
    assert {"Vary", "Delete"} <= {button.label for button in buttons(message)}
    await pending.until_gone()


async def test_a_private_picture_comes_directly_and_never_into_the_channel(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    await discord.slash(anna, discord.channel, "imagine", prompt="a secret", private=True, age_seconds=OLD)
    message = await discord.until_message(discord.dm_channel(anna), media)
    assert "a secret" in text(message)
    await plantain.quiet()
    assert plantain.posted() == []
    # The buttons work in the direct messages too.
    await result(await discord.click(anna, message, "Vary"))


async def test_what_reaches_nobody_is_kept_and_handed_over_with_the_next_command(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    anna.dms_open = False
    first = await discord.slash(
        anna, discord.channel, "imagine", prompt="a secret", private=True, age_seconds=OLD
    )
    await first.ack()
    await plantain.quiet()
    delivery = plantain.job(first).delivery
    assert delivery is not None and delivery["state"] == "kept"
    await plantain.restart()

    # Not to somebody else.
    await result(await discord.slash(bert, discord.channel, "imagine", prompt="of bert"))
    following = await discord.slash(anna, discord.channel, "imagine", prompt="the next one")
    await result(following)
    handed = await following.until_answer(lambda message: "a secret" in text(message))
    assert (handed.ephemeral, handed.viewer_id, len(media(handed))) == (True, anna.id, 1)
    await plantain.quiet()
    assert not any("a secret" in text(message) for message in plantain.posted())
    # Once is enough.
    later = await discord.slash(anna, discord.channel, "imagine", prompt="and another")
    await result(later)
    await plantain.quiet()
    assert later.followups == ()


async def test_from_a_server_without_the_bot_it_comes_directly_or_with_the_next_command(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    open_, closed = (discord.add_member(name, outside=True) for name in ("open", "closed"))
    closed.dms_open = False
    pending = [
        await discord.slash(
            member, None, "imagine", context="user_install", prompt=f"of {member.name}", age_seconds=OLD
        )
        for member in (open_, closed)
    ]
    message = await discord.until_message(discord.dm_channel(open_), media)
    assert "of open" in text(message)
    await pending[1].ack()
    await plantain.quiet()
    delivery = plantain.job(pending[1]).delivery
    assert delivery is not None and delivery["state"] == "kept"
    following = await discord.slash(closed, None, "imagine", context="user_install", prompt="next")
    await result(following)
    handed = await following.until_answer(lambda message: "of closed" in text(message))
    assert (handed.ephemeral, len(media(handed))) == (True, 1)
    assert not discord.dms(closed)
